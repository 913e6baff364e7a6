import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import type { JobProgress } from '../../shared/contract/jobs.ts';
import { FAILURES, FINDINGS, JOB_STATES, type JobState, REFUSALS } from '../../shared/vocabulary.ts';
import { RequestRepository } from '../crawl/request-repository.ts';
import { DatasetRepository } from '../datasets/dataset-repository.ts';
import { Database } from '../db/database.ts';
import { DatabaseReader } from '../db/reader.ts';
import { EventHub } from '../events/event-hub.ts';
import { ProjectRepository } from '../projects/project-repository.ts';
import { requestCounts } from '../testing/request-counts.ts';
import { Holds } from './holds.ts';
import { JobRepository } from './job-repository.ts';
import { type JobControl, type JobHandler, type JobOutcome, JobRunner } from './job-runner.ts';

const OWNER = 'local';

interface Call {
  readonly id: number;
  readonly control: JobControl;
  end(outcome: JobOutcome): void;
  fail(error: unknown): void;
}

let folder: string;
let database: Database;
let jobs: JobRepository;
let requests: RequestRepository;
let reader: DatabaseReader;
let runner: JobRunner;
let events: EventHub;
let holds: Holds;
let datasetId: number;
let calls: Call[];
let errors: unknown[];

/** Runs until the test ends it; a stop ends it as stopped. */
const handler: JobHandler = (job, control) => {
  const { promise, resolve, reject } = Promise.withResolvers<JobOutcome>();
  calls.push({ id: job.id, control, end: resolve, fail: reject });
  control.onStop(() => resolve({ state: 'stopped' }));
  return promise;
};

function makeRunner(): JobRunner {
  return new JobRunner({
    database,
    reader,
    jobs,
    requests,
    events,
    holds,
    handlers: { crawl: handler, import: handler, validate: handler, export: handler, duplicate: handler },
    onError: (error) => errors.push(error),
  });
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pixcrawler-runner-'));
  database = await Database.open({ path: join(folder, 'test.db'), backupDirectory: join(folder, 'backups') });
  jobs = new JobRepository(database, OWNER);
  requests = new RequestRepository(database, OWNER);
  reader = new DatabaseReader(database.path);
  const project = await new ProjectRepository(database, OWNER).insert('project');
  datasetId = (await new DatasetRepository(database, OWNER).insert(project.id, 'set', [])).id;
  events = new EventHub();
  calls = [];
  errors = [];
  holds = new Holds();
  runner = makeRunner();
});

afterEach(async () => {
  await runner.close();
  await reader.close();
  await database.close();
  await rm(folder, { recursive: true, force: true });
});

async function begun(count: number): Promise<Call> {
  for (let wait = 0; wait < 500 && calls.length < count; wait++) await new Promise((done) => setTimeout(done, 5));
  assert.equal(calls.length, count);
  return calls[count - 1] as Call;
}

async function reaches(id: number, state: JobState): Promise<void> {
  for (let wait = 0; wait < 500 && jobs.get(id).state !== state; wait++)
    await new Promise((done) => setTimeout(done, 5));
  assert.equal(jobs.get(id).state, state);
}

test('jobs of a kind run one after another, those of another kind beside them', async () => {
  const first = await runner.start('crawl', datasetId, { a: 1 });
  const second = await runner.start('crawl', datasetId, { a: 2 });
  const other = await runner.start('export', datasetId, {});
  await begun(2);
  assert.deepEqual(calls.map(({ id }) => id).sort(), [first.id, other.id].sort());
  assert.equal(jobs.get(second.id).state, 'waiting');
  calls.find(({ id }) => id === first.id)?.end({ state: 'completed' });
  assert.equal((await begun(3)).id, second.id);
  assert.equal(jobs.get(first.id).state, 'completed');
  assert.equal(jobs.get(first.id).progress, 100);
});

