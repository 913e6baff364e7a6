import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { initialsOf } from './initials.ts';

test('two words give a letter each, and one word two', () => {
  const names = ['Field guide', 'owls', 'birds-of_prey 2026', 'x', 'éclair 2', '鳥の写真', '“Quoted” name', '🦉🦉🦉'];
  assert.deepEqual(names.map(initialsOf), ['FG', 'OW', 'BO', 'X', 'É2', '鳥の', 'QN', '🦉🦉']);
});

test('whatever the name, something short stands for it', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }), (name) => {
      fc.pre(name.trim() !== '');
      const initials = initialsOf(name);
      assert.notEqual(initials, '');
      assert.equal(initials, initialsOf(`  ${name} `));
    }),
    { numRuns: 300 },
  );
});
