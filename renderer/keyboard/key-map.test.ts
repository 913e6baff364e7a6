import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KEY_MAP, type KeyRow, keyRowOf } from './key-map.ts';
import { isPress } from './keys.ts';

const screens = Object.entries(KEY_MAP).map(([name, { rows }]) => ({ name, rows: Object.entries<KeyRow>(rows) }));

/** What a keyboard sends for a combination. */
function press(combination: string) {
  const parts = combination.split('+');
  const key = combination === '+' ? '+' : (parts.at(-1) ?? '');
  const names: Record<string, string> = { space: ' ', left: 'ArrowLeft', right: 'ArrowRight', up: 'ArrowUp' };
  return {
    key: names[key] ?? (key === 'down' ? 'ArrowDown' : key),
    ctrlKey: parts.includes('mod'),
    metaKey: false,
    altKey: false,
    shiftKey: parts.includes('shift'),
  };
}

test('on a screen each key does one thing, and none that works everywhere is taken', () => {
  const everywhere = Object.entries<KeyRow>(KEY_MAP.everywhere.rows);
  for (const { name, rows } of screens) {
    const all = name === 'everywhere' ? rows : [...rows, ...everywhere];
    for (const [id, { keys }] of rows) {
      for (const combination of keys) {
        const taken = all.filter(([, row]) => row.keys.some((each) => isPress(press(combination), each, false)));
        assert.deepEqual(
          taken.map(([other]) => other),
          [id],
          `${name}: ${combination}`,
        );
      }
    }
  }
});

test('what is done most has the same keys wherever images are decided about', () => {
  const wanted = { accept: 'a', quarantine: 'q', reject: 'r', preview: 'space', search: '/' };
  for (const screen of ['browse', 'review', 'groups']) {
    for (const [what, key] of Object.entries(wanted)) assert.ok(keyRowOf(`${screen}.${what}`)?.keys.includes(key));
    assert.equal(keyRowOf(`${screen}.label`)?.keys.join(''), '123456789');
  }
  for (const screen of ['browse', 'groups']) {
    assert.deepEqual([keyRowOf(`${screen}.smaller`)?.keys, keyRowOf(`${screen}.larger`)?.keys], [['['], [']']]);
  }
});

test('ids are unique', () => {
  const ids = screens.flatMap(({ rows }) => rows.map(([id]) => id));
  assert.equal(new Set(ids).size, ids.length);
});
