import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { NO_COUNTS } from './contract/jobs.ts';
import { unreadPages } from './unread-pages.ts';
import { FAILURES, FINDINGS, REFUSALS } from './vocabulary.ts';

test('a page that failed or was refused is done and not read, whatever images met', () => {
  const counts = { ...NO_COUNTS, failed: 2, refused: 1, quarantined: 5, pagesDiscovered: 7, pagesDone: 7 };
  assert.equal(unreadPages({ counts, reasons: { timeout: 2, excluded: 1, blurred: 5 } }), 0);
  assert.equal(unreadPages({ counts, reasons: { timeout: 2, excluded: 1, blurred: 5, 'http-404': 1 } }), 1);
  const reasonOf = fc.constantFrom(...FAILURES, 'http-404', 'http-500');
  const ended = fc.oneof(
    fc.tuple(fc.constantFrom('page' as const, 'failed' as const), reasonOf),
    fc.tuple(fc.constantFrom('page' as const, 'refused' as const), fc.constantFrom(...REFUSALS)),
    fc.tuple(fc.constant('quarantined' as const), fc.constantFrom(...FINDINGS)),
    fc.tuple(fc.constantFrom('read' as const, 'accepted' as const), fc.constant(null)),
  );
  fc.assert(
    fc.property(fc.array(ended, { maxLength: 60 }), (all) => {
      const job = { counts: { ...NO_COUNTS }, reasons: {} as Record<string, number> };
      for (const [what, reason] of all) {
        if (reason !== null) job.reasons[reason] = (job.reasons[reason] ?? 0) + 1;
        job.counts[what === 'page' || what === 'read' ? 'pagesDone' : what] += 1;
      }
      assert.equal(unreadPages(job), all.filter(([what]) => what === 'page').length);
    }),
    { numRuns: 300 },
  );
});
