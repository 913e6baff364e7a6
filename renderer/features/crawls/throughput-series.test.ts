import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { throughputSeries } from './throughput-series.ts';

test('a line has a value for each second that it ran, smoothed over five of them', () => {
  const { times, values } = throughputSeries([
    { at: 10_000, fetched: 10, bytes: 1 },
    { at: 11_000, fetched: 0, bytes: 0 },
    // It rested for nine minutes.
    { at: 551_000, fetched: 5, bytes: 1 },
    { at: 552_000, fetched: 1, bytes: 1 },
  ]);
  assert.deepEqual(times, [10, 11, 551, 552]);
  assert.deepEqual(values, [10, 5, 5, 4]);
  assert.deepEqual(throughputSeries([]), { times: [], values: [] });
});

test('pauses change nothing but the times', () => {
  const seconds = fc.array(fc.record({ restS: fc.nat(10_000), fetched: fc.nat(100) }), { maxLength: 50 });
  fc.assert(
    fc.property(seconds, (given) => {
      let second = 0;
      const rested = given.map(({ restS, fetched }) => {
        second += 1 + restS;
        return { at: second * 1000, fetched, bytes: 0 };
      });
      const straight = given.map(({ fetched }, index) => ({ at: index * 1000, fetched, bytes: 0 }));
      const series = throughputSeries(rested);
      assert.deepEqual(series.values, throughputSeries(straight).values);
      assert.deepEqual(
        series.times,
        rested.map(({ at }) => at / 1000),
      );
      assert.ok(series.values.every((value) => value >= 0));
    }),
  );
});
