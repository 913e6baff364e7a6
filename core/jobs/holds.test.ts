import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import type { Job } from '../../shared/contract/jobs.ts';
import { HOST_HOLDS, type HoldReason, type HostHold, type JobState } from '../../shared/vocabulary.ts';
import { RequestRepository } from '../crawl/request-repository.ts';
import { DatasetRepository } from '../datasets/dataset-repository.ts';
import { Database } from '../db/database.ts';
import { DatabaseReader } from '../db/reader.ts';
import { EventHub } from '../events/event-hub.ts';
import { ProjectRepository } from '../projects/project-repository.ts';
import { Holds } from './holds.ts';
import { JobRepository } from './job-repository.ts';
import { type JobHandler, type JobOutcome, JobRunner } from './job-runner.ts';

let folder: string;
let database: Database;
let reader: DatabaseReader;
let jobs: JobRepository;
let projectId: number;
let datasets = 0;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pixcrawler-holds-'));
  database = await Database.open({ path: join(folder, 'test.db'), backupDirectory: join(folder, 'backups') });
  reader = new DatabaseReader(database.path);
  jobs = new JobRepository(database, 'local');
  projectId = (await new ProjectRepository(database, 'local').insert('project')).id;
});

after(async () => {
  await reader?.close();
  await database?.close();
  await rm(folder, { recursive: true, force: true });
});

interface Stage {
  readonly holds: Holds;
  readonly runner: JobRunner;
  readonly datasetId: number;
  /** What ends a job that runs, by id. */
  readonly running: Map<number, (outcome: JobOutcome) => void>;
  /** How often each job has begun. */
  readonly begun: Map<number, number>;
  readonly errors: unknown[];
}

/** A runner on a dataset of its own, whose jobs run until they are ended or, a moment later, told to stop. */
async function makeStage(waitsForSpace?: (holds: Holds) => Promise<boolean>): Promise<Stage> {
  datasets += 1;
  const { id: datasetId } = await new DatasetRepository(database, 'local').insert(projectId, `set ${datasets}`, []);
  const holds = new Holds();
  const running: Stage['running'] = new Map();
  const begun: Stage['begun'] = new Map();
  const errors: unknown[] = [];
  const handler: JobHandler = async ({ id }, control) => {
    begun.set(id, (begun.get(id) ?? 0) + 1);
    const { promise, resolve } = Promise.withResolvers<JobOutcome>();
    assert.ok(!running.has(id), 'a job runs once at a time');
    running.set(id, resolve);
    control.onStop(() => setImmediate(() => resolve({ state: 'stopped' })));
    try {
      return await promise;
    } finally {
      running.delete(id);
    }
  };
  const runner = new JobRunner({
    database,
    reader,
    jobs,
    requests: new RequestRepository(database, 'local'),
    events: new EventHub(),
    holds,
    ...(waitsForSpace === undefined ? {} : { waitsForSpace: () => waitsForSpace(holds) }),
    handlers: { crawl: handler, import: handler, validate: handler, export: handler, duplicate: handler },
    onError: (error) => errors.push(error),
  });
  return { holds, runner, datasetId, running, begun, errors };
}

async function until(what: string, isSo: () => boolean): Promise<void> {
  for (let wait = 0; wait < 2_000 && !isSo(); wait++) await new Promise((done) => setTimeout(done, 1));
  assert.ok(isSo(), what);
}

const stateOf = (id: number): JobState => jobs.get(id).state;

test('what runs waits while anything holds, and goes on by itself before what came later', async () => {
  const { holds, runner, datasetId, running, begun } = await makeStage();
  const first = await runner.start('crawl', datasetId, { a: 1 });
  const second = await runner.start('crawl', datasetId, { a: 2 });
  await until('it runs', () => running.has(first.id));
  holds.setByHost(['battery', 'metered']);
  await until('it waits, durably', () => stateOf(first.id) === 'waiting');
  assert.equal(jobs.get(first.id).error, null);
  const third = await runner.start('export', datasetId, {});
  assert.equal(third.state, 'waiting');
  holds.setByHost(['metered']);
  await new Promise((done) => setTimeout(done, 20));
  assert.equal(running.size, 0, 'one reason is enough');
  holds.setByHost([]);
  await until('it goes on', () => running.has(first.id) && running.has(third.id));
  assert.deepEqual([begun.get(first.id), begun.get(second.id)], [2, undefined]);
  await runner.close();
});

test('what a person pauses, cancels and resumes under a hold stays so', async () => {
  const { holds, runner, datasetId, running } = await makeStage();
  const [paused, cancelled, resumed] = await Promise.all(
    (['export', 'duplicate', 'crawl'] as const).map((kind) => runner.start(kind, datasetId, {})),
  );
  await until('they run', () => running.size === 3);
  await runner.pause(resumed!.id);
  // At the same moment: what stops for the hold stops for a person then.
  holds.setByHost(['suspend']);
  assert.equal((await runner.pause(paused!.id)).state, 'paused');
  assert.equal((await runner.cancel(cancelled!.id)).state, 'cancelled');
  assert.equal((await runner.resume(resumed!.id)).state, 'waiting');
  assert.equal((await runner.pause(resumed!.id)).state, 'paused');
  assert.equal((await runner.resume(resumed!.id)).state, 'waiting');
  holds.setByHost([]);
  await until('only what a person wants goes on', () => running.size === 1 && running.has(resumed!.id));
  assert.deepEqual([stateOf(paused!.id), stateOf(cancelled!.id)], ['paused', 'cancelled']);
  await runner.close();
});

