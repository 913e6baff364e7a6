import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createRouterClient } from '@orpc/server';
import { NO_COUNTS } from '../../shared/contract/jobs.ts';
import { groupNearDuplicates } from '../../workers/duplicates/group.ts';
import type { TaskInput } from '../../workers/tasks.ts';
import { DecisionMaker } from '../decisions/decision-maker.ts';
import { JobTally } from '../jobs/job-tally.ts';
import { createProcedures } from '../procedures.ts';
import { readSampleDetails } from '../samples/sample-details.ts';
import {
  addSamples,
  counterDrift,
  fakeWorkers,
  like,
  makeLibrary,
  type Picture,
  sampleRows,
  type TestLibrary,
} from '../testing/test-library.ts';
import { runValidation } from '../validations/validation-job.ts';
import type { WorkerPool } from '../workers/worker-pool.ts';
import { duplicateProcedures } from './duplicate-procedures.ts';
import { quarantineNearDuplicates } from './near-duplicate-stage.ts';

let library: TestLibrary;
let decisions: DecisionMaker;
let duplicates: ReturnType<typeof clientOf>;

const run = (async (_task: 'group-near-duplicates', input: TaskInput<'group-near-duplicates'>) =>
  groupNearDuplicates(input)) as WorkerPool['run'];

function clientOf() {
  const os = createProcedures(library.services.log);
  return createRouterClient(duplicateProcedures(os, library.services, decisions));
}

before(async () => {
  library = await makeLibrary(fakeWorkers({ run }));
  decisions = new DecisionMaker(library.services);
  duplicates = clientOf();
});

after(() => library?.remove());

let sets = 0;

/** A keeper with two repeats, another with one of as many pixels, a third with one of as many bytes too. */
async function grouped(): Promise<{ datasetId: number; ids: readonly number[]; groups: number[] }> {
  const [a, b, c] = ['a', 'b', 'c'].map((name) => `${name} ${++sets}`) as [string, string, string];
  const pictures: Picture[] = [
    like(a, 0, { width: 900 }),
    like(a, 3),
    like(a, 1),
    like(b, 0, { sizeBytes: 9_000 }),
    like(b, 2, { sizeBytes: 8_000 }),
    like(c, 0),
    like(c, 2),
    { name: `alone ${sets}` },
  ];
  const datasetId = await library.newDataset();
  const { ids } = await addSamples(library.services, datasetId, pictures);
  const rules = await library.services.ruleSets.standard();
  await quarantineNearDuplicates(library.services, datasetId, rules, {
    jobId: 0,
    tally: new JobTally(NO_COUNTS, {}, 0),
    signal: new AbortController().signal,
  });
  const { items } = await duplicates.list({ datasetId });
  return { datasetId, ids, groups: items.map((group) => group.id) };
}

async function validate(datasetId: number): Promise<void> {
  const job = await library.services.jobs.insert('validate', datasetId, { datasetId });
  const tally = new JobTally(NO_COUNTS, {}, 0);
  await runValidation(library.services, job, { tally, onStop: () => undefined, log: () => undefined });
}

const rows = (datasetId: number) => sampleRows(library.services, datasetId);

test('groups tell their keeper, why it is kept, and their members, nearest first', async () => {
  const { datasetId, ids } = await grouped();
  const { items, total, next } = await duplicates.list({ datasetId });
  assert.deepEqual([total, next], [3, null]);
  const [first, second, third] = items;
  assert.deepEqual([first?.keeper.id, first?.keptBecause, first?.memberCount], [ids[0], 'more-pixels', 2]);
  assert.deepEqual(
    first?.members.map(({ sample, distance }) => [sample.id, distance, sample.keeper?.distance]),
    [
      [ids[2], 1, 1],
      [ids[1], 3, 3],
    ],
  );
  assert.equal(second?.keptBecause, 'more-bytes');
  assert.equal(third?.keptBecause, 'first');
  assert.deepEqual(await duplicates.get({ id: second?.id ?? 0 }), second);
  const pages = [await duplicates.list({ datasetId, limit: 2 })];
  pages.push(await duplicates.list({ datasetId, limit: 2, after: pages[0]?.next ?? 0 }));
  assert.deepEqual(
    pages.flatMap((page) => page.items),
    items,
  );
  for (const sample of [ids[0], ids[1]]) {
    assert.equal(readSampleDetails(library.services, sample ?? 0).duplicateGroupId, first?.id);
  }
  assert.equal(readSampleDetails(library.services, ids[7] ?? 0).duplicateGroupId, null);
});

