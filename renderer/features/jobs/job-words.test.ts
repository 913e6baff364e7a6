import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { NO_COUNTS } from '../../../shared/contract/jobs.ts';
import { imagesPerSecond, remainingMs, sortedReasons } from './job-words.ts';

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

test('a rate counts what was settled', () => {
  assert.equal(imagesPerSecond({ counts: { ...NO_COUNTS, fetched: 30, refused: 10 }, durationMs: 4_000 }), 10);
  assert.equal(imagesPerSecond({ counts: NO_COUNTS, durationMs: 4_000 }), null);
});

test('reasons come with the most frequent first, and none that is over', () => {
  assert.deepEqual(sortedReasons({ timeout: 2, blurred: 5, flat: 2, gone: 0 }), [
    { reason: 'blurred', count: 5 },
    { reason: 'flat', count: 2 },
    { reason: 'timeout', count: 2 },
  ]);
});
