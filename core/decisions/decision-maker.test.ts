import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import type { SampleChange } from '../../shared/contract/decisions.ts';
import type { CoreEvent } from '../../shared/contract/events.ts';
import { SAMPLE_STATUSES, SPLITS } from '../../shared/vocabulary.ts';
import {
  addSamples,
  counterDrift,
  fakeWorkers,
  like,
  makeLibrary,
  type Picture,
  type TestLibrary,
} from '../testing/test-library.ts';
import { DecisionMaker } from './decision-maker.ts';

let library: TestLibrary;
let decisions: DecisionMaker;

before(async () => {
  library = await makeLibrary(fakeWorkers());
  decisions = new DecisionMaker(library.services);
});

after(() => library?.remove());

let added = 0;

/** Good, small and repeating pictures, some with a label, split, caption or name. */
async function newSamples(count: number): Promise<{ datasetId: number; ids: number[] }> {
  const datasetId = await library.newDataset();
  const pictures = Array.from({ length: count }, (_each, index): Picture => {
    const name = `decided ${++added}`;
    if (index % 5 === 4) return { name, width: 40 };
    const label = ['cat', 'dog'][index % 3];
    return {
      ...like(name, index % 3),
      meta: {
        ...(label === undefined ? {} : { label }),
        ...(index % 4 === 0 ? { split: 'train' as const, caption: `caption of ${index}` } : {}),
      },
      origin: { pageUrl: `https://site.example/page-${index}` },
    };
  });
  const { ids } = await addSamples(library.services, datasetId, pictures);
  // One is a near-duplicate of another, as the last stage of a crawl leaves it.
  const { database, ownerId } = library.services;
  await database.write(() => {
    database
      .prepare(
        `UPDATE samples SET status = 'quarantined', reasons = 'near-duplicate', keeper_id = ?, keeper_distance = 2 WHERE id = ?`,
      )
      .run(ids[0], ids[1]);
    database
      .prepare(`INSERT INTO sample_reasons (dataset_id, reason, sample_id) VALUES (?, 'near-duplicate', ?)`)
      .run(datasetId, ids[1]);
    database
      .prepare(
        'INSERT INTO duplicate_groups (owner_id, dataset_id, keeper_id, member_count, created_at) VALUES (?, ?, ?, 1, 0)',
      )
      .run(ownerId, datasetId, ids[0]);
  });
  await library.services.counters.recount([datasetId]);
  return { datasetId, ids: [...ids] };
}

/** Everything a decision may change, but for when it did. */
function stateOf(datasetId: number): unknown {
  const { database } = library.services;
  const all = (sql: string) => database.prepare<[number], object>(sql).all(datasetId);
  const samples = all('SELECT * FROM samples WHERE dataset_id = ? ORDER BY id').map((row) => ({
    ...row,
    updated_at: 0,
  }));
  const words = ['cat', 'seen', 'dog', 'blue', 'caption', 'site', 'words'].map((word) =>
    database
      .prepare<[string, number], { id: number }>(
        `SELECT rowid AS id FROM sample_text WHERE sample_text MATCH ? AND rowid IN (SELECT id FROM samples WHERE dataset_id = ?)`,
      )
      .all(word, datasetId),
  );
  return {
    samples,
    words,
    reasons: all('SELECT * FROM sample_reasons WHERE dataset_id = ? ORDER BY sample_id, reason'),
    labels: all('SELECT * FROM labels WHERE dataset_id = ? ORDER BY id'),
    counters: all('SELECT facet, value, count FROM counters WHERE dataset_id = ? AND count <> 0 ORDER BY facet, value'),
    groups: all('SELECT id, keeper_id FROM duplicate_groups WHERE dataset_id = ? ORDER BY id'),
  };
}

function rowOf(id: number): {
  status: string;
  decidedBy: string;
  reasons: string;
  keeperId: number | null;
  tags: string;
} {
  return library.services.database
    .prepare<[number], ReturnType<typeof rowOf>>(
      'SELECT status, decided_by AS decidedBy, reasons, keeper_id AS keeperId, tags FROM samples WHERE id = ?',
    )
    .get(id) as ReturnType<typeof rowOf>;
}

