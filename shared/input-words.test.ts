import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { z } from 'zod';
import { inputWords } from './input-words.ts';

function wordsFor(schema: z.ZodType, input: unknown): string {
  const { error } = schema.safeParse(input);
  return error === undefined ? '' : inputWords(error.issues, input);
}

test('what was expected and what came is said in words', () => {
  const source = z.union([z.string(), z.object({ source: z.string(), label: z.string() })]);
  for (const [schema, input, words] of [
    [z.int(), 'a', 'expected a number, got "a"'],
    [z.int(), 1.5, 'expected a whole number, got 1.5'],
    [z.int().positive(), 0, 'expected more than 0, got 0'],
    [z.int().max(8), 9, 'expected at most 8, got 9'],
    [z.string().max(3), 'abcd', 'expected at most 3 characters, got "abcd"'],
    [z.string().max(3), 'x'.repeat(101), 'expected at most 3 characters, got 101 characters'],
    [z.array(z.string()).min(1), [], 'expected at least 1 of them, got a list of 0'],
    [z.object({ a: z.string() }), {}, 'a: expected text, got nothing'],
    [z.object({ a: z.boolean() }), { a: null }, 'a: expected true or false, got null'],
    [z.record(z.string(), z.unknown()), [], 'expected an object, got a list of 0'],
    [z.enum(['zip', 'tar']), 'rar', 'expected one of zip, tar, got "rar"'],
    [z.literal(1), 2, 'expected 1, got 2'],
    [z.url(), 'nowhere', 'expected a web address (http or https), got "nowhere"'],
    [z.strictObject({}), { q: 1 }, 'expected no "q", got an object'],
    [z.array(source), [{ source: 'x' }], '0.label: expected text, got nothing'],
    [z.array(source), [4], '0: expected text, or an object, got 4'],
    [z.string().regex(/a/, 'expected an a'), 'b', 'expected an a, got "b"'],
    [z.string().refine(() => false), 'b', 'expected another value, got "b"'],
  ] as const) {
    assert.equal(wordsFor(schema, input), words);
  }
});

test('no input of any kind brings a text of the validator out', () => {
  const schema = z.object({
    id: z.int().positive(),
    name: z.string().trim().min(1).max(5),
    kind: z.enum(['a', 'b']),
    of: z.array(z.union([z.string(), z.object({ source: z.string() })])).min(1),
  });
  const value = fc.oneof(fc.anything(), fc.record({ id: fc.anything(), name: fc.string(), of: fc.anything() }));
  fc.assert(
    fc.property(value, (input) => {
      for (const part of wordsFor(schema, input).split('; '))
        assert.doesNotMatch(part, /Invalid|Too (?:big|small)|undefined/);
    }),
    { numRuns: 500 },
  );
});
