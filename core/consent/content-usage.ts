/**
 * `Content-Usage` (draft-ietf-aipref-attach): a structured-field dictionary of usage preferences, as a response header
 * and as a rule of robots.txt. `train-ai=n` asks that the content train no model. Cloudflare's `Content-Signal` says the
 * same as `ai-train=no` in a robots.txt rule of the same shape.
 */

/** Longer values are not read further; the draft asks for no more than a sane limit. */
const MAX_VALUE_LENGTH = 16 * 1024;

/** - `reserved`: no training - `granted`: training is fine - null: nothing was said about it. */
export type TrainingPreference = 'reserved' | 'granted' | null;

/**
 * Reads what one or several `Content-Usage` values say about training. Malformed members are passed over; when values
 * conflict the reservation holds.
 *
 * @param values header values, or the value of one robots.txt rule without its path
 */
export function parseTrainingPreference(values: readonly string[]): TrainingPreference {
  let preference: TrainingPreference = null;
  for (const value of values) {
    for (const member of value.slice(0, MAX_VALUE_LENGTH).split(',')) {
      const separator = member.indexOf('=');
      if (separator === -1) continue;
      const key = member.slice(0, separator).trim().toLowerCase();
      if (key !== 'train-ai' && key !== 'ai-train') continue;
      const token = (member.slice(separator + 1).split(';')[0] as string).trim().toLowerCase();
      if (token === 'n' || token === 'no') return 'reserved';
      if (token === 'y' || token === 'yes') preference = 'granted';
    }
  }
  return preference;
}