const changes: fc.Arbitrary<SampleChange> = fc
  .record(
    {
      status: fc.constantFrom(...SAMPLE_STATUSES),
      label: fc.constantFrom('cat', 'dog', 'new', 'newer', null),
      split: fc.constantFrom(...SPLITS, null),
      caption: fc.constantFrom('words of a caption', null),
      addTags: fc.subarray(['seen', 'blue, grey', 'x "y"']),
      removeTags: fc.subarray(['seen', 'never there', 'x "y"']),
    },
    { requiredKeys: [] },
  )
  .filter((change) => Object.keys(change).length > 0);

type Step = { do: 'apply'; at: readonly number[]; change: SampleChange } | { do: 'undo' | 'redo' };

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constant('apply' as const),
        at: fc.array(fc.nat(11), { minLength: 1 }),
        change: changes,
      }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('undo' as const, 'redo' as const) }) },
  ),
  { maxLength: 12 },
);

test('after any decisions, what is undone is as it was and what is redone as it became', async () => {
  const { datasetId, ids } = await newSamples(12);
  await fc.assert(
    fc.asyncProperty(steps, async (sequence) => {
      const first = stateOf(datasetId);
      /** The state before each decision that stands, and after each that was taken back. */
      const past: unknown[] = [];
      let future: unknown[] = [];
      for (const step of sequence) {
        const now = stateOf(datasetId);
        if (step.do === 'apply') {
          const target = { kind: 'ids' as const, ids: step.at.map((index) => ids[index] ?? 0) };
          const { count } = await decisions.apply(datasetId, target, step.change);
          if (count > 0) {
            past.push(now);
            future = [];
          } else assert.deepEqual(stateOf(datasetId), now);
        } else if (step.do === 'undo' && past.length > 0) {
          await decisions.undo(datasetId);
          assert.deepEqual(stateOf(datasetId), past.pop());
          future.push(now);
        } else if (step.do === 'redo' && future.length > 0) {
          await decisions.redo(datasetId);
          assert.deepEqual(stateOf(datasetId), future.pop());
          past.push(now);
        } else {
          await assert.rejects(step.do === 'undo' ? decisions.undo(datasetId) : decisions.redo(datasetId), {
            code: 'conflict',
          });
        }
        assert.equal(await counterDrift(library.services, datasetId), 0);
      }
      while (past.length > 0) {
        await decisions.undo(datasetId);
        past.pop();
      }
      assert.deepEqual(stateOf(datasetId), first);
      // The next run begins without anything to redo.
      library.services.database.prepare('DELETE FROM decisions WHERE dataset_id = ?').run(datasetId);
    }),
    { numRuns: 100 },
  );
});

test('a decision is the person’s, changes what it says alone and tells what it did', async () => {
  const { datasetId, ids } = await newSamples(6);
  const small = ids[4] as number;
  const listening = new AbortController();
  const heard: CoreEvent['type'][] = [];
  const events = library.services.events.watch(undefined, listening.signal);
  const listen = (async () => {
    for await (const event of events) heard.push(event.type);
  })();
  const decision = await decisions.apply(
    datasetId,
    { kind: 'ids', ids: [small, small, 999_999] },
    { status: 'accepted' },
  );
  assert.deepEqual(
    { ...decision, id: 0, at: 0 },
    { id: 0, datasetId, kind: 'change', change: { status: 'accepted' }, count: 1, undone: false, at: 0 },
  );
  assert.deepEqual(rowOf(small), {
    status: 'accepted',
    decidedBy: 'user',
    reasons: 'short-side',
    keeperId: null,
    tags: '',
  });
  await decisions.apply(datasetId, { kind: 'ids', ids: [small] }, { label: 'made here', addTags: ['a', 'b'] });
  assert.equal(library.services.samples.get(small).label, 'made here');
  assert.deepEqual(library.services.samples.get(small).tags, ['a', 'b']);
  assert.equal((await decisions.apply(datasetId, { kind: 'ids', ids: [small] }, { label: 'made here' })).count, 0);
  const { undo } = await decisions.state(datasetId);
  assert.deepEqual(undo?.change, { label: 'made here', addTags: ['a', 'b'] }, 'nothing is not undone');
  assert.equal(rowOf(ids[0] as number).decidedBy, 'rules');
  listening.abort();
  await listen;
  assert.deepEqual([...new Set(heard)].sort(), ['dataset.changed', 'decision.changed', 'samples.updated']);
});

