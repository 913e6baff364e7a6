import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { displayWidth, harmless } from './format.ts';
import { renderPairs, renderTable } from './table.ts';

const HEADER = [
  { title: 'ID', align: 'right' },
  { title: 'NAME', flexible: true },
  { title: 'FROM', flexible: true },
] as const;

test('columns line up, also around wide characters', () => {
  assert.deepEqual(
    renderTable(
      HEADER,
      [
        ['7', '鳥', 'x'],
        ['12', 'robin', 'y'],
      ],
      undefined,
    ),
    ['ID  NAME   FROM', ' 7  鳥     x', '12  robin  y'],
  );
});

test('the widest flexible column gives way first', () => {
  const lines = renderTable(HEADER, [['7', 'robin', `https://example.org/${'a'.repeat(100)}`]], 30);
  assert.equal(lines[1], ' 7  robin  https://example.or…');
});

test('a table fits its terminal while the columns can still shrink', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.string({ maxLength: 60 }), fc.string({ unit: 'grapheme', maxLength: 60 })), {
        maxLength: 5,
      }),
      fc.integer({ min: 24, max: 120 }),
      (rows, columns) => {
        const cells = rows.map(([name, from], index) => [String(index), harmless(name), harmless(from)]);
        for (const line of renderTable(HEADER, cells, columns)) assert.ok(displayWidth(line) <= columns, line);
      },
    ),
  );
});

test('pairs align their numbers', () => {
  assert.deepEqual(
    renderPairs([
      ['accepted', '1,240'],
      ['failed', '3'],
    ]),
    ['  accepted  1,240', '  failed        3'],
  );
});
