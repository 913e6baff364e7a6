import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { JOB_KINDS } from '../shared/vocabulary.ts';
import { makeJob } from './testing/live-library.ts';
import { type TrayItem, trayTextOf } from './tray-menu.ts';

const labels = (items: readonly TrayItem[]) => items.map((item) => (item.type === 'item' ? item.label : '-'));
const find = (items: readonly TrayItem[], label: string) =>
  items.find((item): item is Extract<TrayItem, { type: 'item' }> => item.type === 'item' && item.label === label);

test('each job is told with its progress and what is left of it, what runs first', () => {
  const { tooltip, items } = trayTextOf({
    jobs: [
      makeJob({ id: 1, state: 'paused', kind: 'export', progress: 80 }),
      makeJob({ id: 2, progress: 50.9, remainingMs: 120_000 }),
    ],
    holds: [],
  });
  assert.equal(tooltip, 'PixCrawler\nCollection: birds – 50 %, 2 min left\nExport: birds – 80 %, paused');
  assert.deepEqual(labels(items), [
    'Collection: birds – 50 %, 2 min left',
    'Export: birds – 80 %, paused',
    '-',
    'Pause all jobs',
    'Resume all jobs',
    '-',
    'Open PixCrawler',
    'Quit',
  ]);
  assert.deepEqual(find(items, 'Export: birds – 80 %, paused')?.action, { do: 'open', place: '/jobs/1' });
});

test('a long name is cut, and what is told of the job is not', () => {
  const datasetName = `${'long '.repeat(5)}🦉🦉🦉👩‍🔬 birds`;
  const { tooltip, items } = trayTextOf({ jobs: [makeJob({ datasetName, progress: 43, state: 'paused' })], holds: [] });
  assert.equal(labels(items)[0], `Collection: ${'long '.repeat(5)}🦉🦉🦉… – 43 %, paused`);
  assert.ok(tooltip.endsWith('43 %, paused'), tooltip);
});

test('with nothing to do there is nothing to pause or resume', () => {
  const { tooltip, items } = trayTextOf({ jobs: [], holds: [] });
  assert.equal(tooltip, 'PixCrawler');
  for (const label of ['No job is running', 'Pause all jobs', 'Resume all jobs']) {
    assert.equal(find(items, label)?.isEnabled, false);
  }
});

test('why jobs rest stands first', () => {
  const { items } = trayTextOf({ jobs: [makeJob({ state: 'waiting' })], holds: ['battery', 'disk'] });
  assert.equal(labels(items)[0], 'Jobs rest: the battery is low, the disk is full');
  assert.equal(find(items, 'Pause all jobs')?.isEnabled, true);
});

test('whatever there is, the text stays short and every job counts', () => {
  const job = fc
    .record({
      id: fc.nat(1_000),
      kind: fc.constantFrom(...JOB_KINDS),
      state: fc.constantFrom('active' as const, 'waiting' as const, 'paused' as const),
      datasetName: fc.string({ maxLength: 300, unit: 'grapheme' }),
      progress: fc.double({ min: 0, max: 100, noNaN: true }),
      durationMs: fc.nat(),
    })
    .map(makeJob);
  fc.assert(
    fc.property(fc.array(job, { maxLength: 30 }), (jobs) => {
      const { tooltip, items } = trayTextOf({ jobs, holds: [] });
      assert.ok(tooltip.length <= 127 && tooltip.isWellFormed());
      const shown = items.filter((item) => item.type === 'item' && item.action.do === 'open');
      assert.ok(shown.length <= 10);
      for (const item of shown) assert.ok(item.type === 'item' && item.label.length <= 80 && item.label.isWellFormed());
      const more = labels(items).find((label) => /^\d+ more jobs?$/.test(label));
      assert.equal(more, jobs.length <= 8 ? undefined : `${jobs.length - 8} more job${jobs.length === 9 ? '' : 's'}`);
      assert.equal(
        find(items, 'Resume all jobs')?.isEnabled,
        jobs.some(({ state }) => state === 'paused'),
      );
    }),
    { numRuns: 200 },
  );
});

test('a menu is made anew for what can be chosen, not for numbers that move', () => {
  const jobs = [makeJob({ id: 1, progress: 10, durationMs: 1_000 }), makeJob({ id: 2, state: 'waiting' })];
  const structureOf = (changed: Parameters<typeof makeJob>[0], holds: 'disk'[] = []) =>
    trayTextOf({ jobs: [makeJob({ ...jobs[0], ...changed }), jobs[1]!], holds }).structure;
  const before = structureOf({});
  fc.assert(
    fc.property(fc.double({ min: 0, max: 100, noNaN: true }), fc.nat(), (progress, durationMs) => {
      assert.equal(structureOf({ progress, durationMs }), before);
    }),
  );
  assert.notEqual(structureOf({ state: 'paused' }), before);
  assert.notEqual(structureOf({ id: 3 }), before);
  assert.notEqual(structureOf({ datasetName: 'bees' }), before);
  assert.notEqual(structureOf({}, ['disk']), before);
});
