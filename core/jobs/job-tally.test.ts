import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { NO_COUNTS } from '../../shared/contract/jobs.ts';
import { JobTally } from './job-tally.ts';

test('a page that brought nothing is no half of a crawl of two', () => {
  const tally = new JobTally(NO_COUNTS, {}, 0);
  tally.add({ pagesDiscovered: 2 });
  tally.add({ pagesDone: 1 }, 'robots-disallowed');
  assert.ok(tally.progress < 10, `${tally.progress} %`);
  tally.add({ pagesDone: 1, discovered: 163 });
  tally.add({ accepted: 80 });
  assert.ok(Math.abs(tally.progress - 50) < 2, `${tally.progress} %`);
});

test('with a limit, the images kept count; pages beyond their own limit do not', () => {
  const limited = new JobTally(NO_COUNTS, {}, 0);
  limited.limit({ maxImages: 100, maxPages: 50 });
  limited.add({ pagesDiscovered: 10_000, pagesDone: 20, discovered: 5_000, accepted: 50, failed: 30 });
  assert.equal(limited.progress, 49.5);

  const bounded = new JobTally(NO_COUNTS, {}, 0);
  bounded.limit({ maxImages: Number.POSITIVE_INFINITY, maxPages: 50 });
  bounded.add({ pagesDiscovered: 10_000, pagesDone: 50, discovered: 150, accepted: 50 });
  assert.equal(bounded.progress, 49.5);
});

test('progress never falls, stays within 0 and 99 while a job runs, and is high when all is done', () => {
  const step = fc.record({
    kind: fc.constantFrom('pages' as const, 'images' as const, 'read' as const, 'settle' as const),
    count: fc.integer({ min: 1, max: 400 }),
  });
  const limits = fc.record({
    maxImages: fc.oneof(fc.constant(Number.POSITIVE_INFINITY), fc.integer({ min: 1, max: 500 })),
    maxPages: fc.integer({ min: 1, max: 500 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), limits, (steps, limit) => {
      const tally = new JobTally(NO_COUNTS, {}, 0);
      tally.limit(limit);
      let before = tally.progress;
      assert.equal(before, 0);
      const seen = () => {
        const { progress } = tally;
        assert.ok(progress >= before && progress <= 99, `${progress} after ${before}`);
        before = progress;
      };
      for (const { kind, count } of steps) {
        const { counts } = tally;
        if (kind === 'pages') tally.add({ pagesDiscovered: count });
        else if (kind === 'images') tally.add({ discovered: count });
        else if (kind === 'read') tally.add({ pagesDone: Math.min(count, counts.pagesDiscovered - counts.pagesDone) });
        else tally.add({ failed: Math.min(count, counts.discovered - tally.settled) });
        seen();
      }
      const { discovered, pagesDiscovered, pagesDone } = tally.counts;
      tally.add({ failed: discovered - tally.settled, pagesDone: pagesDiscovered - pagesDone });
      seen();
      if (discovered + pagesDiscovered > 0) assert.equal(before, 99);
    }),
    { numRuns: 300 },
  );
});

test('work that is known beforehand is done out of its total', () => {
  const tally = new JobTally(NO_COUNTS, {}, 0);
  tally.advance(5, 10);
  assert.equal(tally.progress, 49.5);
  tally.advance(4, 10);
  assert.equal(tally.progress, 49.5, 'never falls');
  tally.advance(12, 10);
  assert.equal(tally.progress, 99);
});
