import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  displayWidth,
  formatBytes,
  formatClock,
  formatCount,
  formatDuration,
  formatPercent,
  formatRate,
  formatRemaining,
  harmless,
  inWords,
  plural,
  truncate,
} from './format.ts';

function table<T>(format: (value: T) => string, cases: readonly (readonly [T, string])[]): void {
  for (const [value, expected] of cases) assert.equal(format(value), expected, String(value));
}

test('counts and sizes are written as people write them', () => {
  table(formatCount, [
    [0, '0'],
    [999, '999'],
    [12_408, '12,408'],
  ]);
  table(formatBytes, [
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.0 kB'],
    [999_949, '999.9 kB'],
    [999_950, '1.0 MB'],
    [3_400_000, '3.4 MB'],
    [2 ** 50, '1.1 PB'],
  ]);
  assert.equal(plural(1, 'sample'), '1 sample');
  assert.equal(plural(1200, 'sample'), '1,200 samples');
});

test('durations never show a unit that is full', () => {
  table(formatDuration, [
    [0, '0 ms'],
    [830, '830 ms'],
    [12_345, '12.3 s'],
    [59_960, '1 min'],
    [83_000, '1 min 23 s'],
    [3_599_900, '1 h'],
    [7_500_000, '2 h 5 min'],
    [86_399_000, '1 d'],
    [100_800_000, '1 d 4 h'],
  ]);
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 10 ** 10 }), (durationMs) => {
      assert.doesNotMatch(formatDuration(durationMs), /\b(60 s|60 min|24 h|60\.0 s|1000 ms)/);
    }),
  );
});

test('a clock has seconds of two digits', () => {
  table(formatClock, [
    [9999, '0:09'],
    [83_000, '1:23'],
    [7_500_000, '2:05:00'],
  ]);
});

test('an estimate has one unit and is never nothing', () => {
  table(formatRemaining, [
    [0, 'about 5 s'],
    [41_000, 'about 40 s'],
    [59_000, 'about 1 min'],
    [3_500_000, 'about 1 h'],
    [200_000_000, 'about 2 d'],
  ]);
});

test('100 % is only said at the end', () => {
  table(formatPercent, [
    [99.99, '99 %'],
    [100, '100 %'],
  ]);
  table(formatRate, [
    [48.3, '48/s'],
    [4.83, '4.8/s'],
    [0.254, '0.25/s'],
  ]);
  assert.equal(inWords('pagesDone'), 'pages done');
});

test('hostile text cannot steer a terminal', () => {
  assert.equal(harmless('a\u001b[31mb\u009b1mc\u0007'), 'a\ufffd[31mb\ufffd1mc\ufffd');
  assert.equal(harmless('one\r\ntwo\tthree'), 'one two three');
  assert.equal(harmless('photo\u202egpj.exe'), 'photo\ufffdgpj.exe');
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 0x20ff })), (codes) => {
      assert.doesNotMatch(harmless(String.fromCodePoint(...codes)), /[\p{Cc}\u202a-\u202e\u2066-\u2069]/u);
    }),
  );
});

test('widths count what a terminal shows', () => {
  assert.equal(displayWidth('abc'), 3);
  assert.equal(displayWidth('鳥の写真'), 8);
  assert.equal(displayWidth('e\u0301'), 1);
  assert.equal(displayWidth('\u001b[1mbold\u001b[22m'), 4);
  assert.equal(displayWidth('🐦'), 2);
  assert.equal(truncate('鳥の写真', 5), '鳥の…');
  assert.equal(truncate('abc', 3), 'abc');
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 0, max: 40 }), (text, columns) => {
      assert.ok(displayWidth(truncate(harmless(text), columns)) <= columns);
    }),
  );
});
