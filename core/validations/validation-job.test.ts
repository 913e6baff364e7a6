import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { NO_COUNTS } from '../../shared/contract/jobs.ts';
import { AppError } from '../../shared/errors.ts';
import { groupNearDuplicates } from '../../workers/duplicates/group.ts';
import type { TaskInput } from '../../workers/tasks.ts';
import { JobTally } from '../jobs/job-tally.ts';
import { DEFAULT_RULE_SET } from '../judge/rule-set.ts';
import {
  addSamples,
  counterDrift,
  decide,
  fakeWorkers,
  like,
  makeLibrary,
  type Picture,
  sampleRows,
  type TestLibrary,
} from '../testing/test-library.ts';
import type { BreakCause } from '../workers/unit.ts';
import type { WorkerPool } from '../workers/worker-pool.ts';
import { rulesOf, runValidation } from './validation-job.ts';

let library: TestLibrary;

/** Why the worker process ends under the comparison, each time; null when it does not. */
let tooMuch: readonly BreakCause[] | null = null;

const run = (async (_task: 'group-near-duplicates', input: TaskInput<'group-near-duplicates'>) => {
  if (tooMuch === null) return groupNearDuplicates(input);
  throw new AppError('internal', 'The task broke its worker process 2 times.', { details: { causes: tooMuch } });
}) as WorkerPool['run'];

before(async () => {
  library = await makeLibrary(fakeWorkers({ run }));
});

after(() => library?.remove());

interface Wanted {
  readonly level?: 'fast' | 'medium' | 'slow';
  readonly rules?: Record<string, unknown>;
  readonly dryRun?: boolean;
}

interface Validation {
  readonly result: Record<string, unknown>;
  readonly tally: JobTally;
}

async function validate(datasetId: number, wanted: Wanted = {}): Promise<Validation> {
  const { services } = library;
  const job = await services.jobs.insert('validate', datasetId, { datasetId, ...wanted });
  const tally = new JobTally(NO_COUNTS, {}, 0);
  const outcome = await runValidation(services, job, { tally, onStop: () => undefined, log: () => undefined });
  assert.equal(outcome.state, 'completed');
  return { result: ('result' in outcome ? outcome.result : undefined) ?? {}, tally };
}

/** Every row of a dataset that a validation may write. */
function everything(datasetId: number): unknown[] {
  const { database } = library.services;
  return ['samples', 'duplicate_groups', 'counters', 'sample_reasons'].map((table) =>
    database.prepare(`SELECT * FROM ${table} WHERE dataset_id = ? ORDER BY 1, 2, 3`).all(datasetId),
  );
}

function reasons(datasetId: number): string[] {
  return sampleRows(library.services, datasetId).map((row) => row.reasons);
}

async function datasetOf(pictures: readonly Picture[]): Promise<{ datasetId: number; ids: readonly number[] }> {
  const datasetId = await library.newDataset();
  const { ids } = await addSamples(library.services, datasetId, pictures);
  return { datasetId, ids };
}

const MIXED: readonly Picture[] = [
  { name: 'plain' },
  { name: 'wide', width: 1_500 },
  { name: 'tiny', width: 40, height: 40 },
  { name: 'dark', measurements: { brightnessP99: 30 } },
  like('pair', 0, { width: 600 }),
  like('pair', 2),
];

test('measurements are judged again, without opening an image', async () => {
  const { datasetId } = await datasetOf(MIXED);
  const { result, tally } = await validate(datasetId, { rules: { minShortSidePx: 30, maxAspectRatio: 2 } });
  assert.deepEqual(reasons(datasetId), ['', 'aspect-ratio', '', 'under-exposed', 'aspect-ratio', '']);
  assert.deepEqual(result, {
    judged: 6,
    changed: 2,
    accepted: 1,
    quarantined: 1,
    added: { 'aspect-ratio': 1 },
    removed: { 'short-side': 1 },
    dryRun: false,
    level: 'slow',
  });
  assert.deepEqual([tally.counts.discovered, tally.counts.accepted, tally.counts.quarantined], [6, 3, 3]);
  assert.equal(await counterDrift(library.services, datasetId), 0);
});

