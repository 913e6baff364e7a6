import assert from 'node:assert/strict';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { NO_COUNTS } from '../../shared/contract/jobs.ts';
import { AppError } from '../../shared/errors.ts';
import { DEFAULT_INSPECTION_LIMITS, type InspectionAnswer, undecoded } from '../../shared/inspection.ts';
import type { LedgerRequest } from '../crawl/ledger-request.ts';
import { BREAK_SUSPICION } from '../crawl/suspicion.ts';
import { JobTally } from '../jobs/job-tally.ts';
import type { ActiveRuleSet } from '../judge/rule-set-repository.ts';
import { discardImages } from '../store/discard-content.ts';
import {
  addRequests,
  arrivalOf,
  counterDrift,
  fakeWorkers,
  inspectionOf,
  makeLibrary,
  sampleRows,
  sha256Of,
  type TestLibrary,
} from '../testing/test-library.ts';
import type { WorkerPool } from '../workers/worker-pool.ts';
import type { Arrival } from './arrival.ts';
import { ImagePipeline, type PipelineOptions } from './image-pipeline.ts';
import { IngestWriter } from './ingest-writer.ts';

type Inspect = WorkerPool['inspect'];

let library: TestLibrary;
let rules: ActiveRuleSet;
let inspect: Inspect;
/** The contents that workers opened, one list a call. */
let opened: string[][];

before(async () => {
  library = await makeLibrary(fakeWorkers({ inspect: (requests, options) => inspect(requests, options) }));
  rules = await library.services.ruleSets.standard();
});

beforeEach(() => {
  opened = [];
  inspect = look;
});

after(() => library?.remove());

/** A worker's answer by the first word of the content: `broken` cannot be decoded, `svg` is refused, `small` is small. */
function answerTo(content: string, withHash: boolean): InspectionAnswer {
  const sizeBytes = Buffer.byteLength(content);
  const sha256 = withHash ? { sha256: sha256Of(content) } : {};
  const facts = { detail: null, format: 'unknown', sizeBytes } as const;
  const [kind] = content.split(' ');
  if (kind === 'broken') {
    return { inspection: undecoded({ ...facts, integrity: 'unreadable', reason: 'unreadable' }), thumbnail: null };
  }
  if (kind === 'svg') {
    return { inspection: undecoded({ ...facts, integrity: 'refused', reason: 'svg-refused' }), thumbnail: null };
  }
  const size = kind === 'small' ? { width: 20, height: 20 } : {};
  // Contents are short; the rule about bytes is not what is tested here.
  return {
    inspection: { ...inspectionOf({ name: content, ...size }), sizeBytes },
    ...sha256,
    thumbnail: Buffer.from(content),
  };
}

const look: Inspect = async (requests, options) => {
  options?.onGiven?.(requests.map((_request, index) => index));
  const contents = await Promise.all(requests.map(({ path }) => readFile(path, 'utf8')));
  opened.push(contents);
  for (const [index, { copyTo }] of requests.entries()) {
    if (copyTo !== undefined) await writeFile(copyTo, contents[index] as string, { flag: 'wx' });
  }
  return contents.map((content, index) =>
    answerTo(content, requests[index]?.copyTo !== undefined || requests[index]?.hash === true),
  );
};

interface Job {
  readonly id: number;
  readonly datasetId: number;
  readonly tally: JobTally;
  readonly pipeline: ImagePipeline;
  readonly committed: number[];
}

async function newJob(options: Partial<PipelineOptions> = {}, into?: number): Promise<Job> {
  const { services } = library;
  const { database, jobs, labels, ownerId, requests } = services;
  const datasetId = into ?? (await library.newDataset());
  const { id } = await jobs.insert('crawl', datasetId, {});
  const tally = new JobTally(NO_COUNTS, {}, 0);
  const judge: ActiveRuleSet['judge'] = (image) => rules.judge({ ...image, sizeBytes: 5_000 });
  const target = { jobId: id, datasetId, ruleSetId: rules.id, judge, tally };
  const committed: number[] = [];
  const pipeline = new ImagePipeline({
    database,
    requests,
    images: services.images,
    writer: new IngestWriter(database, ownerId, requests, labels, target),
    target,
    blobStore: services.blobStore,
    thumbnails: services.thumbnails,
    contentLock: services.contentLock,
    adoptions: services.adoptions,
    attempts: services.attempts,
    workers: services.workers(),
    limits: DEFAULT_INSPECTION_LIMITS,
    deadlineMs: 1_000,
    link: false,
    maxImages: Number.POSITIVE_INFINITY,
    signal: new AbortController().signal,
    requireSpace: async () => undefined,
    onCommitted: (count) => committed.push(count),
    ...options,
  });
  return { id, datasetId, tally, pipeline, committed };
}