test('what a running job is at is told, and is over with it', async () => {
  const { id } = await runner.start('export', datasetId, {});
  const { control, end } = await begun(1);
  const heard = events.watch(undefined, undefined);
  control.tally.enter('reading');
  for await (const event of heard) if (event.type === 'job.updated' && event.job.phase === 'reading') break;
  assert.equal(runner.get(id).phase, 'reading');
  end({ state: 'completed' });
  await reaches(id, 'completed');
  assert.equal(runner.get(id).phase, null);
});

test('the same words, in any order, go on with the unfinished job; an ended one is started anew', async () => {
  const first = await runner.start('crawl', datasetId, { a: 1, b: { c: [1], d: 2 } });
  const call = await begun(1);
  assert.equal((await runner.start('crawl', datasetId, { b: { d: 2, c: [1] }, a: 1 })).id, first.id);
  call.end({ state: 'completed-with-errors' });
  await reaches(first.id, 'completed-with-errors');
  assert.notEqual((await runner.start('crawl', datasetId, { a: 1, b: { c: [1], d: 2 } })).id, first.id);
});

test('a job that is tried again is not done before it has ended again', async () => {
  const { id } = await runner.start('export', datasetId, {});
  const call = await begun(1);
  call.end({ state: 'completed-with-errors' });
  await reaches(id, 'completed-with-errors');
  assert.equal(jobs.get(id).progress, 100);
  await runner.retry(id, undefined);
  const again = await begun(2);
  assert.ok(runner.get(id).progress < 100);
  again.end({ state: 'completed' });
  await reaches(id, 'completed');
  assert.equal(jobs.get(id).progress, 100);
});

test('counts are saved with the rows they count and live on over a pause', async () => {
  const { id } = await runner.start('crawl', datasetId, {});
  const call = await begun(1);
  await database.write(() => call.control.tally.add({ discovered: 3, accepted: 1, quarantined: 1 }, 'blurred'));
  assert.equal(jobs.get(id).counts.accepted, 1, 'durable with the write');
  assert.equal((await runner.pause(id)).state, 'paused');
  assert.equal((await runner.pause(id)).state, 'paused', 'pausing twice changes nothing');
  await runner.close();
  runner = makeRunner();
  await runner.resume(id);
  const again = await begun(2);
  await database.write(() => again.control.tally.add({ accepted: 1 }));
  const live = runner.get(id);
  assert.deepEqual([live.counts.discovered, live.counts.accepted, live.reasons.blurred], [3, 2, 1]);
  again.end({ state: 'completed', result: { rows: 2 } });
  await reaches(id, 'completed');
  assert.deepEqual(jobs.get(id).result, { rows: 2 });
  await assert.rejects(runner.resume(id), { code: 'conflict' });
  await assert.rejects(runner.pause(id), { code: 'conflict' });
  await assert.rejects(runner.cancel(id), { code: 'conflict' });
});

test('events of a job tell how far it is, and are small however much was asked for', async () => {
  const heard = events.watch(undefined, undefined);
  const sources = Array.from({ length: 5_000 }, (_, index) => `https://site-${index}.example/`);
  const { id } = await runner.start('crawl', datasetId, { sources });
  const call = await begun(1);
  await database.write(() => {
    call.control.tally.add({ discovered: 900_000, fetched: 90_000, accepted: 80_000, bytes: 9e12 });
    for (const reason of [...FINDINGS, ...REFUSALS, ...FAILURES]) call.control.tally.addReason(reason, 1_000);
  });
  const told: JobProgress[] = [];
  const hear = async () => {
    const { value } = await heard.next();
    assert.ok(value?.type === 'job.updated');
    told.push(value.job);
    assert.ok(JSON.stringify(value).length < 2_000, `${JSON.stringify(value).length} characters`);
  };
  while (told.at(-1)?.counts.accepted !== 80_000) await hear();
  call.end({ state: 'completed', result: { sources } });
  while (told.at(-1)?.state === 'active') await hear();
  const states = [...new Set(told.map(({ state }) => state))];
  assert.deepEqual(states, ['active', 'completed']);
  assert.ok(told.every((each) => each.id === id));
  const whole: Record<string, unknown> = { ...runner.get(id) };
  for (const absent of ['parameters', 'result', 'error', 'datasetName', 'createdAt']) delete whole[absent];
  assert.deepEqual(told.at(-1), whole, 'all else is as the job says');
});