test('a label of a sample alone leaves its verdict to the rules', async () => {
  const { datasetId, ids } = await newSamples(3);
  await decisions.apply(datasetId, { kind: 'ids', ids }, { label: 'cat', split: 'test', caption: 'seen' });
  for (const id of ids) assert.equal(rowOf(id).decidedBy, 'rules');
});

test('whoever is accepted or rejected is set aside for nobody', async () => {
  const { datasetId, ids } = await newSamples(3);
  const repeat = ids[1] as number;
  await decisions.apply(datasetId, { kind: 'ids', ids: [repeat] }, { status: 'quarantined' });
  assert.equal(rowOf(repeat).keeperId, ids[0]);
  await decisions.apply(datasetId, { kind: 'ids', ids: [repeat] }, { status: 'rejected' });
  assert.equal(rowOf(repeat).keeperId, null);
  await decisions.undo(datasetId);
  assert.equal(rowOf(repeat).keeperId, ids[0]);
});

test('a sample that is named twice is changed once, also by what adds and removes the same tag', async () => {
  const { datasetId, ids } = await newSamples(3);
  const before = stateOf(datasetId);
  const id = ids[0] as number;
  const target = { kind: 'ids' as const, ids: [id, id, ids[2] as number, id] };
  const { count } = await decisions.apply(datasetId, target, { addTags: ['a', 'b'], removeTags: ['a'] });
  assert.equal(count, 2);
  assert.equal(rowOf(id).tags, '["a","b"]');
  await decisions.undo(datasetId);
  assert.deepEqual(stateOf(datasetId), before);
});

test('everything that matches, but for some', async () => {
  const { datasetId, ids } = await newSamples(10);
  const spared = ids[4] as number;
  const target = { kind: 'matching' as const, filter: { reasons: ['short-side'] }, exceptIds: [spared] };
  const { count } = await decisions.apply(datasetId, target, { status: 'rejected' });
  assert.equal(count, 1);
  assert.equal(rowOf(ids[9] as number).status, 'rejected');
  assert.equal(rowOf(spared).status, 'quarantined');
});

test('only the decision that is next can be undone or redone, and a new one forgets what could be redone', async () => {
  const { datasetId, ids } = await newSamples(4);
  const target = { kind: 'ids' as const, ids: [ids[0] as number] };
  const first = await decisions.apply(datasetId, target, { status: 'rejected' });
  const second = await decisions.apply(datasetId, target, { label: 'dog' });
  await assert.rejects(decisions.undo(datasetId, first.id), {
    code: 'conflict',
    message: new RegExp(`decision ${second.id} is`),
  });
  assert.equal((await decisions.undo(datasetId, second.id)).undone, true);
  await assert.rejects(decisions.redo(datasetId, first.id), { code: 'conflict' });
  await decisions.undo(datasetId, first.id);
  assert.deepEqual(await decisions.state(datasetId), { undo: null, redo: { ...first, undone: true } });
  const third = await decisions.apply(datasetId, target, { split: 'test' });
  await assert.rejects(decisions.redo(datasetId), { code: 'conflict', message: 'There is nothing to redo.' });
  assert.deepEqual(
    decisions.list(datasetId, 0, 10).map(({ id, undone }) => [id, undone]),
    [
      [third.id, false],
      [second.id, true],
      [first.id, true],
    ],
  );
  assert.deepEqual(
    decisions.list(datasetId, third.id, 1).map(({ id }) => id),
    [second.id],
  );
});

