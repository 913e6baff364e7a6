import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { paletteMatch } from './palette-match.ts';

test('words are found where they begin a word, then within one, and not across letters', () => {
  assert.equal(paletteMatch('set', ['Settings']), 1);
  assert.equal(paletteMatch('set', ['Reset the view']), 0.5);
  assert.equal(paletteMatch('set', ['Select all that match']), 0);
  assert.equal(paletteMatch('birds gar', ['Garden', 'Birds']), 1);
  assert.equal(paletteMatch('', ['Anything']), 1);
});

test('whatever something is called, its own name finds it', () => {
  fc.assert(fc.property(fc.string(), (name) => assert.ok(paletteMatch(name, [name]) > 0)));
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z]{1,9}( [a-z]{1,9}){0,3}$/), (name) =>
      assert.equal(paletteMatch(name.slice(0, 3), [name]), 1),
    ),
  );
});
