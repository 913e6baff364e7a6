import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { type Job, type JobProgress, jobProgress, NO_COUNTS } from '../../shared/contract/jobs.ts';
import { useLive } from './live.ts';

const JOB: Job = {
  id: 7,
  kind: 'crawl',
  state: 'active',
  datasetId: 1,
  datasetName: 'birds',
  parameters: { sources: ['https://a.example/'] },
  progress: 10,
  counts: NO_COUNTS,
  reasons: {},
  error: null,
  result: null,
  createdAt: 1,
  startedAt: 2,
  finishedAt: null,
  remainingMs: null,
  phase: null,
  durationMs: 10,
};
const now = () => useLive.getState();
const progressOf = (change: Partial<JobProgress>): JobProgress => jobProgress.parse({ ...JOB, ...change });

beforeEach(() => now().replaceJobs([JOB]));

test('how far a job is is taken over, and what was asked for stays', () => {
  const counts = { ...NO_COUNTS, accepted: 5 };
  assert.equal(now().moveJob(progressOf({ progress: 50, counts, durationMs: 900 })), true);
  assert.deepEqual(now().jobs[7], { ...JOB, progress: 50, counts, durationMs: 900 });
});

test('a job that is not known, or whose state is another one, is to be read', () => {
  for (const change of [{ id: 8 }, { state: 'completed', progress: 100 }, { state: 'paused' }] as const) {
    assert.equal(now().moveJob(progressOf(change)), false);
    assert.deepEqual(now().jobs, { 7: JOB }, 'until then it is shown as it was');
  }
});

test('an answer that news overtook is left', () => {
  const started: Job = { ...JOB, id: 8, state: 'waiting' };
  now().takeAnswer(started, undefined);
  assert.equal(now().jobs[8], started, 'nothing was known');
  const paused: Job = { ...started, state: 'paused' };
  now().takeAnswer(paused, started);
  assert.equal(now().jobs[8], paused);
  const ended: Job = { ...JOB, id: 9, state: 'completed', finishedAt: 3 };
  now().updateJob(ended);
  now().takeAnswer({ ...started, id: 9 }, undefined);
  assert.equal(now().jobs[9], ended, 'it ended before its start was answered');
});
