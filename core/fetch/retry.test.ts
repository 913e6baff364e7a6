import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { MAX_RETRY_AFTER_MS, parseRetryAfter, retryDelayMs } from './retry.ts';

const NOW = Date.UTC(2026, 10, 22, 12, 0, 0);
const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

/** The three forms of RFC 9110 section 5.6.7. */
function formsOf(time: number): string[] {
  const date = new Date(time);
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = DAYS[date.getUTCDay()]!;
  const month = MONTHS[date.getUTCMonth()]!;
  const clock = `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`;
  const dayOfMonth = date.getUTCDate();
  const year = date.getUTCFullYear();
  return [
    date.toUTCString(),
    `${day}, ${two(dayOfMonth)}-${month}-${two(year % 100)} ${clock} GMT`,
    `${day.slice(0, 3)} ${month} ${String(dayOfMonth).padStart(2, ' ')} ${clock} ${year}`,
  ];
}

describe('parseRetryAfter', () => {
  it('reads seconds', () => {
    fc.assert(
      fc.property(fc.nat(10_000_000), (seconds) => {
        assert.equal(parseRetryAfter(` ${seconds} `, NOW), Math.min(seconds * 1_000, MAX_RETRY_AFTER_MS));
      }),
    );
    assert.equal(parseRetryAfter('9'.repeat(400), NOW), MAX_RETRY_AFTER_MS);
  });

  it('reads dates in all three forms', () => {
    fc.assert(
      fc.property(fc.integer({ min: -400_000, max: 400_000 }), (seconds) => {
        const expected = Math.min(Math.max(seconds * 1_000, 0), MAX_RETRY_AFTER_MS);
        for (const form of formsOf(NOW + seconds * 1_000)) assert.equal(parseRetryAfter(form, NOW), expected, form);
      }),
      { numRuns: 500 },
    );
  });

  it('takes malformed values for none', () => {
    const malformed = [
      '',
      ' ',
      'soon',
      '-1',
      '+5',
      '1.5',
      '1e3',
      '0x10',
      '5 s',
      '1, 2',
      '１０',
      'Sun, 22 Nov 2026 25:00:00 GMT',
      'Sun, 32 Nov 2026 12:00:00 GMT',
      'Sun, 30 Feb 2026 12:00:00 GMT',
      'Sun, 22 Nov 2026 12:00:00',
      'Sun, 22 Nov 2026 12:00:00 +0100',
      '2026-11-22T12:00:00Z',
      'Sun, 22 Foo 2026 12:00:00 GMT',
    ];
    for (const value of malformed) assert.equal(parseRetryAfter(value, NOW), null, value);
    assert.equal(parseRetryAfter(undefined, NOW), null);
    fc.assert(
      fc.property(fc.string(), (text) => {
        const parsed = parseRetryAfter(text, NOW);
        assert.ok(parsed === null || (parsed >= 0 && parsed <= MAX_RETRY_AFTER_MS));
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('retryDelayMs', () => {
  const random = fc.double({ min: 0, max: 0.999_999, noNaN: true });

  it('stays below 2 s, doubling to 60 s', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50 }), random, (attempt, value) => {
        const delayMs = retryDelayMs(attempt, { random: () => value });
        assert.ok(delayMs >= 0 && delayMs <= Math.min(60_000, 2_000 * 2 ** (attempt - 1)));
      }),
    );
    const ceilings = [1, 2, 3, 4, 5, 6, 7].map((attempt) => retryDelayMs(attempt, { random: () => 1 }));
    assert.deepEqual(ceilings, [2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
  });

  it('never comes back before Retry-After, and soon after it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), random, fc.nat(MAX_RETRY_AFTER_MS), (attempt, value, askedMs) => {
        const delayMs = retryDelayMs(attempt, { random: () => value, retryAfterMs: askedMs });
        assert.ok(delayMs >= askedMs && delayMs <= askedMs + 2_000);
      }),
    );
  });
});
