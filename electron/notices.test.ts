import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { NO_COUNTS } from '../shared/contract/jobs.ts';
import { JOB_KINDS, JOB_STATES } from '../shared/vocabulary.ts';
import { grouped, noticesOf } from './notices.ts';
import { makeJob, makeState } from './testing/live-library.ts';

const nothing = { before: makeState(), after: makeState(), ended: [] };

test('what ended is told, with the place that shows it', () => {
  const ended = makeJob({ id: 3, state: 'completed', counts: { ...NO_COUNTS, accepted: 1_200, failed: 3 } });
  assert.deepEqual(noticesOf({ ...nothing, ended: [ended] }), [
    {
      title: 'Collection: birds',
      text: 'Done: 1,200 accepted, 3 failed.',
      place: '/datasets/7/browse',
      needsAttention: false,
    },
  ]);
  const [exported] = noticesOf({ ...nothing, ended: [makeJob({ id: 4, kind: 'export', state: 'completed' })] });
  assert.equal(exported?.place, '/jobs/4');
  const counts = { ...NO_COUNTS, accepted: 9, failed: 1 };
  const [flawed] = noticesOf({ ...nothing, ended: [makeJob({ id: 6, state: 'completed-with-errors', counts })] });
  assert.deepEqual([flawed?.place, flawed?.needsAttention], ['/jobs/6', true]);
  const failed = makeJob({ id: 5, state: 'failed', error: { code: 'unavailable', message: 'No site answered.' } });
  assert.deepEqual(noticesOf({ ...nothing, ended: [failed] }), [
    { title: 'Collection: birds', text: 'No site answered.', place: '/jobs/5', needsAttention: true },
  ]);
});

test('what a person did themselves, and what was so before, is not told', () => {
  assert.deepEqual(noticesOf({ ...nothing, ended: [makeJob({ state: 'cancelled' })] }), []);
  const full = { code: 'disk-full', message: 'Full.' };
  const stopped = makeState({ jobs: [makeJob({ state: 'paused', error: full })], holds: ['disk'] });
  assert.deepEqual(noticesOf({ before: makeState({ isKnown: false }), after: stopped, ended: [] }), []);
  assert.deepEqual(noticesOf({ before: stopped, after: stopped, ended: [] }), []);
  const failing = makeState({ sources: { openverse: 'failing' } });
  assert.deepEqual(noticesOf({ before: makeState(), after: failing, ended: [] }), []);
  assert.deepEqual(noticesOf({ before: failing, after: failing, ended: [] }), []);
});

test('a full disk and a source that fails need attention', () => {
  const running = makeState({ jobs: [makeJob()], sources: { openverse: 'working' } });
  const held = { ...running, holds: ['disk' as const] };
  assert.deepEqual(
    noticesOf({ before: running, after: held, ended: [] }).map(({ place, needsAttention }) => [place, needsAttention]),
    [['/jobs', true]],
  );
  const idle = { ...held, jobs: [] };
  assert.deepEqual(
    noticesOf({ before: { ...idle, holds: [] }, after: idle, ended: [] }),
    [],
    'nothing is stopped by it',
  );
  const full = { code: 'disk-full', message: 'Free some space.' };
  const paused = { ...running, jobs: [makeJob({ state: 'paused', error: full })] };
  assert.equal(noticesOf({ before: running, after: paused, ended: [] })[0]?.text, 'Free some space.');
  const failing = { ...running, sources: { openverse: 'failing' as const } };
  assert.equal(noticesOf({ before: running, after: failing, ended: [] })[0]?.place, '/settings/sources');
});

test('what happens together is one notice that names it all', () => {
  const job = fc
    .record({ id: fc.nat(99), kind: fc.constantFrom(...JOB_KINDS), state: fc.constantFrom(...JOB_STATES) })
    .map(makeJob);
  fc.assert(
    fc.property(fc.array(job, { maxLength: 12 }), (ended) => {
      const notices = noticesOf({ ...nothing, ended });
      const notice = grouped(notices);
      if (notice === null) return assert.equal(notices.length, 0);
      for (const { title } of notices) assert.ok(`${notice.title}\n${notice.text}`.includes(title));
      assert.equal(
        notice.needsAttention,
        notices.some((each) => each.needsAttention),
      );
    }),
    { numRuns: 200 },
  );
});
