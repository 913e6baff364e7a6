/** Values of options and arguments: read strictly, with errors that say what was expected. */

import { InvalidArgumentError } from 'commander';
import type { ZodType, z } from 'zod';
import { expectedWords } from '../shared/input-words.ts';
import { UsageError } from './errors.ts';
import { harmless } from './format.ts';

/** A whole number of at least `least`. */
export function wholeNumber(least: number): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (Number.isSafeInteger(value) && value >= least) return value;
    throw new InvalidArgumentError(`Expected a whole number, ${least} or more.`);
  };
}

/** Seconds, whole or not, as whole milliseconds. */
export function seconds(text: string): number {
  const value = /^\d+(\.\d+)?$/.test(text) ? Math.round(Number(text) * 1000) : Number.NaN;
  if (Number.isSafeInteger(value)) return value;
  throw new InvalidArgumentError('Expected a number of seconds.');
}

/** Exactly one of some words. */
export function oneOf<T extends string>(words: readonly T[]): (text: string) => T {
  return (text) => {
    const found = words.find((word) => word === text);
    if (found !== undefined) return found;
    throw new InvalidArgumentError(`Expected ${words.length > 1 ? 'one of ' : ''}${words.join(', ')}.`);
  };
}

/** An option that may be given more than once; `read` is applied to each value. */
export function collect<T>(read: (text: string) => T): (text: string, before: readonly T[] | undefined) => T[] {
  return (text, before) => [...(before ?? []), read(text)];
}

/** Text as it is, but not nothing. */
export function text(value: string): string {
  if (value.trim() !== '') return value;
  throw new InvalidArgumentError('Expected a value, got nothing.');
}

/**
 * An option that must be given. Not the parser's own way: that one complains before it has seen a misspelt option.
 * @throws UsageError that says what was expected
 */
export function required<T>(value: T | undefined, expected: string): T {
  if (value !== undefined) return value;
  throw new UsageError(`Expected ${expected}, got nothing.`);
}

/** `a,b , c` is three words. */
export function commaSeparated(value: string): string[] {
  const words = value
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
  if (words.length > 0) return words;
  throw new InvalidArgumentError('Expected names with commas between them.');
}

/** The number of a job, as `12` or `#12`. */
export function jobNumber(value: string): number {
  const digits = /^#?(\d+)$/.exec(value)?.[1];
  const number = digits === undefined ? Number.NaN : Number(digits);
  if (Number.isSafeInteger(number) && number > 0) return number;
  throw new InvalidArgumentError('Expected the number of a job, as "pixcrawler jobs list" shows it.');
}

/** How one field of a contract input is called on the command line. */
interface FlagName {
  readonly flag: string;
  /** Units of the contract in one unit of the flag; 1 when absent. */
  readonly scale?: number;
}

/**
 * Checks values against the contract before the core is opened, and names the flag that is wrong.
 * The limits stay in the contract.
 */
export function checkInput<T extends ZodType>(
  schema: T,
  values: Readonly<Record<string, unknown>>,
  flags: Readonly<Record<string, FlagName>>,
): z.output<T> {
  // What was not given is absent, not undefined: the core compares inputs to find the job to go on with.
  const given = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => {
    const field = String(issue.path[0]);
    const { flag, scale = 1 } = flags[field] ?? { flag: field };
    const value = issue.path.reduce<unknown>((inner, key) => (inner as Record<PropertyKey, unknown>)?.[key], values);
    return `${flag}: ${expectedWords(issue, scale)}${got(value, scale)}`;
  });
  throw new UsageError([...new Set(problems)].join('\n'));
}

function got(value: unknown, scale: number): string {
  if (typeof value === 'number') return `, got ${value / scale}`;
  if (Array.isArray(value)) return `, got ${value.length}`;
  if (typeof value !== 'string') return '';
  return value.length > 100 ? `, got ${value.length} characters` : `, got "${harmless(value)}"`;
}
