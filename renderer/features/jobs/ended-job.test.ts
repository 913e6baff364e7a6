import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { NO_COUNTS } from '../../../shared/contract/jobs.ts';
import { JOB_KINDS, JOB_STATES } from '../../../shared/vocabulary.ts';
import { isInSight, nextStep } from './ended-job.ts';

const COLLECTION = { id: 7, kind: 'crawl', state: 'completed', datasetId: 3 } as const;

test('what came is reviewed, or looked at; what did not come is explained', () => {
  const next = (counts: Partial<typeof NO_COUNTS>) => nextStep({ ...COLLECTION, counts: { ...NO_COUNTS, ...counts } });
  assert.equal(next({ accepted: 4, quarantined: 2 }).href, '/datasets/3/review?job=7');
  assert.equal(next({ accepted: 4 }).href, '/datasets/3/browse?job=7&sort=-added');
  assert.equal(next({}).href, '/jobs/7');
  const failed = { ...COLLECTION, state: 'failed', counts: { ...NO_COUNTS, accepted: 4 } } as const;
  assert.equal(nextStep(failed).href, '/jobs/7');
  assert.equal(nextStep({ ...COLLECTION, kind: 'export', counts: NO_COUNTS }).href, '/datasets/3/export');
});

test('nobody is told of what the screen in front shows', () => {
  assert.equal(isInSight(COLLECTION, '/datasets/3/collect'), true);
  assert.equal(isInSight(COLLECTION, '/jobs/7/'), true);
  assert.equal(isInSight(COLLECTION, '/jobs'), true);
  assert.equal(isInSight(COLLECTION, '/jobs/70'), false);
  assert.equal(isInSight(COLLECTION, '/datasets/3/export'), false);
  assert.equal(isInSight({ ...COLLECTION, kind: 'export' }, '/datasets/3/export'), true);
  assert.equal(isInSight(COLLECTION, '/'), false);
});

test('every job that has ended leads to a screen of its own or of its dataset, under a name', () => {
  const count = fc.nat();
  fc.assert(
    fc.property(
      fc.constantFrom(...JOB_KINDS),
      fc.constantFrom(...JOB_STATES),
      count,
      count,
      (kind, state, accepted, quarantined) => {
        const step = nextStep({ ...COLLECTION, kind, state, counts: { ...NO_COUNTS, accepted, quarantined } });
        assert.match(step.href, /^\/(jobs\/7|datasets\/3\/)/);
        assert.notEqual(step.label, '');
      },
    ),
  );
});
