/** Which jobs the list shows. */

import type { JobState } from '../../../shared/vocabulary.ts';

export type Shown = 'all' | 'unfinished' | 'ended';

/** The states to ask for; null asks for all. */
export const SHOWN_STATES: Readonly<Record<Shown, readonly JobState[] | null>> = {
  all: null,
  unfinished: ['waiting', 'active', 'paused'],
  ended: ['completed', 'completed-with-errors', 'failed', 'cancelled'],
};

/** Whether a word of an address is one of them. */
export function isShown(word: string | null): word is Shown {
  return word !== null && Object.hasOwn(SHOWN_STATES, word);
}
