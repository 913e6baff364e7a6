import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { remainingMs } from './remaining-time.ts';

test('what remains is told of what runs, and only once there is something to go by', () => {
  assert.equal(remainingMs({ state: 'active', progress: 25, durationMs: 10_000 }), 30_000);
  assert.equal(remainingMs({ state: 'active', progress: 100, durationMs: 10_000 }), 0);
  assert.equal(remainingMs({ state: 'active', progress: 1, durationMs: 10_000 }), null);
  assert.equal(remainingMs({ state: 'active', progress: 50, durationMs: 1_000 }), null);
  assert.equal(remainingMs({ state: 'paused', progress: 25, durationMs: 10_000 }), null);
});

test('more progress in the same time never means more time left', () => {
  const progress = fc.double({ min: 2, max: 100, noNaN: true });
  fc.assert(
    fc.property(progress, progress, fc.integer({ min: 3_000, max: 1e9 }), (one, other, durationMs) => {
      const [less, more] = one < other ? [one, other] : [other, one];
      const left = (value: number) => remainingMs({ state: 'active', progress: value, durationMs }) ?? 0;
      assert.ok(left(less) >= left(more));
    }),
  );
});
