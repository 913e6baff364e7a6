import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import fc from 'fast-check';
import { NO_COUNTS } from '../../shared/contract/jobs.ts';
import { groupNearDuplicates } from '../../workers/duplicates/group.ts';
import type { TaskInput } from '../../workers/tasks.ts';
import { JobTally } from '../jobs/job-tally.ts';
import { mergeRules } from '../judge/rule-set.ts';
import type { ActiveRuleSet } from '../judge/rule-set-repository.ts';
import {
  addSamples,
  counterDrift,
  decide,
  fakeWorkers,
  like,
  makeLibrary,
  type Picture,
  type SampleRow,
  sampleRows,
  type TestLibrary,
} from '../testing/test-library.ts';
import type { WorkerPool } from '../workers/worker-pool.ts';
import { quarantineNearDuplicates, type StageOptions } from './near-duplicate-stage.ts';

let library: TestLibrary;
let rules: ActiveRuleSet;
/** How many candidates were compared, each time. */
let compared: number[];

const run = (async (_task: 'group-near-duplicates', input: TaskInput<'group-near-duplicates'>) => {
  compared.push(input.areasPx.length);
  return groupNearDuplicates(input);
}) as WorkerPool['run'];

before(async () => {
  library = await makeLibrary(fakeWorkers({ run }));
  rules = await library.services.ruleSets.standard();
});

beforeEach(() => {
  compared = [];
});

after(() => library?.remove());

/** Runs the stage as a job that added nothing itself, unless told. */
function stage(datasetId: number, options: Partial<StageOptions> = {}, ruleSet = rules) {
  const tally = new JobTally(NO_COUNTS, {}, 0);
  const signal = new AbortController().signal;
  return quarantineNearDuplicates(library.services, datasetId, ruleSet, { jobId: 0, tally, signal, ...options });
}

const BLANK = { decidedBy: 'rules', status: 'accepted', reasons: '', keeperId: null, keeperDistance: null } as const;

/** What a sample's row says without its own ids. */
function verdicts(datasetId: number): Omit<SampleRow, 'id' | 'jobId'>[] {
  return sampleRows(library.services, datasetId).map(({ id: _id, jobId: _jobId, ...verdict }) => verdict);
}

function repeatOf(keeperId: number | undefined, keeperDistance: number) {
  return { ...BLANK, status: 'quarantined', reasons: 'near-duplicate', keeperId, keeperDistance } as const;
}

function groups(datasetId: number): unknown[] {
  return library.services.database
    .prepare(
      'SELECT keeper_id AS keeperId, member_count AS members FROM duplicate_groups WHERE dataset_id = ? ORDER BY 1',
    )
    .all(datasetId);
}

test('the largest of a group stays, the rest name it and how far they are', async () => {
  const datasetId = await library.newDataset();
  const { ids } = await addSamples(library.services, datasetId, [
    like('cat', 3, { width: 300 }),
    like('cat', 0, { width: 800 }),
    { name: 'dog' },
    like('cat', 5, { width: 400 }),
    like('cat', 6, { width: 500 }),
    like('cat', 20, { width: 200 }),
  ]);
  assert.equal((await stage(datasetId)).length, 3);
  const keeper = ids[1];
  assert.deepEqual(verdicts(datasetId), [
    repeatOf(keeper, 3),
    BLANK,
    BLANK,
    repeatOf(keeper, 5),
    repeatOf(keeper, 6),
    BLANK,
  ]);
  assert.deepEqual(groups(datasetId), [{ keeperId: keeper, members: 3 }]);
  const { byReason, byStatus } = await library.services.datasets.stats(datasetId);
  assert.deepEqual([byReason, byStatus], [{ 'near-duplicate': 3 }, { accepted: 3, quarantined: 3, rejected: 0 }]);
  assert.equal(await counterDrift(library.services, datasetId), 0);
});

test('a second run changes nothing and writes nothing', async () => {
  const datasetId = await library.newDataset();
  await addSamples(library.services, datasetId, [like('again', 0, { width: 900 }), like('again', 1), like('again', 2)]);
  await stage(datasetId);
  const { database } = library.services;
  const everything = () => [
    database.prepare('SELECT * FROM samples WHERE dataset_id = ? ORDER BY id').all(datasetId),
    database.prepare('SELECT * FROM duplicate_groups WHERE dataset_id = ?').all(datasetId),
  ];
  const first = everything();
  const before = database.prepare<[], { changes: number }>('SELECT total_changes() AS changes').get();
  assert.deepEqual(await stage(datasetId), []);
  assert.deepEqual(everything(), first);
  assert.deepEqual(database.prepare('SELECT total_changes() AS changes').get(), before);
});