test('a second validation changes nothing', async () => {
  const { datasetId } = await datasetOf(MIXED);
  assert.equal((await validate(datasetId)).result.changed, 1, 'the pair');
  const before = everything(datasetId);
  assert.equal((await validate(datasetId)).result.changed, 0);
  assert.deepEqual(everything(datasetId), before);
});

test('a sample that one rule lets go and another takes is one change', async () => {
  const { datasetId, ids } = await datasetOf([
    like('swap', 0, { width: 900, height: 500 }),
    like('swap', 1, { width: 50 }),
  ]);
  const wanted = { rules: { minShortSidePx: 0 } };
  const told = await validate(datasetId, { ...wanted, dryRun: true });
  const { result } = await validate(datasetId, wanted);
  const swap = {
    changed: 1,
    accepted: 0,
    quarantined: 0,
    added: { 'near-duplicate': 1 },
    removed: { 'short-side': 1 },
  };
  assert.deepEqual(result, { ...swap, judged: 2, dryRun: false, level: 'slow' });
  assert.deepEqual(told.result, { ...result, dryRun: true });
  assert.deepEqual(
    [reasons(datasetId)[1], sampleRows(library.services, datasetId)[1]?.keeperId],
    ['near-duplicate', ids[0]],
  );
});

test('a near-duplicate that something else is wrong with, or whose keeper is set aside, is none any more', async () => {
  const { datasetId } = await datasetOf([
    like('stale', 0, { width: 900, height: 500 }),
    like('stale', 1, { width: 120 }),
    like('kept', 0, { width: 900, height: 500, measurements: { brightnessP5: 150 } }),
    like('kept', 1),
  ]);
  await validate(datasetId);
  assert.deepEqual(reasons(datasetId), ['', 'near-duplicate', '', 'near-duplicate']);
  await validate(datasetId, { rules: { minShortSidePx: 150, maxBrightnessP5: 100 } });
  assert.deepEqual(reasons(datasetId), ['', 'short-side', 'over-exposed', '']);
  assert.ok(sampleRows(library.services, datasetId).every(({ keeperId }) => keeperId === null));
  const { database } = library.services;
  assert.deepEqual(database.prepare('SELECT * FROM duplicate_groups WHERE dataset_id = ?').all(datasetId), []);
  assert.equal(await counterDrift(library.services, datasetId), 0);
});

test('what a person decided stays as it is', async () => {
  const { datasetId, ids } = await datasetOf(MIXED);
  await decide(library.services, datasetId, ids[2] ?? 0, 'accepted');
  await decide(library.services, datasetId, ids[0] ?? 0, 'rejected');
  const before = sampleRows(library.services, datasetId).filter(({ decidedBy }) => decidedBy === 'user');
  await validate(datasetId, { rules: { minShortSidePx: 5_000 } });
  const after = sampleRows(library.services, datasetId).filter(({ decidedBy }) => decidedBy === 'user');
  assert.deepEqual(after, before);
  const { byStatus } = await library.services.datasets.stats(datasetId);
  assert.deepEqual(byStatus, { accepted: 1, quarantined: 4, rejected: 1 });
  assert.equal(await counterDrift(library.services, datasetId), 0);
});

test('a quick look takes nothing back that it did not see', async () => {
  const { datasetId } = await datasetOf(MIXED);
  await validate(datasetId);
  const found = ['', 'aspect-ratio', 'short-side', 'under-exposed', '', 'near-duplicate'];
  assert.deepEqual(reasons(datasetId), found);
  const lax = { minShortSidePx: 0, maxAspectRatio: 100, minBrightnessP99: 0, maxNearDuplicateDistance: 0 };
  await validate(datasetId, { level: 'fast', rules: lax });
  assert.deepEqual(reasons(datasetId), ['', '', '', 'under-exposed', '', 'near-duplicate']);
  await validate(datasetId, { level: 'medium', rules: lax });
  assert.deepEqual(reasons(datasetId), ['', '', '', '', '', 'near-duplicate']);
  await validate(datasetId, { level: 'slow', rules: lax });
  assert.deepEqual(reasons(datasetId), ['', '', '', '', '', '']);
});