test('a group has its members at any instant, also while another keeper is chosen and that is undone', async () => {
  const { datasetId, ids, groups } = await grouped();
  const id = groups[0] ?? 0;
  let isDone = false;
  const look = async () => {
    let looks = 0;
    for (; !isDone; looks++) {
      assert.equal((await duplicates.get({ id })).memberCount, 2);
      assert.equal((await duplicates.list({ datasetId })).items.length, 3);
    }
    return looks;
  };
  const looking = look();
  try {
    for (let round = 0; round < 30; round++) {
      await duplicates.chooseKeeper({ id, sampleId: ids[1 + (round % 2)] ?? 0 });
      await decisions.undo(datasetId);
    }
  } finally {
    isDone = true;
  }
  assert.ok((await looking) > 10);
});

test('a chosen keeper is accepted, the others set aside for it; rules leave that alone and undo takes it back', async () => {
  const { datasetId, ids, groups } = await grouped();
  const before = rows(datasetId);
  const id = groups[0] ?? 0;
  const { decisionId } = await duplicates.chooseKeeper({ id, sampleId: ids[1] ?? 0 });
  const check = async () => {
    const group = await duplicates.get({ id });
    assert.deepEqual([group.keeper.id, group.keptBecause, group.memberCount], [ids[1], 'chosen', 2]);
    assert.deepEqual(
      group.members.map(({ sample, distance }) => [sample.id, distance, sample.status, sample.reasons]),
      [
        [ids[2], 2, 'quarantined', ['near-duplicate']],
        [ids[0], 3, 'quarantined', ['near-duplicate']],
      ],
    );
    assert.deepEqual([group.keeper.status, group.keeper.reasons, group.keeper.keeper], ['accepted', [], null]);
    assert.equal(await counterDrift(library.services, datasetId), 0);
  };
  await check();
  await validate(datasetId);
  await check();
  assert.equal((await decisions.undo(datasetId, decisionId)).kind, 'choose-keeper');
  assert.deepEqual(rows(datasetId), before);
  assert.equal((await duplicates.get({ id })).keeper.id, ids[0]);
  await decisions.redo(datasetId);
  await check();
  await assert.rejects(duplicates.chooseKeeper({ id, sampleId: ids[7] ?? 0 }), { code: 'conflict' });
});

test('whose keeper is confirmed is kept because a person chose it', async () => {
  const { datasetId, ids, groups } = await grouped();
  await duplicates.chooseKeeper({ id: groups[2] ?? 0, sampleId: ids[5] ?? 0 });
  assert.equal((await duplicates.get({ id: groups[2] ?? 0 })).keptBecause, 'chosen');
  await decisions.undo(datasetId);
  assert.equal((await duplicates.get({ id: groups[2] ?? 0 })).keptBecause, 'first');
});

test('images that are kept all are no group any more, also for rules, until that is undone', async () => {
  const { datasetId, ids, groups } = await grouped();
  const before = rows(datasetId);
  await duplicates.keepAll({ id: groups[0] ?? 0 });
  const kept = () => rows(datasetId).slice(0, 3);
  assert.ok(kept().every((row) => row.status === 'accepted' && row.reasons === '' && row.decidedBy === 'user'));
  assert.equal((await duplicates.list({ datasetId })).total, 2);
  await assert.rejects(duplicates.get({ id: groups[0] ?? 0 }), { code: 'not-found' });
  await validate(datasetId);
  assert.ok(kept().every((row) => row.status === 'accepted'));
  assert.equal(await counterDrift(library.services, datasetId), 0);
  await decisions.undo(datasetId);
  assert.deepEqual(rows(datasetId), before);
  const { items, total } = await duplicates.list({ datasetId });
  assert.deepEqual([total, items.some((group) => group.keeper.id === ids[0])], [3, true]);
});

test('members that are rejected one by one leave their group', async () => {
  const { datasetId, ids, groups } = await grouped();
  await decisions.apply(datasetId, { kind: 'ids', ids: [ids[2] ?? 0] }, { status: 'rejected' });
  assert.equal((await duplicates.get({ id: groups[0] ?? 0 })).memberCount, 1);
  await decisions.apply(datasetId, { kind: 'ids', ids: [ids[1] ?? 0] }, { status: 'rejected' });
  assert.equal((await duplicates.list({ datasetId })).total, 2);
  await decisions.undo(datasetId);
  assert.equal((await duplicates.list({ datasetId })).total, 3);
});

test('groups of a dataset in the trash are not found', async () => {
  const { datasetId, groups } = await grouped();
  await library.services.datasets.trash(datasetId, 1);
  await assert.rejects(duplicates.list({ datasetId }), { code: 'not-found' });
  await assert.rejects(duplicates.get({ id: groups[0] ?? 0 }), { code: 'not-found' });
  await assert.rejects(duplicates.keepAll({ id: groups[0] ?? 0 }), { code: 'not-found' });
});