/** Fetched files with these contents, in staging. */
async function arrive(job: Job, contents: readonly string[], suspicion = 0): Promise<Arrival[]> {
  const { services } = library;
  const requests = await addRequests(services, job.id, contents);
  return Promise.all(
    contents.map(async (content, index) => {
      const path = services.blobStore.stagingPath();
      await writeFile(path, content);
      const request = { ...(requests[index] as LedgerRequest), suspicion };
      return arrivalOf(request, sha256Of(content), path);
    }),
  );
}

async function submitAll(job: Job, arrivals: readonly Arrival[]): Promise<void> {
  for (const arrival of arrivals) await job.pipeline.submit(arrival);
}

async function ingest(job: Job, contents: readonly string[]): Promise<void> {
  await submitAll(job, await arrive(job, contents));
  await job.pipeline.drained();
}

/** How many requests of a job are in each state, and each reason. */
function ledger(job: Job): Record<string, number> {
  const rows = library.services.database
    .prepare<[number], { state: string; count: number }>(
      `SELECT state || coalesce(' ' || reason, '') AS state, count(*) AS count FROM requests WHERE job_id = ? GROUP BY 1`,
    )
    .all(job.id);
  return Object.fromEntries(rows.map(({ state, count }) => [state, count]));
}

async function stagedFiles(): Promise<string[]> {
  return readdir(library.services.directory.stagingPath);
}

/** Begun lines of a journal without their ends. */
function leftOpen(): string[] {
  const { adoptions, attempts } = library.services;
  return [...adoptions.readLeftOpen(), ...attempts.readLeftOpen()];
}

/** What must hold whenever nothing is open. */
async function expectSound(job: Job): Promise<void> {
  const { services } = library;
  assert.equal(job.pipeline.open, 0);
  assert.deepEqual(await stagedFiles(), [], 'staging is empty');
  assert.deepEqual(leftOpen(), [], 'nothing is open in the journals');
  assert.equal(await counterDrift(services, job.datasetId), 0, 'the counters are those of the rows');
  const states = ledger(job);
  const sum = (prefix: string) =>
    Object.entries(states).reduce((total, [state, count]) => total + (state.startsWith(prefix) ? count : 0), 0);
  const { accepted, quarantined, duplicates, refused, failed } = job.tally.counts;
  assert.deepEqual(
    [accepted + quarantined, duplicates, refused, failed],
    [sum('done'), sum('duplicate'), sum('refused'), sum('failed')],
    'the counts are those of the ledger',
  );
  const known = services.database
    .prepare<[], { sha256: string }>('SELECT lower(hex(sha256)) AS sha256 FROM images ORDER BY 1')
    .all()
    .map(({ sha256 }) => sha256);
  const stored: (string | null)[] = [];
  for await (const file of services.blobStore.list()) stored.push(file.sha256);
  assert.deepEqual(stored, known, 'one blob for each row');
}

test('images are opened in batches, stored, judged and counted', async () => {
  const job = await newJob();
  const contents = Array.from({ length: 53 }, (_each, index) => `${index % 10 === 0 ? 'small' : 'good'} ${index}`);
  await ingest(job, contents);
  await expectSound(job);
  assert.deepEqual(opened.flat().sort(), [...contents].sort(), 'each once');
  assert.ok(opened.every((batch) => batch.length <= 20));
  assert.ok(opened.length <= 5, `${opened.length} batches`);
  assert.deepEqual(ledger(job), { done: 53 });
  const { accepted, bytes, fetched, quarantined } = job.tally.counts;
  const sizeBytes = contents.reduce((total, content) => total + content.length, 0);
  assert.deepEqual([fetched, accepted, quarantined, bytes], [53, 47, 6, sizeBytes]);
  assert.deepEqual(job.tally.reasons, { 'short-side': 6 });
  assert.equal(
    job.committed.reduce((total, count) => total + count, 0),
    53,
  );
  const { services } = library;
  const imageId = services.database
    .prepare<[Buffer], { id: number }>('SELECT id FROM images WHERE sha256 = ?')
    .get(Buffer.from(sha256Of('good 7'), 'hex'))?.id as number;
  assert.equal(Buffer.from(services.thumbnails.getMany([imageId]).get(imageId) ?? []).toString(), 'good 7');
  assert.equal(await readFile(services.blobStore.pathOf(sha256Of('good 7')), 'utf8'), 'good 7');
});

