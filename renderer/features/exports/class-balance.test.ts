import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bothEnds, classBalance } from './class-balance.ts';

test('labels come with the most images first, those of the dataset without any too, and what has no label last', () => {
  const total = [
    { value: '', count: 900 },
    { value: 'robin', count: 400 },
    { value: 'wren', count: 39 },
    { value: 'finch', count: 40 },
  ];
  const train = [
    { value: 'robin', count: 300 },
    { value: 'wren', count: 39 },
  ];
  const { rows, largest, scarce } = classBalance(['robin', 'wren', 'owl', 'finch'], total, [train]);
  assert.deepEqual(
    rows.map(({ label, count, bySplit, isScarce }) => [label, count, ...bySplit, isScarce]),
    [
      ['robin', 400, 300, false],
      ['finch', 40, 0, false],
      ['wren', 39, 39, true],
      ['owl', 0, 0, true],
      ['', 900, 0, false],
    ],
  );
  assert.equal(largest, 'robin');
  assert.deepEqual(scarce, ['wren', 'owl']);
});

test('nothing is uneven where no image has a label', () => {
  assert.deepEqual(classBalance(['robin'], [{ value: '', count: 12 }], []).scarce, []);
  assert.equal(classBalance(['robin'], [{ value: '', count: 12 }], []).largest, null);
  assert.deepEqual(classBalance([], [], []).rows, []);
});

test('no image is lost, and what is scarce does not change with the size of the dataset', () => {
  const counts = fc.uniqueArray(
    fc.record({ value: fc.constantFrom('', 'a', 'b', 'c', 'd', 'e'), count: fc.integer({ min: 0, max: 10_000 }) }),
    { selector: ({ value }) => value },
  );
  fc.assert(
    fc.property(counts, fc.integer({ min: 1, max: 50 }), (total, times) => {
      const balance = classBalance(['a', 'b'], total, [total]);
      const sum = total.reduce((all, { count }) => all + count, 0);
      assert.equal(
        balance.rows.reduce((all, { count }) => all + count, 0),
        sum,
      );
      assert.ok(balance.rows.every(({ count, bySplit }) => bySplit[0] === count));
      const larger = total.map(({ value, count }) => ({ value, count: count * times }));
      assert.deepEqual(classBalance(['a', 'b'], larger, []).scarce, balance.scarce);
    }),
    { numRuns: 200 },
  );
});

test('a long list is shown from both ends, and nothing is hidden to save a line', () => {
  fc.assert(
    fc.property(fc.array(fc.integer(), { maxLength: 60 }), fc.integer({ min: 1, max: 10 }), (rows, each) => {
      const { first, between, last } = bothEnds(rows, each);
      assert.equal(first.length + between + last.length, rows.length);
      assert.notEqual(between, 1);
      assert.ok(first.length + last.length <= 2 * each + 1);
      assert.deepEqual([first, last], [rows.slice(0, first.length), rows.slice(rows.length - last.length)]);
    }),
    { numRuns: 200 },
  );
});
