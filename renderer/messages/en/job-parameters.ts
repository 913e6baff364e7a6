import { formatBytes, formatCount, formatShortTime } from '../format.ts';
import { OVERRIDES } from './crawls.ts';
import { ARCHIVES, FORMATS } from './exports.ts';
import { STATUS } from './samples.ts';
import { RULES } from './settings.ts';

type Words = Readonly<Record<string, string>>;

/** What a job was asked for, in the order it is shown. */
export const PARAMETER_NAMES: Words = {
  sources: 'Sources',
  label: 'Label',
  maxImages: 'Images at most',
  maxPages: 'Pages at most',
  depth: 'Links followed',
  perHost: 'Requests at a time to one site',
  delayMs: 'Gap between requests to one site',
  timeoutMs: 'Time for one request',
  include: 'Only',
  exclude: 'Not',
  allowHosts: 'Private hosts allowed',
  overrideConsent: 'Refusals gone past',
  paths: 'From',
  labelsFrom: 'Labels from',
  mode: 'Files',
  level: 'How thoroughly',
  rules: 'Rules that differ',
  dryRun: 'Trial only',
  format: 'Format',
  archive: 'Written as',
  hardLinks: 'Hard links',
  outPath: 'To',
  statuses: 'Which samples',
  name: 'Name',
};

/** Values that are words of the vocabulary, by parameter. */
const CHOICES: Readonly<Record<string, Words>> = {
  overrideConsent: OVERRIDES,
  labelsFrom: {
    folders: 'Folder names',
    'given-folders': 'Folder names, those of the given folders too',
    none: 'None',
  },
  mode: { copy: 'Copied', link: 'Linked' },
  level: { fast: 'Fast', medium: 'Medium', slow: 'Slow' },
  format: Object.fromEntries(Object.entries(FORMATS).map(([format, { title }]) => [format, title])),
  archive: ARCHIVES,
  statuses: STATUS,
};

/**
 * One value of a parameter, or of a rule, in words: durations and sizes with their units. What is of another version stays as
 * it is.
 */
export function parameterText(name: string, value: unknown): string {
  if (typeof value === 'boolean') return value ? 'Yes' : 'No';
  if (typeof value !== 'number') return CHOICES[name]?.[String(value)] ?? String(value);
  if (name.endsWith('Ms')) return value === 0 ? 'None' : formatShortTime(value);
  if (name.endsWith('Bytes')) return formatBytes(value);
  const unit = RULES[name]?.unit ?? (name.endsWith('Px') ? 'px' : null);
  return unit === null ? formatCount(value) : `${formatCount(value)} ${unit}`;
}

/** What a rule is called. */
export function ruleTitle(name: string): string {
  return RULES[name]?.title ?? name;
}