test('a job that has to wait is told of, behind another and under a hold', { timeout: 10_000 }, async () => {
  const heard = events.watch(undefined, undefined);
  const hearOf = async (id: number): Promise<JobState> => {
    for (;;) {
      const { value } = await heard.next();
      if (value?.type === 'job.updated' && value.job.id === id) return value.job.state;
    }
  };
  const first = await runner.start('crawl', datasetId, { a: 1 });
  // Until its beginning is written down, it may be told of as it was.
  for (let state = await hearOf(first.id); state !== 'active'; state = await hearOf(first.id)) {
    assert.equal(state, 'waiting');
  }
  assert.equal(await hearOf((await runner.start('crawl', datasetId, { a: 2 })).id), 'waiting');
  holds.setByHost(['battery']);
  assert.equal(await hearOf((await runner.start('export', datasetId, {})).id), 'waiting');
});

test('what a job may still open is in use: while it is unfinished or failed, and for a while when it can be tried again', async () => {
  const inState = async (state: JobState) => {
    const { id } = await jobs.insert('import', datasetId, { state });
    await jobs.setState(id, state);
  };
  for (const state of JOB_STATES) await inState(state);
  const inUse = (endedSince: number) =>
    jobs.parametersInUse(endedSince).map((parameters) => (JSON.parse(parameters) as { state: JobState }).state);
  const always: JobState[] = ['waiting', 'active', 'paused', 'failed'];
  assert.deepEqual(inUse(0).sort(), [...always, 'completed-with-errors', 'cancelled'].sort());
  assert.deepEqual(inUse(Date.now() + 60_000).sort(), always.sort());
  assert.deepEqual(new JobRepository(database, 'another').parametersInUse(0), []);
});

test('cancelling ends a running, a queued and a paused job', async () => {
  const running = await runner.start('crawl', datasetId, { a: 1 });
  const queued = await runner.start('crawl', datasetId, { a: 2 });
  const paused = await runner.start('crawl', datasetId, { a: 3 });
  await begun(1);
  await runner.pause(paused.id);
  for (const { id } of [queued, paused, running]) {
    assert.equal((await runner.cancel(id)).state, 'cancelled');
    assert.equal((await runner.cancel(id)).state, 'cancelled');
  }
  assert.equal(calls.length, 1, 'what was queued was never begun');
});

test('a full disk pauses, anything else fails, and the cause is told', async () => {
  const full = await runner.start('crawl', datasetId, { a: 1 });
  (await begun(1)).fail(Object.assign(new Error('no space'), { code: 'ENOSPC' }));
  await reaches(full.id, 'paused');
  assert.equal(jobs.get(full.id).error?.code, 'disk-full');
  assert.deepEqual(errors, []);
  const broken = await runner.start('crawl', datasetId, { a: 2 });
  const error = new Error('secret details');
  (await begun(2)).fail(error);
  await reaches(broken.id, 'failed');
  assert.equal(jobs.get(broken.id).error?.code, 'internal');
  assert.doesNotMatch(jobs.get(broken.id).error?.message ?? '', /secret/);
  assert.deepEqual(errors, [error]);
  await runner.resume(full.id);
  (await begun(3)).end({ state: 'completed' });
  await reaches(full.id, 'completed');
  assert.equal(jobs.get(full.id).error, null);
});

