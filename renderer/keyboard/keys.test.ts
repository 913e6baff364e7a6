import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isPress, keyLabel } from './keys.ts';

const none = { ctrlKey: false, metaKey: false, altKey: false, shiftKey: false };

test('a press is its combination, on either kind of keyboard', () => {
  assert.ok(isPress({ ...none, key: 'k', ctrlKey: true }, 'mod+k', false));
  assert.ok(isPress({ ...none, key: 'k', metaKey: true }, 'mod+k', true));
  assert.ok(!isPress({ ...none, key: 'k', ctrlKey: true }, 'mod+k', true));
  assert.ok(!isPress({ ...none, key: 'k', ctrlKey: true }, 'k', false));
  assert.ok(isPress({ ...none, key: 'Z', ctrlKey: true, shiftKey: true }, 'mod+shift+z', false));
  assert.ok(!isPress({ ...none, key: 'Z', ctrlKey: true, shiftKey: true }, 'mod+z', false));
  assert.ok(!isPress({ ...none, key: 'a', altKey: true }, 'a', false));
  assert.ok(isPress({ ...none, key: 'Escape' }, 'escape', false));
  assert.ok(isPress({ ...none, key: ' ' }, 'space', false));
});

test('a sign is what was typed, with or without shift', () => {
  for (const shiftKey of [true, false]) {
    assert.ok(isPress({ ...none, key: '?', shiftKey }, '?', false));
    assert.ok(isPress({ ...none, key: '/', shiftKey }, '/', false));
    assert.ok(isPress({ ...none, key: '+', shiftKey }, '+', false));
  }
});

test('a letter alone never answers to a press with a modifier', () => {
  const modifiers = fc.record({
    ctrlKey: fc.boolean(),
    metaKey: fc.boolean(),
    altKey: fc.boolean(),
    shiftKey: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz'), modifiers, fc.boolean(), (key, held, isMac) => {
      const isBare = !held.ctrlKey && !held.metaKey && !held.altKey && !held.shiftKey;
      assert.equal(isPress({ key, ...held }, key, isMac), isBare);
    }),
  );
});

test('combinations are named as keyboards name them', () => {
  assert.deepEqual(
    ['mod+k', 'mod+shift+z', 'a', 'left', '?', 'escape'].map((keys) => keyLabel(keys, false)),
    ['Ctrl K', 'Ctrl Shift Z', 'A', '←', '?', 'Esc'],
  );
  assert.equal(keyLabel('mod+shift+z', true), '⌘ ⇧ Z');
});
