import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  formatAgo,
  formatBytes,
  formatCount,
  formatDecimal,
  formatDuration,
  formatRate,
  formatShortTime,
  plural,
} from './format.ts';

test('numbers, sizes and times read as people write them', () => {
  assert.equal(formatCount(12_408), '12,408');
  assert.deepEqual([plural(1, 'image', 'images'), plural(0, 'image', 'images')], ['1 image', '0 images']);
  assert.deepEqual([0, 999, 1_000, 3_400_000, 999_950, 123_456_789, 5e15].map(formatBytes), [
    '0 bytes',
    '999 bytes',
    '1 kB',
    '3.4 MB',
    '1 MB',
    '123 MB',
    '5,000 TB',
  ]);
  assert.deepEqual([0, 4_000, 200_000, 7_500_000, 273_600_000].map(formatDuration), [
    '0 s',
    '4 s',
    '3 min 20 s',
    '2 h 5 min',
    '3 d 4 h',
  ]);
  assert.deepEqual([0, 200, 1_000, 1_500, 30_000, 120_000].map(formatShortTime), [
    '0 ms',
    '200 ms',
    '1 s',
    '1.5 s',
    '30 s',
    '2 min',
  ]);
  assert.deepEqual(
    [formatAgo(0, 30_000), formatAgo(0, 120_000), formatAgo(0, 86_400_000)],
    ['just now', '2 minutes ago', 'yesterday'],
  );
  assert.deepEqual([formatRate(0.42, 'images'), formatRate(12.3, 'images')], ['0.4 images/s', '12 images/s']);
});

test('thousands are apart in every number, which is what it says, to a tenth where it has decimals', () => {
  fc.assert(
    fc.property(fc.integer(), fc.double({ min: -1e12, max: 1e12, noNaN: true }), (count, value) => {
      assert.match(formatCount(count), /^-?\d{1,3}(,\d{3})*$/);
      assert.equal(Number(formatCount(count).replaceAll(',', '')), count);
      assert.match(formatDecimal(value), /^-?\d{1,3}(,\d{3})*(\.\d)?$/);
      assert.ok(Math.abs(Number(formatDecimal(value).replaceAll(',', '')) - value) <= 0.051);
    }),
    { numRuns: 500 },
  );
});

test('a size is never shown as a thousand of its unit, and keeps its order', () => {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 900_000_000_000_000 }), (bytes) => {
      const [number, unit] = formatBytes(bytes).split(' ');
      const value = Number(number?.replaceAll(',', ''));
      assert.ok(value < 1000, formatBytes(bytes));
      const scaled = value * 1000 ** units.indexOf(unit ?? '');
      assert.ok(Math.abs(scaled - bytes) <= bytes * 0.051 + 1, formatBytes(bytes));
    }),
  );
});

test('a duration has two units at most and is never off by more than the smaller one', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 10_000_000_000 }), (durationMs) => {
      const parts = formatDuration(durationMs).split(' ');
      assert.ok(parts.length <= 4);
      const unitMs = { d: 86_400_000, h: 3_600_000, min: 60_000, s: 1_000 } as const;
      let totalMs = 0;
      for (let at = 0; at < parts.length; at += 2) {
        totalMs += Number(parts[at]?.replaceAll(',', '')) * unitMs[parts[at + 1] as keyof typeof unitMs];
      }
      // `3 d` may stand for 3 days and minutes: the next unit is what is left out.
      const last = unitMs[parts.at(-1) as keyof typeof unitMs];
      assert.ok(Math.abs(totalMs - durationMs) <= Math.max(500, last), `${durationMs}: ${parts.join(' ')}`);
    }),
  );
});
