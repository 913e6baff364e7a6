import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sha256Of } from '../testing/test-library.ts';
import { type CandidateRow, CandidateTable } from './candidate-table.ts';

function row(id: number, change: Partial<CandidateRow> = {}): CandidateRow {
  return {
    id,
    jobId: 7,
    status: 'accepted',
    decidedBy: 'rules',
    reasons: '',
    keeperId: null,
    keeperDistance: null,
    pHashHigh: 0xffffffff,
    pHashLow: id,
    dHashHigh: 0x80000000,
    dHashLow: id * 2,
    width: id,
    height: 3,
    sizeBytes: id * 10,
    sha256: sha256Of(`${id}`),
    ...change,
  };
}

const REPEAT = { status: 'quarantined', reasons: 'near-duplicate', keeperId: 5, keeperDistance: 3 } as const;

function tableOf(...rows: readonly CandidateRow[]): CandidateTable {
  const table = new CandidateTable();
  for (const each of rows) table.add(each);
  return table;
}

test('every column of every row is kept, beyond what the table has room for at first', () => {
  const ids = Array.from({ length: 5_000 }, (_each, index) => index + 1);
  const table = tableOf(...ids.map((id) => row(id, { jobId: id % 3 === 0 ? null : id })));
  const columns = table.columns();
  assert.equal(table.length, ids.length);
  assert.deepEqual(
    [...columns.areasPx],
    ids.map((id) => id * 3),
  );
  assert.deepEqual(
    [...columns.sizesBytes],
    ids.map((id) => id * 10),
  );
  assert.deepEqual(
    [...columns.pHashes],
    ids.flatMap((id) => [0xffffffff, id]),
  );
  assert.deepEqual(
    [...columns.dHashes],
    ids.flatMap((id) => [0x80000000, id * 2]),
  );
  assert.equal(Buffer.from(columns.sha256s).toString('hex'), ids.map((id) => sha256Of(`${id}`)).join(''));
  assert.deepEqual(new Set(columns.isProtected), new Set([0]));
  for (const index of [0, 1_023, 1_024, 4_999]) {
    assert.equal(table.idOf(index), index + 1);
    assert.equal(table.judgement(index, 0, 0).sample.jobId, (index + 1) % 3 === 0 ? null : index + 1);
  }
});

test('ids beyond 32 bits are kept', () => {
  const id = 2 ** 40 + 1;
  const table = tableOf(row(1, { id, jobId: id, ...REPEAT, keeperId: id - 1 }));
  assert.equal(table.idOf(0), id);
  assert.deepEqual([table.judgement(0, 0, 0).sample.jobId, table.judgement(0, 0, 0).sample.keeperId], [id, id - 1]);
});

test('only what nothing else is wrong with is compared', () => {
  const taken = (change: Partial<CandidateRow>): boolean => tableOf(row(1, change)).length === 1;
  assert.equal(taken({}), true);
  assert.equal(taken(REPEAT), true);
  assert.equal(taken({ status: 'quarantined', reasons: 'blurred' }), false);
  assert.equal(taken({ status: 'quarantined', reasons: 'blurred,near-duplicate' }), false);
  assert.equal(taken({ status: 'rejected' }), false);
  assert.equal(taken({ decidedBy: 'user' }), true);
  assert.equal(taken({ decidedBy: 'user', reasons: 'blurred' }), true, 'a person likes it blurred');
  assert.equal(taken({ ...REPEAT, decidedBy: 'user' }), false);
  assert.equal(taken({ status: 'rejected', decidedBy: 'user' }), false);
});

test('what a person accepted is protected', () => {
  const table = tableOf(row(1), row(2, { decidedBy: 'user' }), row(3, REPEAT));
  assert.deepEqual(
    [0, 1, 2].map((index) => table.isProtected(index)),
    [false, true, false],
  );
  assert.deepEqual([...table.columns().isProtected], [0, 1, 0]);
});

test('a row is changed when its status, keeper or distance is another', () => {
  const table = tableOf(
    row(1),
    row(2, REPEAT),
    row(3, { ...REPEAT, status: 'accepted' }),
    row(4, { ...REPEAT, keeperId: null, keeperDistance: null }),
  );
  const changed = (keeperId: number, distance: number) =>
    [0, 1, 2, 3].map((index) => table.isChanged(index, keeperId, distance));
  assert.deepEqual(changed(0, 0), [false, true, true, true]);
  assert.deepEqual(changed(5, 3), [true, false, true, true]);
  assert.deepEqual(changed(5, 4), [true, true, true, true]);
  assert.deepEqual(changed(6, 3), [true, true, true, true]);
});

test('a judgement says what was and what should be', () => {
  const table = tableOf(row(1), row(2, REPEAT));
  const plain = { jobId: 7, status: 'accepted', reasons: [], keeperId: null, keeperDistance: null };
  const repeat = { ...plain, status: 'quarantined', reasons: ['near-duplicate'], keeperId: 5, keeperDistance: 3 };
  assert.deepEqual(table.judgement(0, 9, 0), {
    sample: { id: 1, ...plain },
    reasons: ['near-duplicate'],
    keeperId: 9,
    keeperDistance: 0,
  });
  assert.deepEqual(table.judgement(1, 0, 0), {
    sample: { id: 2, ...repeat },
    reasons: [],
    keeperId: null,
    keeperDistance: null,
  });
});