test('what a person accepted keeps the others out, though smaller, and is never a member', async () => {
  const datasetId = await library.newDataset();
  const { ids } = await addSamples(library.services, datasetId, [
    like('mine', 0, { width: 900 }),
    like('mine', 2, { width: 150 }),
    like('mine', 1, { width: 160 }),
  ]);
  await stage(datasetId);
  await decide(library.services, datasetId, ids[1] ?? 0, 'accepted');
  await stage(datasetId);
  const [large, mine, other] = verdicts(datasetId);
  assert.deepEqual([mine?.status, mine?.decidedBy], ['accepted', 'user']);
  assert.deepEqual([large, other], [repeatOf(ids[1], 2), repeatOf(ids[1], 1)]);
  assert.deepEqual(groups(datasetId), [{ keeperId: ids[1], members: 2 }]);
  assert.equal(await counterDrift(library.services, datasetId), 0);
});

test('what a person set aside is nobody’s keeper', async () => {
  for (const status of ['quarantined', 'rejected'] as const) {
    const datasetId = await library.newDataset();
    const { ids } = await addSamples(library.services, datasetId, [
      like('aside', 0, { width: 900 }),
      like('aside', 1, { width: 500 }),
      like('aside', 2, { width: 400 }),
    ]);
    await decide(library.services, datasetId, ids[0] ?? 0, status);
    await stage(datasetId);
    const [first, ...others] = verdicts(datasetId);
    assert.deepEqual([first?.status, first?.decidedBy], [status, 'user']);
    assert.deepEqual(others, [BLANK, repeatOf(ids[1], 1)], status);
  }
});

test('what another rule sets aside is neither keeper nor member', async () => {
  const datasetId = await library.newDataset();
  const { ids } = await addSamples(library.services, datasetId, [
    like('torn', 0, { width: 900, integrity: 'damaged' }),
    like('torn', 1, { width: 500 }),
    like('torn', 2, { width: 400 }),
    like('torn', 3, { width: 50 }),
  ]);
  await stage(datasetId);
  assert.deepEqual(
    verdicts(datasetId).map(({ reasons, keeperId }) => [reasons, keeperId]),
    [
      ['damaged', null],
      ['', null],
      ['near-duplicate', ids[1]],
      ['short-side', null],
    ],
  );
});

test('what no longer holds is taken back', async () => {
  const datasetId = await library.newDataset();
  const { ids } = await addSamples(library.services, datasetId, [
    like('gone', 0, { width: 900 }),
    like('gone', 1, { width: 500 }),
    like('gone', 2, { width: 400 }),
    like('alone', 0, { width: 900 }),
    like('alone', 1, { width: 400 }),
  ]);
  await stage(datasetId);
  for (const keeper of [ids[0], ids[3]]) await decide(library.services, datasetId, keeper ?? 0, 'rejected');
  assert.equal((await stage(datasetId)).length, 3);
  assert.deepEqual(
    verdicts(datasetId).filter(({ status }) => status !== 'rejected'),
    [BLANK, repeatOf(ids[1], 1), BLANK],
  );
  assert.deepEqual(groups(datasetId), [{ keeperId: ids[1], members: 1 }]);
  const strict = await library.services.ruleSets.activate(mergeRules({ maxNearDuplicateDistance: 0 }));
  await stage(datasetId, {}, strict);
  assert.deepEqual(
    verdicts(datasetId).filter(({ status }) => status === 'quarantined'),
    [],
  );
  assert.deepEqual(groups(datasetId), []);
  assert.equal(await counterDrift(library.services, datasetId), 0);
});