test('submit waits while too many are open, and goes on as they settle', async () => {
  const gate = Promise.withResolvers<void>();
  let running = 0;
  let most = 0;
  inspect = async (...words) => {
    most = Math.max(most, ++running);
    await gate.promise;
    running--;
    return look(...words);
  };
  const job = await newJob();
  const arrivals = await arrive(
    job,
    Array.from({ length: 400 }, (_each, index) => `broken bound ${index}`),
  );
  let submitted = 0;
  const submitting = (async () => {
    for (const arrival of arrivals) {
      await job.pipeline.submit(arrival);
      submitted++;
    }
  })();
  for (let count = -1; count !== submitted; await sleep(5)) count = submitted;
  // One worker process: two batches with it and two more of 20 beside them, and one commit of 200.
  assert.deepEqual([submitted, job.pipeline.open, most], [280, 280, 2]);
  gate.resolve();
  await submitting;
  await job.pipeline.drained();
  await expectSound(job);
  assert.deepEqual(ledger(job), { 'failed unreadable': 400 });
});

test('exactly as many new images as are wanted; the others wait, repeats of kept ones do not', async () => {
  const job = await newJob({ maxImages: 10 });
  await ingest(
    job,
    Array.from({ length: 35 }, (_each, index) => `good limit ${index}`),
  );
  await expectSound(job);
  assert.deepEqual(ledger(job), { done: 10, waiting: 25 });
  const kept = sampleRows(library.services, job.datasetId).length;
  assert.deepEqual([kept, job.tally.kept, job.tally.counts.fetched], [10, 10, 10]);
  await ingest(job, ['good limit 0', 'good limit new', 'broken limit']);
  await expectSound(job);
  assert.deepEqual(ledger(job), { done: 10, duplicate: 1, 'failed unreadable': 1, waiting: 26 });
});

test('repeated bytes are one image with several origins, in one batch and in later ones', async () => {
  const job = await newJob();
  await ingest(job, ['good twin', 'good other', 'good twin', 'good twin']);
  await ingest(job, ['good twin', 'good other']);
  await expectSound(job);
  assert.deepEqual(ledger(job), { done: 2, duplicate: 4 });
  assert.equal(job.tally.counts.fetched, 6);
  assert.equal(sampleRows(library.services, job.datasetId).length, 2);
  const { bySource } = await library.services.datasets.stats(job.datasetId);
  assert.deepEqual(bySource, { web: 2 }, 'a sample counts by its first origin');
});

test('content the library has is not opened again, and may be a sample of another dataset', async () => {
  await ingest(await newJob(), ['good known', 'small known']);
  opened = [];
  const job = await newJob();
  await ingest(job, ['good known', 'small known', 'good unknown']);
  await expectSound(job);
  assert.deepEqual(opened, [['good unknown']]);
  assert.deepEqual(job.tally.reasons, { 'short-side': 1 }, 'judged by what is stored');
  assert.deepEqual([job.tally.counts.accepted, job.tally.counts.quarantined], [2, 1]);
});

test('known content whose file has gone missing is stored again', async () => {
  await ingest(await newJob(), ['good lost', 'good there']);
  const sha256 = sha256Of('good lost');
  await rm(library.services.blobStore.pathOf(sha256));
  const job = await newJob();
  await ingest(job, ['good lost', 'good there', 'good lost']);
  await expectSound(job);
  assert.equal(await library.services.blobStore.verify(sha256), 'ok');
  assert.deepEqual(ledger(job), { done: 2, duplicate: 1 });
});