test('retry puts failed requests back, once each, and takes them out of the counts', async () => {
  const { id } = await runner.start('crawl', datasetId, {});
  const call = await begun(1);
  const common = { site: 'http://a:80', lane: 1, depth: 0, meta: { source: 'web' } } as const;
  await database.write(() => {
    requests.insertMany(
      id,
      ['x', 'y', 'z'].map((name) => ({ ...common, kind: 'image', url: `http://a/${name}` })),
    );
    call.control.tally.add({ discovered: 3 });
    const rows = requests.waiting(id, requests.siteId('http://a:80'), 1, 0, 3);
    for (const [index, reason] of (['timeout', 'not-an-image', 'http-404'] as const).entries()) {
      requests.settle(rows[index]?.id ?? 0, { state: 'failed', reason });
      call.control.tally.add({ failed: 1, fetched: reason === 'not-an-image' ? 1 : 0 }, reason);
    }
  });
  await assert.rejects(runner.retry(id, undefined), { code: 'conflict' }, 'not while it runs');
  call.end({ state: 'completed-with-errors' });
  await reaches(id, 'completed-with-errors');
  await assert.rejects(runner.retry(id, 'dns-failure'), { code: 'conflict', message: /timeout/ });
  assert.equal(jobs.get(id).counts.failed, 3, 'what was refused changed nothing');
  await runner.retry(id, 'not-an-image');
  const again = await begun(2);
  assert.deepEqual([again.control.tally.counts.failed, again.control.tally.counts.fetched], [2, 0]);
  assert.deepEqual(again.control.tally.reasons, { timeout: 1, 'http-404': 1 });
  assert.equal(requestCounts(database, requests, id, 'waiting').images, 1);
});

/** An ended crawl of which as many requests failed as take many steps to put back. */
async function failedCrawl(count: number): Promise<number> {
  const { id } = await runner.start('crawl', datasetId, {});
  const call = await begun(1);
  await database.write(() => {
    const found = Array.from({ length: count }, (_, index) => ({
      kind: 'image' as const,
      url: `http://a/${index}`,
      site: 'http://a:80',
      lane: 1,
      depth: 0,
      meta: { source: 'web' },
    }));
    requests.insertMany(id, found);
    for (const row of requests.waiting(id, requests.siteId('http://a:80'), 1, 0, count)) {
      requests.settle(row.id, { state: 'failed', reason: 'timeout' });
    }
    call.control.tally.add({ discovered: count, failed: count });
    call.control.tally.addReason('timeout', count);
  });
  call.end({ state: 'failed' });
  await reaches(id, 'failed');
  return id;
}

test('while much is put back the job waits, others start, and it can be cancelled', async () => {
  const id = await failedCrawl(5_000);
  const retried = runner.retry(id, undefined);
  const other = await runner.start('export', datasetId, {});
  await begun(2);
  assert.equal(calls[1]?.id, other.id);
  assert.ok(jobs.get(id).counts.failed > 0, 'it is not done yet');
  assert.equal(runner.get(id).state, 'waiting');
  await assert.rejects(runner.retry(id, undefined), { code: 'conflict' });
  const cancelled = await runner.cancel(id);
  await retried;
  assert.deepEqual([cancelled.state, cancelled.counts.failed, cancelled.reasons], ['cancelled', 0, {}]);
  assert.equal(requestCounts(database, requests, id, 'waiting').images, 5_000);
});

test('closing while much is put back leaves a paused job with true counts, to be retried again', async () => {
  const id = await failedCrawl(5_000);
  const retried = runner.retry(id, undefined);
  const refused = assert.rejects(retried, { code: 'unavailable' });
  for (let wait = 0; wait < 500 && jobs.get(id).counts.failed === 5_000; wait++)
    await new Promise((done) => setTimeout(done, 1));
  await runner.close();
  await refused;
  const { counts, state } = jobs.get(id);
  assert.equal(state, 'paused');
  assert.ok(counts.failed > 0 && counts.failed < 5_000, `${counts.failed} are left`);
  assert.equal(requestCounts(database, requests, id, 'failed').images, counts.failed);
  runner = makeRunner();
  await runner.retry(id, 'timeout');
  await begun(2);
  assert.equal(jobs.get(id).counts.failed, 0);
  await runner.pause(id);
  await assert.rejects(runner.retry(id, 'timeout'), { code: 'conflict', message: /Resume it/ });
  assert.equal((await runner.retry(id, undefined)).state, 'waiting', 'what is left of it goes on');
});