test('decisions outlive a restart, and what was cut short stands as far as it came', async () => {
  const { datasetId, ids } = await newSamples(12);
  const before = stateOf(datasetId);
  const { id } = await decisions.apply(datasetId, { kind: 'ids', ids }, { status: 'rejected', label: 'cut' });
  const { database } = library.services;
  // As a core leaves it that dies between two transactions of an undo, and then of a redo.
  for (const state of ['undoing', 'redoing', 'applying']) {
    database.prepare('UPDATE decisions SET state = ? WHERE id = ?').run(state, id);
    const next = new DecisionMaker(library.services);
    assert.equal((await next.state(datasetId)).undo?.id, id, state);
  }
  const next = new DecisionMaker(library.services);
  await next.undo(datasetId);
  assert.deepEqual(stateOf(datasetId), before);
  await new DecisionMaker(library.services).redo(datasetId);
  assert.equal(rowOf(ids[0] as number).status, 'rejected');
  await next.undo(datasetId);
});

test('a disk that fails in the middle of a decision leaves one that can be undone', async () => {
  const { datasetId, ids } = await newSamples(120);
  const before = stateOf(datasetId);
  const { database } = library.services;
  const write = database.write.bind(database);
  // The turn, the decision and its first samples are written.
  let writes = 0;
  database.write = ((work: () => unknown) => {
    if (++writes === 4) return Promise.reject(new Error('the disk is gone'));
    return write(work);
  }) as typeof database.write;
  await assert.rejects(decisions.apply(datasetId, { kind: 'ids', ids }, { status: 'rejected' }), /the disk is gone/);
  database.write = write;
  const { undo } = await decisions.state(datasetId);
  assert.ok((undo?.count ?? 0) > 0 && (undo?.count ?? 0) < 120);
  assert.equal(await counterDrift(library.services, datasetId), 0);
  await decisions.undo(datasetId);
  assert.deepEqual(stateOf(datasetId), before);
});

test('decisions of one dataset are made one after the other', async () => {
  const { datasetId, ids } = await newSamples(60);
  const target = { kind: 'ids' as const, ids };
  const before = stateOf(datasetId);
  await Promise.all([
    decisions.apply(datasetId, target, { status: 'rejected' }),
    decisions.apply(datasetId, target, { status: 'accepted' }),
    decisions.apply(datasetId, target, { label: 'all' }),
    decisions.undo(datasetId),
  ]);
  assert.ok(ids.every((id) => rowOf(id).status === 'accepted'));
  await decisions.undo(datasetId);
  assert.ok(ids.every((id) => rowOf(id).status === 'rejected'));
  await decisions.undo(datasetId);
  assert.deepEqual(stateOf(datasetId), before);
});

test('a decision about many is made in short transactions', async () => {
  const { datasetId, ids } = await newSamples(3_000);
  const { database } = library.services;
  const write = database.write.bind(database);
  const times: number[] = [];
  database.write = (<T>(work: () => T) =>
    write(() => {
      // Of this thread alone: a busy machine makes the same work take longer.
      const before = process.threadCpuUsage();
      const value = work();
      const { user, system } = process.threadCpuUsage(before);
      times.push((user + system) / 1000);
      return value;
    })) as typeof database.write;
  const { count } = await decisions.apply(datasetId, { kind: 'ids', ids }, { status: 'rejected' });
  database.write = write;
  assert.equal(count, 3_000);
  const longest = times.toSorted((a, b) => b - a);
  // One or two may be held up by the machine.
  assert.ok((longest[2] ?? 0) < 40, `${longest.slice(0, 5).map(Math.round).join(', ')} ms`);
  assert.ok(times.length > 5);
});

test('a dataset in the trash or of someone else takes no decision', async () => {
  const { datasetId, ids } = await newSamples(3);
  await library.services.datasets.trash(datasetId, 1);
  const absent = { code: 'not-found' };
  await assert.rejects(decisions.apply(datasetId, { kind: 'ids', ids }, { status: 'rejected' }), absent);
  await assert.rejects(decisions.undo(datasetId), absent);
  await assert.rejects(decisions.state(datasetId), absent);
  assert.throws(() => decisions.list(datasetId, 0, 10), absent);
});