test('suspects are opened alone, each settled before the next, and set aside unopened after ten deaths', async () => {
  const job = await newJob();
  const earlier: number[] = [];
  let settledBefore: number[] = [];
  inspect = async (requests, options) => {
    earlier.push(options?.earlierBreaks?.(0) ?? -1);
    settledBefore = [...settledBefore, job.tally.settled];
    await turn();
    return look(requests, options);
  };
  const calm = await arrive(job, ['good calm 1', 'good calm 2']);
  const suspects = await Promise.all(
    [1, 9, BREAK_SUSPICION, 10].map((points) => arrive(job, [`good points ${points}`], points)),
  );
  await submitAll(job, [...suspects.flat(), ...calm]);
  await job.pipeline.drained();
  await expectSound(job);
  const alone = opened.filter((batch) => batch.some((content) => content.includes('points')));
  assert.deepEqual(alone.sort(), [['good points 1'], ['good points 1000'], ['good points 9']]);
  assert.deepEqual(earlier.toSorted(), [0, 0, 0, 1], 'deaths of the core are no breaks of a worker');
  assert.deepEqual(ledger(job), { done: 5, 'failed poisoned': 1 });
  assert.equal(await library.services.blobStore.has(sha256Of('good points 10')), false);
});

test('a suspect that was seen open is written down as alone, and any other only if it is the only file', async () => {
  const job = await newJob();
  const { attempts } = library.services;
  const alone: string[][] = [];
  inspect = async (requests, options) => {
    options?.onSeenAlone?.(0);
    options?.onSeenAlone?.(0);
    alone.push(attempts.readLeftOpen().filter((attempt) => attempt.endsWith('!')));
    return look(requests, options);
  };
  const [only] = await arrive(job, ['good only']);
  await submitAll(job, only === undefined ? [] : [only]);
  await job.pipeline.drained();
  assert.deepEqual(alone.splice(0), [[`${only?.request.id}!`]]);

  const calm = await arrive(job, ['good calm']);
  const suspects = await arrive(job, ['good suspect 1', 'good suspect 2'], 1);
  await submitAll(job, [...suspects, ...calm]);
  await job.pipeline.drained();
  const expected = suspects.map(({ request }) => `${request.id}!`);
  assert.deepEqual(new Set(alone.flat()), new Set(expected));
  assert.ok(
    alone.every((seen) => seen.length <= 1),
    'suspects are open one at a time',
  );
  assert.deepEqual(attempts.readLeftOpen(), []);
  await expectSound(job);
});

test('a break of a worker is written down with the request', async () => {
  const job = await newJob();
  const [arrival] = await arrive(job, ['broken worker']);
  inspect = async (requests, options) => {
    options?.onBroken?.(0, 'crash');
    await library.services.database.flushed();
    const row = library.services.requests.get(arrival?.request.id ?? 0);
    assert.equal(row?.suspicion, BREAK_SUSPICION);
    return look(requests, options);
  };
  await submitAll(job, arrival === undefined ? [] : [arrival]);
  await job.pipeline.drained();
  await expectSound(job);
});

test('what cannot be decoded is settled with its reason, and nothing of it is stored', async () => {
  const job = await newJob();
  await ingest(job, ['broken a', 'svg b', 'good c', 'broken a']);
  await expectSound(job);
  assert.deepEqual(ledger(job), { done: 1, 'failed unreadable': 2, 'refused svg-refused': 1 });
  assert.deepEqual(job.tally.reasons, { unreadable: 2, 'svg-refused': 1 });
  assert.equal(job.tally.counts.fetched, 4);
  for (const content of ['broken a', 'svg b']) {
    assert.equal(await library.services.blobStore.has(sha256Of(content)), false);
  }
});

test('files of this machine are copied and hashed by the worker', async () => {
  const job = await newJob();
  await submitAll(job, await filesOf(job, ['good local', 'broken local', 'good local']));
  await job.pipeline.drained();
  await expectSound(job);
  assert.deepEqual(ledger(job), { done: 1, duplicate: 1, 'failed unreadable': 1 });
  assert.equal(await readFile(library.services.blobStore.pathOf(sha256Of('good local')), 'utf8'), 'good local');
});

/** Files of the user's. */
async function filesOf(job: Job, contents: readonly string[]): Promise<Arrival[]> {
  const { services } = library;
  const requests = await addRequests(services, job.id, contents);
  return Promise.all(
    contents.map(async (content, index) => {
      const request = requests[index] as LedgerRequest;
      const path = join(services.directory.logsPath, `${request.id}.jpg`);
      await writeFile(path, content);
      return arrivalOf(request, null, path, services.blobStore.stagingPath());
    }),
  );
}

