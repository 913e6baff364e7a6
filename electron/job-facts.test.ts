import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { JOB_STATES } from '../shared/vocabulary.ts';
import { overallProgress } from './job-facts.ts';
import { makeJob } from './testing/live-library.ts';

test('one bar tells of all that runs, else of what rests, else of what failed', () => {
  const active = makeJob({ progress: 40 });
  const paused = makeJob({ id: 2, state: 'paused', progress: 90 });
  assert.deepEqual(overallProgress([active, paused], false), { value: 0.4, mode: 'normal' });
  assert.deepEqual(overallProgress([paused], false), { value: 0.9, mode: 'paused' });
  assert.deepEqual(overallProgress([active], true), { value: 0.4, mode: 'error' });
  assert.deepEqual(overallProgress([], true), { value: 1, mode: 'error' });
  assert.deepEqual(overallProgress([], false), { value: -1, mode: 'none' });
});

test('a bar that shows something is always within its bounds, and gone when nothing is left', () => {
  const job = fc.record({
    state: fc.constantFrom(...JOB_STATES),
    progress: fc.double({ min: 0, max: 100, noNaN: true }),
  });
  fc.assert(
    fc.property(fc.array(job), fc.boolean(), (jobs, hasFailed) => {
      const { value, mode } = overallProgress(jobs, hasFailed);
      if (mode === 'none') assert.equal(value, -1);
      else assert.ok(value > 0 && value <= 1);
      assert.equal(mode === 'error', hasFailed);
    }),
    { numRuns: 200 },
  );
});