test('closing pauses what runs and what waits, and takes nothing new', async () => {
  const running = await runner.start('crawl', datasetId, { a: 1 });
  const queued = await runner.start('crawl', datasetId, { a: 2 });
  await begun(1);
  await runner.close();
  assert.deepEqual([jobs.get(running.id).state, jobs.get(queued.id).state], ['paused', 'paused']);
  await assert.rejects(runner.resume(queued.id), { code: 'unavailable' });
  assert.equal(calls.length, 1);
});

test('two equal starts at once are one job', async () => {
  const [first, second] = await Promise.all([
    runner.start('crawl', datasetId, { a: 1 }),
    runner.start('crawl', datasetId, { a: 1 }),
  ]);
  assert.equal(first.id, second.id);
  await begun(1);
  await new Promise((done) => setTimeout(done, 20));
  assert.equal(calls.length, 1);
});

test('a job that is resumed and cancelled at once is cancelled and does not run', async () => {
  const { id } = await runner.start('crawl', datasetId, {});
  await begun(1);
  await runner.pause(id);
  await Promise.all([runner.resume(id), runner.cancel(id)]);
  await new Promise((done) => setTimeout(done, 30));
  assert.equal(jobs.get(id).state, 'cancelled');
  await assert.rejects(runner.resume(id), { code: 'conflict' });
});

test('a pause that comes as the job ends leaves it ended', async () => {
  const { id } = await runner.start('crawl', datasetId, {});
  const call = await begun(1);
  call.end({ state: 'completed' });
  const paused = await runner.pause(id);
  assert.ok(['completed', 'paused'].includes(paused.state));
  assert.equal(jobs.get(id).state, paused.state);
  if (paused.state === 'completed') assert.notEqual(jobs.get(id).finishedAt, null);
});

test('one job at a time changes a dataset; exports and other datasets go on', async () => {
  const project = await new ProjectRepository(database, OWNER).insert('other');
  const elsewhere = (await new DatasetRepository(database, OWNER).insert(project.id, 'set', [])).id;
  const crawl = await runner.start('crawl', datasetId, {});
  const validate = await runner.start('validate', datasetId, {});
  const beside = await runner.start('validate', elsewhere, {});
  const written = await runner.start('export', datasetId, {});
  await begun(3);
  assert.deepEqual(calls.map(({ id }) => id).sort(), [crawl.id, beside.id, written.id].sort());
  calls.find(({ id }) => id === beside.id)?.end({ state: 'completed' });
  await reaches(beside.id, 'completed');
  assert.equal(jobs.get(validate.id).state, 'waiting');
  calls.find(({ id }) => id === crawl.id)?.end({ state: 'completed' });
  assert.equal((await begun(4)).id, validate.id);
});

test('the log tells when a job was paused, waited, went on, was interrupted and cancelled', async () => {
  const { id } = await runner.start('crawl', datasetId, {});
  await begun(1);
  await runner.pause(id);
  await runner.resume(id);
  await begun(2);
  holds.setByHost(['battery']);
  await reaches(id, 'waiting');
  holds.setByHost([]);
  (await begun(3)).end({ state: 'stopped', error: { code: 'disk-full', message: 'No space is left.' } });
  await reaches(id, 'paused');
  await runner.resume(id);
  await begun(4);
  await jobs.pauseAbandoned();
  await runner.cancel(id);
  assert.deepEqual(
    jobs.logPage(id, 'oldest-first', 0, 20).map(({ message }) => message),
    [
      'Paused.',
      'Went on.',
      'Waits until jobs may run again.',
      'Went on.',
      'Paused: No space is left.',
      'Went on.',
      'Paused: PixCrawler ended while it ran.',
      'Cancelled.',
    ],
  );
});