for (const link of [false, true]) {
  test(`files out of an archive are moved into the store${link ? ', also where files are linked' : ''}`, async () => {
    const job = await newJob({ link, maxImages: 3 });
    const files = (await filesOf(job, ['good out 1', 'good out 2', 'good out 1', 'broken out', 'good out 3'])).map(
      (arrival) => ({ ...arrival, stagedPath: arrival.path }),
    );
    const late = (await filesOf(job, ['good out late'])).map((arrival) => ({ ...arrival, stagedPath: arrival.path }));
    await submitAll(job, [...files, ...late]);
    await job.pipeline.drained();
    await expectSound(job);
    assert.deepEqual(ledger(job), { done: 3, duplicate: 1, 'failed unreadable': 1, waiting: 1 });
    for (const { path } of files) await assert.rejects(readFile(path), { code: 'ENOENT' });
    assert.equal(await readFile((late[0] as Arrival).path, 'utf8'), 'good out late', 'it may be asked for again');
  });
}

test('linked files stay where they are', async () => {
  const job = await newJob({ link: true });
  const files = await filesOf(job, ['good linked', 'good linked', 'broken linked']);
  await submitAll(job, files);
  await job.pipeline.drained();
  await expectSound(job);
  assert.deepEqual(ledger(job), { done: 1, duplicate: 1, 'failed unreadable': 1 });
  for (const { path } of files) assert.match(await readFile(path, 'utf8'), /linked/);
});

test('a linked file that changes after it was looked at is not stored, and its twin takes its place', async () => {
  const job = await newJob({ link: true });
  const contents = ['good fleeting', 'good fleeting', 'broken fleeting', 'good fleeting alone', 'good staying'];
  const files = await filesOf(job, ['broken first', ...contents]);
  const changing = [files[1], files[4]].map((arrival) => arrival?.path);
  inspect = async (requests, options) => {
    // The first keeps its worker busy until the others are one batch.
    await sleep(requests[0]?.path === files[0]?.path ? 40 : 0);
    const answers = await look(requests, options);
    for (const { path } of requests) if (changing.includes(path)) await writeFile(path, 'something else altogether');
    return answers;
  };
  await submitAll(job, files);
  await job.pipeline.drained();
  assert.deepEqual(opened.toSorted(), [['broken first'], contents]);
  await expectSound(job);
  assert.deepEqual(ledger(job), { done: 2, 'failed file-missing': 2, 'failed unreadable': 2 });
  assert.equal(await readFile(library.services.blobStore.pathOf(sha256Of('good fleeting')), 'utf8'), 'good fleeting');
});

const FAILING: Readonly<Record<string, () => Partial<PipelineOptions>>> = {
  'a store that fails': () => {
    const { blobStore } = library.services;
    const fail = async () => {
      throw new AppError('disk-full', 'No room.');
    };
    const failing: PipelineOptions['blobStore'] = Object.create(blobStore, { adoptMany: { value: fail } });
    return { blobStore: failing };
  },
  'a disk under its floor': () => ({
    requireSpace: async () => {
      throw new AppError('disk-full', 'No room.');
    },
  }),
  'workers that cannot start': () => ({
    workers: fakeWorkers({
      inspect: async () => {
        throw new AppError('disk-full', 'No room.');
      },
    }),
  }),
};

for (const [name, options] of Object.entries(FAILING)) {
  test(`${name} settles nothing, and everyone is told`, async () => {
    const job = await newJob(options());
    const arrivals = await arrive(job, [`good ${name} 1`, `good ${name} 2`]);
    await submitAll(job, arrivals);
    await assert.rejects(job.pipeline.drained(), { code: 'disk-full' });
    const [late] = await arrive(job, ['good late']);
    await assert.rejects(job.pipeline.submit(late as Arrival), { code: 'disk-full' });
    await job.pipeline.settled();
    assert.deepEqual(await stagedFiles(), [basename((late as Arrival).stagedPath)], 'but what was turned away');
    assert.deepEqual(ledger(job), { waiting: 3 });
    assert.deepEqual(job.tally.counts, NO_COUNTS);
    assert.deepEqual(job.committed, []);
    assert.deepEqual(sampleRows(library.services, job.datasetId), []);
    await startOver();
  });
}

/** What the next core does with what one that failed left behind. */
async function startOver(): Promise<void> {
  const { adoptions, attempts, blobStore } = library.services;
  await blobStore.trashMany(adoptions.readLeftOpen());
  for (const journal of [adoptions, attempts]) journal.clear();
  await blobStore.clearStaging();
}