test('a job counts its own samples alone', async () => {
  const datasetId = await library.newDataset();
  await addSamples(library.services, datasetId, [like('own', 1), like('own', 2)]);
  const later = await addSamples(library.services, datasetId, [like('own', 0, { width: 900 }), like('own', 3)]);
  const { tally, jobId } = later;
  assert.deepEqual([tally.counts.accepted, tally.counts.quarantined], [2, 0]);
  assert.equal((await stage(datasetId, { jobId, tally })).length, 3);
  const { accepted, nearDuplicates, quarantined } = tally.counts;
  assert.deepEqual([accepted, quarantined, nearDuplicates, tally.reasons], [1, 1, 1, { 'near-duplicate': 1 }]);
  await decide(library.services, datasetId, later.ids[0] ?? 0, 'rejected');
  await stage(datasetId, { jobId, tally });
  const own = sampleRows(library.services, datasetId).filter((row) => row.jobId === jobId && row.decidedBy === 'rules');
  const repeats = own.filter(({ reasons }) => reasons === 'near-duplicate').length;
  assert.deepEqual([tally.counts.nearDuplicates, tally.counts.quarantined], [repeats, repeats]);
});

test('a level without near-duplicates takes none back and compares nothing', async () => {
  const datasetId = await library.newDataset();
  await addSamples(library.services, datasetId, [like('level', 0), like('level', 1)]);
  await stage(datasetId);
  const before = verdicts(datasetId);
  compared = [];
  const medium = await library.services.ruleSets.activate(mergeRules({ level: 'medium' }));
  assert.deepEqual(await stage(datasetId, {}, medium), []);
  assert.deepEqual([verdicts(datasetId), compared], [before, []]);
});

test('a dry run tells what a run does, and does nothing', async () => {
  const datasetId = await library.newDataset();
  await addSamples(library.services, datasetId, [like('dry', 0, { width: 900 }), like('dry', 1), like('dry', 4)]);
  const before = verdicts(datasetId);
  const told = await stage(datasetId, { dryRun: { judged: new Map() } });
  assert.deepEqual([verdicts(datasetId), groups(datasetId)], [before, []]);
  assert.deepEqual(await stage(datasetId), told);
  assert.equal(told.length, 2);
});

test('an abort ends the stage before anything is written', async () => {
  const datasetId = await library.newDataset();
  await addSamples(library.services, datasetId, [like('abort', 0, { width: 900 }), like('abort', 1)]);
  await assert.rejects(stage(datasetId, { signal: AbortSignal.abort() }));
  assert.deepEqual(verdicts(datasetId), [BLANK, BLANK]);
});

test('rows beyond a page are read, also behind one without a candidate', async () => {
  const datasetId = await library.newDataset();
  const tiny = Array.from({ length: 5_000 }, (_each, index): Picture => ({ name: `tiny ${index}`, width: 10 }));
  await addSamples(library.services, datasetId, [
    ...tiny,
    like('far', 0, { width: 900 }),
    like('far', 1),
    like('far', 2),
  ]);
  assert.equal((await stage(datasetId)).length, 2);
  assert.deepEqual(compared, [3]);
  assert.equal(verdicts(datasetId).filter(({ reasons }) => reasons === 'near-duplicate').length, 2);
});

test('who came first does not matter', async () => {
  const picture = fc.record({ of: fc.constantFrom('a', 'b'), bits: fc.nat(12), width: fc.constantFrom(200, 300) });
  const pictures = fc.uniqueArray(picture, { selector: ({ of, bits }) => `${of} ${bits}`, maxLength: 12 });
  const outcome = async (set: readonly Picture[]) => {
    const datasetId = await library.newDataset();
    const { ids } = await addSamples(library.services, datasetId, set);
    await stage(datasetId);
    const nameOf = new Map(ids.map((id, index) => [id, set[index]?.name]));
    return sampleRows(library.services, datasetId)
      .map(({ id, keeperId, keeperDistance }) => [nameOf.get(id), nameOf.get(keeperId ?? 0) ?? null, keeperDistance])
      .sort();
  };
  await fc.assert(
    fc.asyncProperty(pictures, fc.func(fc.nat()), async (drawn, order) => {
      // Sizes are part of the name: an image of the library stays as it was first seen.
      const set = drawn.map(({ of, bits, width }) => like(`${of} ${width}`, bits, { width }, of));
      const shuffled = set.toSorted((left, right) => order(left.name) - order(right.name));
      assert.deepEqual(await outcome(shuffled), await outcome(set));
    }),
    { numRuns: 100 },
  );
});
