/** Settings as a person types them: seconds and megabytes instead of milliseconds and bytes. */

import type { Setting } from '../../../shared/contract/settings.ts';
import { formatDecimal } from '../../messages/format.ts';

/** How many of the setting's own unit are one of what is shown. */
function scaleOf(name: string): number {
  if (name.endsWith('Ms')) return 1_000;
  if (name.endsWith('Bytes')) return 1_000_000;
  return 1;
}

/** What stands in the field. Numbers have three decimals at most: enough for a millisecond. */
export function fieldText(name: string, value: Setting['value']): string {
  if (typeof value !== 'number') return String(value);
  return String(Number((value / scaleOf(name)).toFixed(3)));
}

/** The default as it is told beside the field; '' for texts that are empty by default. */
export function defaultText(name: string, value: Setting['value'], unit: string | undefined): string {
  if (typeof value !== 'number') return String(value);
  const number = formatDecimal(Number((value / scaleOf(name)).toFixed(1)));
  return unit === undefined ? number : `${number} ${unit}`;
}

/** As the interface writes numbers. `0,250` is none of these: nothing begins with a group of zeros. */
const THOUSANDS_APART = /^-?[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?$/;

/**
 * What is sent for what was typed; null when that is no number where one is needed. The host judges the rest.
 * @param current the value that holds: it tells whether a number is needed
 */
export function settingValue(name: string, typed: string, current: Setting['value']): string | null {
  const text = typed.trim();
  if (typeof current !== 'number') return text;
  const number = Number(THOUSANDS_APART.test(text) ? text.replaceAll(',', '') : text.replace(',', '.'));
  if (text === '' || !Number.isFinite(number)) return null;
  const scale = scaleOf(name);
  return String(scale === 1 ? number : Math.round(number * scale));
}