test('a transaction that fails settles nothing; its blobs go to the trash and their names are crossed out', async () => {
  const { database } = library.services;
  const job = await newJob();
  await submitAll(job, await arrive(job, ['good undone']));
  database
    .prepare(`CREATE TEMP TRIGGER fault BEFORE INSERT ON origins BEGIN SELECT raise(ABORT, 'a fault'); END`)
    .run();
  try {
    await assert.rejects(job.pipeline.drained());
    await job.pipeline.settled();
  } finally {
    database.prepare('DROP TRIGGER fault').run();
  }
  assert.deepEqual(ledger(job), { waiting: 1 });
  assert.deepEqual(leftOpen(), []);
  assert.equal(await library.services.blobStore.has(sha256Of('good undone')), false);
  await startOver();
  const again = await newJob({}, job.datasetId);
  await ingest(again, ['good undone']);
  await expectSound(again);
});

test('blobs of a failed transaction that cannot go to the trash stay written down', async (t) => {
  const { blobStore, database } = library.services;
  const away = t.mock.method(blobStore, 'trashMany', async () => {
    throw new AppError('unavailable', 'The disk is away.');
  });
  const job = await newJob();
  await submitAll(job, await arrive(job, ['good stuck']));
  database
    .prepare(`CREATE TEMP TRIGGER fault BEFORE INSERT ON origins BEGIN SELECT raise(ABORT, 'a fault'); END`)
    .run();
  try {
    await assert.rejects(job.pipeline.drained(), { code: 'internal' });
    await job.pipeline.settled();
    assert.equal(away.mock.callCount(), 1);
    away.mock.restore();
  } finally {
    database.prepare('DROP TRIGGER fault').run();
  }
  assert.deepEqual(library.services.adoptions.readLeftOpen(), [sha256Of('good stuck')]);
  await startOver();
});

test('content removed with one dataset while another takes it in keeps its file, whoever is first', async () => {
  const { blobStore, datasets } = library.services;
  for (let round = 0; round < 20; round++) {
    const contents = Array.from({ length: 30 }, (_each, index) => `good race ${round} ${index}`);
    const first = await newJob();
    await ingest(first, contents);
    const second = await newJob();
    const arrivals = await arrive(second, contents);
    const removing = async () => {
      await sleep(round % 5);
      await datasets.remove(first.datasetId, async (images) => {
        await sleep(round % 3);
        await discardImages(library.services, images);
      });
    };
    const ingesting = async () => {
      for (const [index, arrival] of arrivals.entries()) {
        if (index % 5 === 0) await sleep(round % 4);
        await second.pipeline.submit(arrival);
      }
      await second.pipeline.drained();
    };
    await Promise.all([removing(), ingesting()]);
    assert.equal(sampleRows(library.services, second.datasetId).length, contents.length);
    for (const content of contents) assert.ok(await blobStore.has(sha256Of(content)), `${content} has its file`);
    assert.deepEqual(leftOpen(), []);
    await datasets.remove(second.datasetId, (images) => discardImages(library.services, images));
    for (const content of contents) assert.equal(await blobStore.has(sha256Of(content)), false);
  }
});

test('content that was known and is removed before its commit is opened after all', async () => {
  const { datasets } = library.services;
  const first = await newJob();
  await ingest(first, ['good short-lived']);
  let removed = false;
  const second = await newJob({
    requireSpace: async () => {
      if (removed) return;
      removed = true;
      await datasets.remove(first.datasetId, (images) => discardImages(library.services, images));
    },
  });
  opened = [];
  await ingest(second, ['good short-lived']);
  assert.deepEqual(opened, [['good short-lived']]);
  await expectSound(second);
});

test('a suspicion that cannot be written ends the pipeline, not the program', async () => {
  const { database } = library.services;
  const job = await newJob();
  inspect = async (requests, options) => {
    database
      .prepare(
        `CREATE TEMP TRIGGER fault BEFORE UPDATE OF suspicion ON requests BEGIN SELECT raise(ABORT, 'a fault'); END`,
      )
      .run();
    options?.onBroken?.(0, 'crash');
    await sleep(20);
    database.prepare('DROP TRIGGER fault').run();
    return look(requests, options);
  };
  await submitAll(job, await arrive(job, ['good unwritten']));
  await assert.rejects(job.pipeline.drained());
  await job.pipeline.settled();
  await startOver();
});

