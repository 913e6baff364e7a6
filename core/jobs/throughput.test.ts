import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Throughput } from './throughput.ts';

test('what is fetched is counted once, in its second, and the last ten minutes are remembered', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ afterMs: fc.integer({ min: 0, max: 3_000 }), fetched: fc.nat(50) }), { maxLength: 300 }),
      (steps) => {
        const throughput = new Throughput();
        let now = 1_000_000;
        let fetched = 0;
        throughput.record(1, { fetched, bytes: 0 }, now);
        for (const step of steps) {
          now += step.afterMs;
          fetched += step.fetched;
          throughput.record(1, { fetched, bytes: fetched * 10 }, now);
        }
        const points = throughput.of(1);
        assert.equal(
          points.reduce((sum, point) => sum + point.fetched, 0),
          fetched,
        );
        assert.equal(
          points.reduce((sum, point) => sum + point.bytes, 0),
          fetched * 10,
        );
        assert.equal(new Set(points.map((point) => point.at)).size, points.length);
        assert.ok(points.every((point) => point.at % 1000 === 0));
      },
    ),
  );
  const long = new Throughput();
  for (let second = 0; second < 1_000; second++) long.record(2, { fetched: second, bytes: 0 }, second * 1000);
  assert.equal(long.of(2).length, 600);
  assert.equal(long.of(2).at(-1)?.at, 999_000);
  for (let job = 3; job < 40; job++) long.record(job, { fetched: 1, bytes: 1 }, 0);
  assert.deepEqual(long.of(2), []);
});