test('a job that the full disk stopped waits for space, where the host waits for it', async () => {
  const { holds, runner, datasetId, running } = await makeStage(async (of) => {
    of.setDisk(true);
    return true;
  });
  const full = { state: 'stopped', error: { code: 'disk-full', message: 'No room.' } } as const;
  const { id } = await runner.start('crawl', datasetId, {});
  await until('it runs', () => running.has(id));
  running.get(id)?.(full);
  await until('it waits', () => stateOf(id) === 'waiting');
  assert.deepEqual([holds.reasons, jobs.get(id).error], [['disk'], null]);
  holds.setByHost(['battery']);
  holds.setByHost([]);
  assert.deepEqual(holds.reasons, ['disk'], 'a host does not know of the disk');
  holds.setDisk(false);
  await until('it goes on', () => running.has(id));
  await runner.close();

  const other = await makeStage(async () => false);
  const paused = await other.runner.start('crawl', other.datasetId, {});
  await until('it runs', () => other.running.has(paused.id));
  other.running.get(paused.id)?.(full);
  await until('it is paused', () => stateOf(paused.id) === 'paused');
  assert.equal(jobs.get(paused.id).error?.code, 'disk-full');
  await other.runner.close();
});

test('closing under a hold leaves what waits to be resumed', async () => {
  const { holds, runner, datasetId, running } = await makeStage();
  const held = await runner.start('crawl', datasetId, { a: 1 });
  await until('it runs', () => running.has(held.id));
  holds.setByHost(['suspend']);
  await database.write(() => jobs.noteInterrupted());
  await runner.close();
  assert.equal(stateOf(held.id), 'paused');
  assert.ok((await jobs.takeInterrupted()).includes(held.id));
  assert.equal(running.size, 0);
});

type Step =
  | { readonly do: 'start'; readonly kind: Job['kind']; readonly name: number }
  | { readonly do: 'pause' | 'resume' | 'cancel' | 'end'; readonly name: number }
  | { readonly do: 'hold'; readonly host: readonly HostHold[]; readonly isDiskFull: boolean }
  | { readonly do: 'wait' };

const name = fc.nat(3);
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constant('start' as const),
        kind: fc.constantFrom('crawl' as const, 'export' as const),
        name,
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constantFrom('pause' as const, 'resume' as const, 'cancel' as const, 'end' as const),
        name,
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constant('hold' as const),
        host: fc.subarray([...HOST_HOLDS]),
        isDiskFull: fc.boolean(),
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('wait' as const) }) },
  ),
  { minLength: 4, maxLength: 16 },
);

test('whatever the order of holds, starts, pauses, cancellations and ends, none runs under a hold and none is lost', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (taken) => {
      const stage = await makeStage();
      const { holds, runner, datasetId, running, begun, errors } = stage;
      const ids = new Map<number, number>();
      /** What a person wants of each job that has not ended. */
      const wanted = new Map<number, 'run' | 'paused' | 'cancelled'>();
      const isOver = (id: number) => ['completed', 'cancelled'].includes(stateOf(id));
      for (const step of taken) {
        if (step.do === 'hold') {
          holds.setByHost(step.host);
          holds.setDisk(step.isDiskFull);
          continue;
        }
        if (step.do === 'wait') {
          const isHeld = holds.isAny;
          if (isHeld) await until('all rest', () => running.size === 0);
          const before = new Map(begun);
          await new Promise((done) => setTimeout(done, 2));
          if (isHeld) assert.deepEqual(begun, before, 'nothing begins under a hold');
          continue;
        }
        if (step.do === 'start') {
          if (ids.has(step.name) && !isOver(ids.get(step.name)!)) continue;
          const { id } = await runner.start(step.kind, datasetId, { name: step.name, begun: ids.size });
          ids.set(step.name, id);
          wanted.set(id, 'run');
          continue;
        }
        const id = ids.get(step.name);
        if (id === undefined || isOver(id)) continue;
        if (step.do === 'end') running.get(id)?.({ state: 'completed' });
        else {
          // It may end at this moment, which is a conflict then.
          const done = await runner[step.do](id).catch(() => null);
          if (done === null) continue;
          if (step.do === 'resume') wanted.set(id, 'run');
          else wanted.set(id, step.do === 'pause' ? 'paused' : 'cancelled');
        }
      }
      if (holds.isAny) {
        await until(
          'all rest under a hold',
          () => running.size === 0 && [...wanted.keys()].every((id) => stateOf(id) !== 'active'),
        );
      }
      holds.setByHost([]);
      holds.setDisk(false);
      const isSettled = (id: number) =>
        stateOf(id) === 'completed' || (wanted.get(id) !== 'run' && stateOf(id) === wanted.get(id));
      await until('each job comes to what a person wants', () => {
        for (const end of running.values()) end({ state: 'completed' });
        return [...wanted.keys()].every(isSettled);
      });
      assert.deepEqual(errors, []);
      await runner.close();
    }),
    { numRuns: 150 },
  );
});

test('reasons are told in one order, and only when they change', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.subarray([...HOST_HOLDS], { minLength: 0 }), fc.boolean())), (changes) => {
      const holds = new Holds();
      const told: (readonly HoldReason[])[] = [];
      holds.onChange((reasons) => told.push(reasons));
      for (const [host, isDiskFull] of changes) {
        holds.setByHost(host.toReversed());
        holds.setDisk(isDiskFull);
        assert.deepEqual(holds.reasons, [...host, ...(isDiskFull ? ['disk'] : [])]);
      }
      for (const [index, reasons] of told.entries()) assert.notDeepEqual(reasons, told[index - 1] ?? []);
      assert.deepEqual(told.at(-1) ?? [], holds.reasons);
    }),
    { numRuns: 200 },
  );
});
