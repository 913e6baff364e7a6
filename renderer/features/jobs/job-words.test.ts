import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { NO_COUNTS } from '../../../shared/contract/jobs.ts';
import { ERROR_STATUS, type ErrorCode } from '../../../shared/errors.ts';
import { FAILURES, FINDINGS, JOB_KINDS, JOB_STATES, REFUSALS } from '../../../shared/vocabulary.ts';
import { groupedReasons, imagesPerSecond, isRetryable, mustBeChanged, sortedReasons } from './job-words.ts';

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

test('every reason is in one group, and no count is lost', () => {
  const reason = fc.oneof(
    fc.constantFrom(...FINDINGS, ...REFUSALS, ...FAILURES),
    fc.integer({ min: 400, max: 599 }).map((status) => `http-${status}`),
  );
  fc.assert(
    fc.property(fc.dictionary(reason, fc.integer({ min: 1, max: 1_000 })), (reasons) => {
      const { failed, refused, quarantined } = groupedReasons(reasons);
      const all = [...failed, ...refused, ...quarantined];
      assert.deepEqual(Object.fromEntries(all.map((each) => [each.reason, each.count])), { ...reasons });
      assert.equal(all.length, Object.keys(reasons).length);
    }),
  );
  assert.deepEqual(groupedReasons({ blurred: 1, 'robots-disallowed': 2, 'http-404': 3 }), {
    failed: [{ reason: 'http-404', count: 3 }],
    refused: [{ reason: 'robots-disallowed', count: 2 }],
    quarantined: [{ reason: 'blurred', count: 1 }],
  });
});

test('what ended before its end, or with failures of its own, can be tried again', () => {
  const none = { counts: NO_COUNTS, reasons: {}, error: null };
  const failures = { counts: { ...NO_COUNTS, failed: 2 }, reasons: { timeout: 2 }, error: null };
  assert.equal(isRetryable({ kind: 'crawl', state: 'completed-with-errors', ...failures }), true);
  assert.equal(isRetryable({ kind: 'crawl', state: 'completed-with-errors', ...none }), false);
  assert.equal(isRetryable({ kind: 'export', state: 'failed', ...none }), true);
  assert.equal(isRetryable({ kind: 'import', state: 'cancelled', ...none }), true);
  assert.equal(isRetryable({ kind: 'crawl', state: 'completed', ...none }), false);
  assert.equal(isRetryable({ kind: 'crawl', state: 'active', ...failures }), false);
});

test('failures of pages alone can be tried again; refusals and findings cannot', () => {
  const job = { kind: 'crawl', state: 'completed-with-errors', counts: NO_COUNTS, error: null } as const;
  assert.equal(isRetryable({ ...job, reasons: { 'http-503': 1 } }), true);
  assert.equal(isRetryable({ ...job, reasons: { 'robots-disallowed': 1, blurred: 3 } }), false);
});

test('an export is tried again where another attempt may end otherwise, else it is changed', () => {
  const passing: ErrorCode[] = ['in-use', 'disk-full', 'unavailable', 'internal'];
  const lasting: ErrorCode[] = ['bad-request', 'forbidden', 'not-found', 'conflict'];
  for (const code of [...passing, ...lasting]) {
    const job = {
      kind: 'export',
      state: 'failed',
      counts: NO_COUNTS,
      reasons: {},
      error: { code, message: '' },
    } as const;
    assert.deepEqual([isRetryable(job), mustBeChanged(job)], [passing.includes(code), lasting.includes(code)], code);
  }
  const codes = Object.keys(ERROR_STATUS) as ErrorCode[];
  fc.assert(
    fc.property(
      fc.constantFrom(...JOB_KINDS),
      fc.constantFrom(...JOB_STATES),
      fc.option(fc.constantFrom(...codes), { nil: null }),
      (kind, state, code) => {
        const error = code === null ? null : { code, message: '' };
        const job = { kind, state, counts: NO_COUNTS, reasons: {}, error };
        // Whatever failed has one way on, and nothing else has to be changed.
        if (state === 'failed') assert.notEqual(isRetryable(job), mustBeChanged(job));
        else assert.equal(mustBeChanged(job), false);
      },
    ),
  );
});
