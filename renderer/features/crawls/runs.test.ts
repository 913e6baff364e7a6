import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Job, NO_COUNTS } from '../../../shared/contract/jobs.ts';
import { JOB_KINDS, JOB_STATES } from '../../../shared/vocabulary.ts';
import { frontRun, runsOf } from './runs.ts';

const job = (change: Partial<Job>): Job => ({
  id: 1,
  kind: 'crawl',
  state: 'completed',
  datasetId: 1,
  datasetName: 'birds',
  parameters: {},
  progress: 0,
  counts: NO_COUNTS,
  reasons: {},
  error: null,
  result: null,
  createdAt: 0,
  startedAt: null,
  finishedAt: null,
  remainingMs: null,
  phase: null,
  durationMs: 0,
  ...change,
});

test('runs are the crawls and imports of the dataset, newest first, as events told them last', () => {
  const stored = [job({ id: 1, state: 'active' }), job({ id: 2, kind: 'export' }), job({ id: 3, kind: 'import' })];
  const live = [job({ id: 1, state: 'paused' }), job({ id: 4, datasetId: 2 })];
  assert.deepEqual(
    runsOf(stored, live, 1).map(({ id, state }) => [id, state]),
    [
      [3, 'completed'],
      [1, 'paused'],
    ],
  );
});

test('the one chosen is in front, else the liveliest, else the newest', () => {
  const runs = [job({ id: 4 }), job({ id: 3, state: 'paused' }), job({ id: 2, state: 'active' }), job({ id: 1 })];
  assert.equal(frontRun(runs, null)?.id, 2);
  assert.equal(frontRun(runs, 1)?.id, 1);
  assert.equal(frontRun(runs, 99)?.id, 2);
  assert.equal(frontRun([job({ id: 4 }), job({ id: 1 })], null)?.id, 4);
  assert.equal(frontRun([], null), undefined);
});

test('an active run is never hidden behind another', () => {
  const jobs = fc.uniqueArray(
    fc.record({
      id: fc.integer({ min: 1, max: 50 }),
      kind: fc.constantFrom(...JOB_KINDS),
      state: fc.constantFrom(...JOB_STATES),
      datasetId: fc.integer({ min: 1, max: 2 }),
    }),
    { selector: ({ id }) => id },
  );
  fc.assert(
    fc.property(jobs, jobs, (stored, live) => {
      const runs = runsOf(stored.map(job), live.map(job), 1);
      const front = frontRun(runs, null);
      assert.equal(front === undefined, runs.length === 0);
      if (runs.some(({ state }) => state === 'active')) assert.equal(front?.state, 'active');
    }),
  );
});
