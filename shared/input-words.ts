/** What is wrong with an input, in words for a person: where, what was expected, what came. */

import type { z } from 'zod';

type Issue = z.core.$ZodIssue;

/** Problems told at once. */
const TOLD = 5;
/** Longer texts are told by their length. */
const QUOTED_CHARACTERS = 100;

const TYPES: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};

/** @param input what the issues are about, as it came */
export function inputWords(issues: readonly Issue[], input: unknown): string {
  return issues
    .flatMap(nearest)
    .slice(0, TOLD)
    .map((issue) => {
      const where = issue.path.length === 0 ? '' : `${issue.path.map(String).join('.')}: `;
      return `${where}${expectedWords(issue)}, got ${gotWords(valueAt(input, issue.path))}`;
    })
    .join('; ');
}

/**
 * What was expected; the schema's own words where it has some, which begin with "expected".
 * @param scale divides limits, for values that their user gives in another unit. Default 1
 */
export function expectedWords(issue: Issue, scale = 1): string {
  if (issue.message.startsWith('expected')) return issue.message;
  switch (issue.code) {
    case 'invalid_type':
      return `expected ${TYPES[issue.expected] ?? issue.expected}`;
    case 'too_big':
      return `expected ${issue.inclusive === false ? 'less than' : 'at most'} ${limit(issue.maximum, scale)}${unit(issue.origin)}`;
    case 'too_small':
      return `expected ${issue.inclusive === false ? 'more than' : 'at least'} ${limit(issue.minimum, scale)}${unit(issue.origin)}`;
    case 'invalid_value':
      return `expected ${issue.values.length === 1 ? '' : 'one of '}${issue.values.map(String).join(', ')}`;
    case 'invalid_format':
      return issue.format === 'url' ? 'expected a web address (http or https)' : `expected the format ${issue.format}`;
    case 'unrecognized_keys':
      return `expected no ${issue.keys.map((key) => `"${key}"`).join(', ')}`;
    case 'not_multiple_of':
      return `expected a multiple of ${issue.divisor}`;
    case 'invalid_union': {
      const ways = issue.errors.map((errors) => errors.map((each) => expectedWords(each).slice('expected '.length)));
      return ways.length === 0
        ? 'expected another value'
        : `expected ${ways.map((way) => way.join(' and ')).join(', or ')}`;
    }
    default:
      return 'expected another value';
  }
}

function limit(value: number | bigint, scale: number): number {
  return Number(value) / scale;
}

function unit(origin: string): string {
  return { string: ' characters', array: ' of them' }[origin] ?? '';
}

/** Of a choice between forms, the issues of the form that came: those that lie inside of it. */
function nearest(issue: Issue): Issue[] {
  if (issue.code !== 'invalid_union') return [issue];
  const form = issue.errors.find((errors) => errors.length > 0 && errors.every(({ path }) => path.length > 0));
  if (form === undefined) return [issue];
  return form.flatMap((each) => nearest({ ...each, path: [...issue.path, ...each.path] }));
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown> | null | undefined)?.[key], input);
}

function gotWords(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'string') {
    return value.length > QUOTED_CHARACTERS ? `${value.length} characters` : JSON.stringify(value);
  }
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object' && value !== null) return 'an object';
  return String(value);
}