test('a stop ends it before it writes, and it can be run again', async () => {
  const { services } = library;
  const { datasetId } = await datasetOf(MIXED);
  const before = everything(datasetId);
  const job = await services.jobs.insert('validate', datasetId, { datasetId });
  const tally = new JobTally(NO_COUNTS, {}, 0);
  const outcome = await runValidation(services, job, { tally, onStop: (listener) => listener('pause'), log: () => {} });
  assert.deepEqual([outcome, everything(datasetId)], [{ state: 'stopped' }, before]);
  assert.equal((await validate(datasetId)).result.changed, 1);
});

test('the level is the one asked for, else that of the rules, else slow', () => {
  const levelOf = (level: 'fast' | undefined, rules: Record<string, unknown>) =>
    rulesOf({ ...DEFAULT_RULE_SET, level: 'fast' }, { level, rules }).level;
  assert.deepEqual(
    [levelOf('fast', { level: 'medium' }), levelOf(undefined, { level: 'medium' }), levelOf(undefined, {})],
    ['fast', 'medium', 'slow'],
  );
});

test('rules that make no sense are told of by name', () => {
  const wrong = { minShortSidePx: -1, minShortSide: 5 };
  assert.throws(
    () => rulesOf(DEFAULT_RULE_SET, { level: 'slow', rules: wrong }),
    /"minShortSide"[\s\S]*minShortSidePx|minShortSidePx[\s\S]*"minShortSide"/,
  );
});

test('a dry run changes nothing and tells what the run does', async () => {
  const picture = fc.record({
    of: fc.constantFrom('a', 'b'),
    bits: fc.nat(8),
    width: fc.constantFrom(90, 150, 300),
    brightness: fc.constantFrom(30, 100, 240),
  });
  const pictures = fc.uniqueArray(picture, { selector: (each) => JSON.stringify(each), minLength: 1, maxLength: 10 });
  const decision = fc.record({ at: fc.nat(9), status: fc.constantFrom('accepted', 'quarantined', 'rejected') });
  const level = fc.constantFrom('fast', 'medium', 'slow');
  const rules = fc.record({
    minShortSidePx: fc.constantFrom(0, 100, 200),
    minBrightnessP99: fc.constantFrom(0, 64, 200),
    maxNearDuplicateDistance: fc.nat(6),
  });
  const validation = fc.record({ level, rules });
  await fc.assert(
    fc.asyncProperty(
      pictures,
      fc.array(decision, { maxLength: 2 }),
      fc.array(validation, { minLength: 1, maxLength: 2 }),
      async (drawn, decisions, validations) => {
        const { datasetId, ids } = await datasetOf(
          drawn.map(({ of, bits, width, brightness }) =>
            like(`${of} ${width} ${brightness}`, bits, { width, measurements: { brightnessP99: brightness } }, of),
          ),
        );
        for (const { at, status } of decisions) {
          const id = ids[at];
          if (id !== undefined) await decide(library.services, datasetId, id, status);
        }
        for (const wanted of validations) {
          const before = everything(datasetId);
          const told = await validate(datasetId, { ...wanted, dryRun: true });
          assert.deepEqual(everything(datasetId), before);
          const { result } = await validate(datasetId, wanted);
          assert.deepEqual(told.result, { ...result, dryRun: true });
        }
        assert.equal(await counterDrift(library.services, datasetId), 0);
      },
    ),
    { numRuns: 100 },
  );
});

test('images that are too many to compare need attention; the other rules have judged them', async () => {
  const datasetId = await library.newDataset();
  await addSamples(library.services, datasetId, [like('many', 0, { width: 900 }), like('many', 1)]);
  tooMuch = ['memory', 'memory'];
  const { services } = library;
  const job = await services.jobs.insert('validate', datasetId, { datasetId });
  const control = { tally: new JobTally(NO_COUNTS, {}, 0), onStop: () => undefined, log: () => undefined };
  try {
    const outcome = await runValidation(services, job, control);
    assert.equal(outcome.state, 'completed-with-errors');
    assert.equal(outcome.error?.code, 'payload-too-large');
    assert.match(outcome.error?.message ?? '', /not looked for: comparing 2 images.*smaller distance, then validate/);
    assert.equal(outcome.result?.judged, 2);
    tooMuch = ['crash', 'memory'];
    await assert.rejects(runValidation(services, job, control), /broke its worker process/);
  } finally {
    tooMuch = null;
  }
  assert.equal((await validate(datasetId)).result.changed, 1);
});
