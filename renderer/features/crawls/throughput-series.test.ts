import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { throughputSeries } from './throughput-series.ts';

test('a line has a value for each second, smoothed over five', () => {
  const { times, values } = throughputSeries(
    [
      { at: 10_000, fetched: 10, bytes: 1 },
      { at: 12_000, fetched: 5, bytes: 1 },
    ],
    13_500,
  );
  assert.deepEqual(times, [10, 11, 12, 13]);
  assert.deepEqual(values, [10, 5, 5, 3.75]);
  assert.deepEqual(throughputSeries([], 1), { times: [], values: [] });
});

test('it is never longer than ten minutes and never negative', () => {
  const points = fc.uniqueArray(
    fc.record({ at: fc.integer({ min: 0, max: 2_000 }).map((s) => s * 1000), fetched: fc.nat(100), bytes: fc.nat() }),
    {
      selector: ({ at }) => at,
      maxLength: 50,
    },
  );
  fc.assert(
    fc.property(points, fc.integer({ min: 0, max: 3_000_000 }), (given, after) => {
      const sorted = given.sort((a, b) => a.at - b.at);
      const { times, values } = throughputSeries(sorted, (sorted.at(-1)?.at ?? 0) + after);
      assert.equal(times.length, values.length);
      assert.ok(times.length <= 601);
      assert.ok(values.every((value) => value >= 0));
      assert.ok(times.every((time, index) => index === 0 || time === (times[index - 1] ?? 0) + 1));
    }),
  );
});