test('once settled nothing moves any more', async () => {
  const gate = Promise.withResolvers<void>();
  inspect = async (requests, options) => {
    await gate.promise;
    return look(requests, options);
  };
  const job = await newJob();
  await submitAll(
    job,
    await arrive(
      job,
      Array.from({ length: 45 }, (_each, index) => `good stopped ${index}`),
    ),
  );
  let isSettled = false;
  const settled = job.pipeline.settled().then(() => {
    isSettled = true;
  });
  await sleep(5);
  assert.equal(isSettled, false, 'two batches are still with a worker');
  gate.resolve();
  await settled;
  const after = { opened: opened.length, states: ledger(job) };
  assert.deepEqual(await stagedFiles(), [], 'nothing is left of what was not committed');
  await sleep(40);
  assert.deepEqual({ opened: opened.length, states: ledger(job) }, after);
  assert.deepEqual(leftOpen(), []);
  await startOver();
});

test('closing removes copies of all that was open, and the files they were made of stay', async () => {
  const gate = Promise.withResolvers<void>();
  inspect = async (requests, options) => {
    const answers = await look(requests, options);
    await gate.promise;
    return answers;
  };
  const job = await newJob({ requireSpace: () => gate.promise });
  const files = await filesOf(
    job,
    Array.from({ length: 70 }, (_each, index) => `good copied ${index}`),
  );
  await submitAll(job, [
    ...files.slice(0, 60),
    ...files.slice(60).map((arrival) => ({ ...arrival, request: { ...arrival.request, suspicion: 1 } })),
  ]);
  while (opened.length < 2) await sleep(5);
  const settled = job.pipeline.settled();
  gate.resolve();
  await settled;
  assert.deepEqual(await stagedFiles(), []);
  for (const { path } of files) assert.match(await readFile(path, 'utf8'), /^good copied/);
});

test('no later batch is begun by the timer once the pipeline has been closed', async () => {
  const gate = Promise.withResolvers<void>();
  inspect = async (requests, options) => {
    await gate.promise;
    return look(requests, options);
  };
  const job = await newJob();
  // The first is with a worker, the second lingers for company.
  await submitAll(job, await arrive(job, ['good first', 'good second']));
  const settled = job.pipeline.settled();
  gate.resolve();
  await settled;
  await sleep(40);
  assert.deepEqual(opened, [['good first']]);
  assert.deepEqual(await stagedFiles(), []);
});

test('whatever arrives in whatever order, counts, ledger, rows and blobs agree', async () => {
  let run = 0;
  const kind = fc.constantFrom('good', 'good', 'small', 'broken', 'svg');
  const file = fc.record({ kind, number: fc.nat(6), suspicion: fc.constantFrom(0, 0, 0, 1, 10) });
  await fc.assert(
    fc.asyncProperty(
      fc.array(file, { minLength: 1, maxLength: 45 }),
      fc.option(fc.integer({ min: 1, max: 8 })),
      fc.boolean(),
      async (files, limit, isSalted) => {
        run++;
        const maxImages = limit ?? Number.POSITIVE_INFINITY;
        const job = await newJob({ maxImages });
        const salt = isSalted ? ` of run ${run}` : '';
        const contents = files.map(({ kind: word, number }) => `${word} any ${number}${salt}`);
        const arrivals = await arrive(job, contents);
        await submitAll(
          job,
          arrivals.map((arrival, index) => ({
            ...arrival,
            request: { ...arrival.request, suspicion: files[index]?.suspicion ?? 0 },
          })),
        );
        await job.pipeline.drained();
        const kept = sampleRows(library.services, job.datasetId).length;
        assert.equal(kept, job.tally.kept);
        const decodable = new Set(contents.filter((content) => /^(good|small)/.test(content)));
        const openable = new Set(
          contents.filter((content, index) => decodable.has(content) && files[index]?.suspicion !== 10),
        );
        assert.ok(kept >= Math.min(maxImages, openable.size) && kept <= Math.min(maxImages, decodable.size), `${kept}`);
        const { counts } = job.tally;
        assert.equal(counts.fetched, job.tally.settled);
        assert.equal(job.tally.settled + (ledger(job).waiting ?? 0), files.length);
        assert.equal(await counterDrift(library.services, job.datasetId), 0);
        assert.deepEqual([await stagedFiles(), leftOpen()], [[], []]);
      },
    ),
    { numRuns: 100 },
  );
});
