import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { throughputSeries, WINDOW_S } from './throughput-series.ts';

const at = (second: number, fetched: number) => ({ at: second * 1000, fetched, bytes: 0 });

test('arrivals are averaged over buckets, quiet ones are nought, and the bucket being filled is left out', () => {
  const points = [at(100, 5), at(102, 5), at(111, 20)];
  assert.deepEqual(throughputSeries(points, 116_000), { times: [100, 105, 110], images: [2, 0, 4] });
  assert.deepEqual(throughputSeries(points, null), { times: [100, 105, 110], images: [2, 0, 4] });
  assert.deepEqual(throughputSeries([], 116_000), { times: [], images: [] });
});

test('the series is even, bounded, and of an ended job holds all arrivals within the window', () => {
  const seconds = fc.uniqueArray(fc.integer({ min: 1_000_000, max: 1_000_500 }), { minLength: 1, maxLength: 100 });
  fc.assert(
    fc.property(seconds, fc.integer({ min: 1, max: 50 }), (list, each) => {
      const points = list.sort((a, b) => a - b).map((second) => at(second, each));
      const { times, images } = throughputSeries(points, null);
      assert.ok(times.length <= WINDOW_S / 5);
      for (const [index, time] of times.entries()) assert.equal(time, (times[0] ?? 0) + 5 * index);
      const total = images.reduce((sum, image) => sum + image, 0) * 5;
      assert.ok(Math.abs(total - each * points.length) < 1e-6);
    }),
  );
});
