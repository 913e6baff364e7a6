import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, mock, test } from 'node:test';
import fc from 'fast-check';
import { DatasetRepository } from '../datasets/dataset-repository.ts';
import { Database } from '../db/database.ts';
import { DatabaseReader } from '../db/reader.ts';
import { JobRepository } from '../jobs/job-repository.ts';
import { ProjectRepository } from '../projects/project-repository.ts';
import { requestCounts } from '../testing/request-counts.ts';
import { Frontier, type Taken } from './frontier.ts';
import type { NewRequest } from './ledger-request.ts';
import { RequestRepository } from './request-repository.ts';

const OWNER = 'local';
/** Rows of one site that may be in memory at a time. */
const WINDOW = 48;
const SITES = ['http://a:80', 'http://b:80', 'https://c:443', null] as const;

let folder: string;
let database: Database;
let reader: DatabaseReader;
let requests: RequestRepository;
let jobs: JobRepository;
let datasetId: number;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pixcrawler-frontier-'));
  const path = join(folder, 'test.db');
  database = await Database.open({ path, backupDirectory: join(folder, 'backups') });
  // Nothing here is about power cuts: thousands of transactions need not wait for the disk.
  database.pragma('synchronous = OFF');
  reader = new DatabaseReader(path);
  requests = new RequestRepository(database, OWNER);
  jobs = new JobRepository(database, OWNER);
  const project = await new ProjectRepository(database, OWNER).insert('project');
  datasetId = (await new DatasetRepository(database, OWNER).insert(project.id, 'set', [])).id;
});

after(async () => {
  await reader?.close();
  await database?.close();
  await rm(folder, { recursive: true, force: true });
});

async function newJob(): Promise<number> {
  // Each job starts without what an earlier one learnt of the sites.
  await write(() => database.prepare('UPDATE hosts SET schedule = NULL').run());
  return (await jobs.insert('crawl', datasetId, {})).id;
}

/** One writer, and nobody else to wait for. */
async function write<T>(work: () => T): Promise<T> {
  return work();
}

interface Options {
  readonly perHost?: number;
  readonly delayMs?: number;
  readonly resumed?: boolean;
}

async function open(jobId: number, options: Options = {}): Promise<Frontier> {
  const { perHost = 1, delayMs = 0, resumed = false } = options;
  const frontier = new Frontier({ requests, reader, jobId, perHost, delayMs, resumed });
  await frontier.load();
  return frontier;
}

let names = 0;
function found(count: number, site: string | null, lane: number): NewRequest[] {
  return Array.from({ length: count }, () => ({
    kind: lane === 1 ? 'image' : 'page',
    url: `${site ?? '/local'}/${names++}`,
    site,
    lane,
    depth: 0,
    meta: { source: 'web' },
  }));
}

function insert(jobId: number, rows: readonly NewRequest[]) {
  return write(() => requests.insertMany(jobId, rows).bySite);
}

function settle(id: number): Promise<boolean> {
  return write(() => requests.settle(id, { state: 'done' }));
}

/** How a taken request ends in the simulation. */
interface Fate {
  readonly durationMs: number;
  /** Milliseconds until it may be tried again; null when it is settled. */
  readonly deferMs: number | null;
  /** What it finds: how many, at which site, in which lane. */
  readonly finds: readonly { readonly count: number; readonly site: number; readonly lane: number }[];
}

interface Simulation {
  readonly takenMs: Map<number, number[]>;
  readonly settled: Set<number>;
  endedMs: number;
}

/** Takes and ends requests in virtual time until nothing is left, or `stopAfter` were taken. */
async function simulate(
  jobId: number,
  frontier: Frontier,
  { perHost, delayMs }: { perHost: number; delayMs: number },
  fates: IteratorObject<Fate>,
  startMs: number,
  stopAfter = Number.POSITIVE_INFINITY,
): Promise<Simulation> {
  const simulation: Simulation = { takenMs: new Map(), settled: new Set(), endedMs: startMs };
  const inFlight: { taken: Taken; fate: Fate; endsMs: number }[] = [];
  const lastStartMs = new Map<string, number>();
  const dueMs = new Map<number, number>();
  let nowMs = startMs;
  let count = 0;
  for (let idle = 0; idle < 10_000; idle++) {
    for (let taken = frontier.take(nowMs); taken !== null; taken = frontier.take(nowMs)) {
      const { request, site } = taken;
      assert.ok(!inFlight.some((other) => other.taken.request.id === request.id), 'in flight already');
      assert.ok(!simulation.settled.has(request.id), 'settled already');
      assert.ok(nowMs >= (dueMs.get(request.id) ?? 0), 'before its time');
      simulation.takenMs.set(request.id, [...(simulation.takenMs.get(request.id) ?? []), nowMs]);
      if (site !== null) {
        assert.ok(inFlight.filter((other) => other.taken.site === site).length < perHost, 'too many at a site');
        const last = lastStartMs.get(site);
        assert.ok(last === undefined || nowMs - last >= delayMs, `a gap of ${nowMs - (last ?? 0)} ms`);
        lastStartMs.set(site, nowMs);
      }
      const fate = fates.next().value as Fate;
      inFlight.push({ taken, fate, endsMs: nowMs + fate.durationMs });
      if (++count >= stopAfter) {
        simulation.endedMs = nowMs;
        return simulation;
      }
    }
    for (const view of frontier.sites(nowMs)) {
      // Those that were put off come back on top.
      const retried = [...simulation.takenMs.keys()].filter((id) => !simulation.settled.has(id)).length;
      assert.ok(view.queued <= WINDOW + retried, `${view.queued} of a site in memory`);
    }
    inFlight.sort((a, b) => a.endsMs - b.endsMs);
    const dueAt = frontier.nextDueAt();
    const next = inFlight[0];
    if (next === undefined || (dueAt !== null && dueAt < next.endsMs)) {
      if (dueAt === null) {
        assert.ok(frontier.isEmpty, 'something is left that is never due');
        assert.equal(frontier.endsNotBefore(nowMs), 0, 'nothing is counted as waiting');
        simulation.endedMs = nowMs;
        return simulation;
      }
      nowMs = Math.max(nowMs + (dueAt <= nowMs ? 1 : 0), dueAt);
      continue;
    }
    idle = 0;
    inFlight.shift();
    nowMs = Math.max(nowMs, next.endsMs);
    const { request, site } = next.taken;
    if (site !== null) frontier.finished(site, { kind: 'success', durationMs: next.fate.durationMs }, nowMs);
    if (next.fate.deferMs !== null && request.attempts < 3) {
      const dueAtMs = nowMs + next.fate.deferMs;
      dueMs.set(request.id, dueAtMs);
      await write(() => requests.defer(request.id, dueAtMs, request.attempts + 1, 'timeout'));
      frontier.defer({ ...request, attempts: request.attempts + 1 }, dueAtMs);
      continue;
    }
    assert.equal(await settle(request.id), true);
    simulation.settled.add(request.id);
    for (const { count: some, site: at, lane } of next.fate.finds) {
      if (simulation.settled.size > 12) break;
      frontier.noteInserted(await insert(jobId, found(some, SITES[at] ?? null, lane)));
    }
  }
  throw new Error('The simulation does not end.');
}

/** Fates without end, from a seed (mulberry32). */
function* fatesOf(seed: number): Generator<Fate, never> {
  let state = seed;
  const below = (limit: number): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
  for (;;) {
    yield {
      durationMs: below(300),
      deferMs: below(4) === 0 ? below(5_000) : null,
      finds: Array.from({ length: below(3) }, () => ({ count: 1 + below(30), site: below(4), lane: below(3) })),
    };
  }
}
const seeds = fc.array(fc.record({ count: fc.integer({ min: 1, max: 70 }), site: fc.nat(3), lane: fc.nat(2) }), {
  minLength: 1,
  maxLength: 2,
});

function waiting(jobId: number): number {
  const { images, pages } = requestCounts(database, requests, jobId, 'waiting');
  return images + pages;
}

test('everything found is taken and settled exactly once, in bounded memory, at the pace of its site', async () => {
  await fc.assert(
    fc.asyncProperty(
      seeds,
      fc.nat(),
      fc.integer({ min: 1, max: 3 }),
      fc.constantFrom(0, 50, 1_000),
      fc.option(fc.integer({ min: 1, max: 40 })),
      async (start, seed, perHost, delayMs, stopAfter) => {
        const fates = fatesOf(seed);
        const jobId = await newJob();
        for (const { count, site, lane } of start) await insert(jobId, found(count, SITES[site] ?? null, lane));
        const pace = { perHost, delayMs };
        let startMs = Date.now();
        const before = new Set<number>();
        if (stopAfter !== null) {
          // The core dies with requests in flight, and another one goes on.
          const first = await simulate(jobId, await open(jobId, pace), pace, fates, startMs, stopAfter);
          for (const id of first.settled) before.add(id);
          startMs = Math.max(first.endedMs, Date.now());
        }
        const resumed = stopAfter !== null;
        const frontier = await open(jobId, { ...pace, resumed });
        const { takenMs, settled, endedMs } = await simulate(jobId, frontier, pace, fates, startMs);
        assert.equal(waiting(jobId), 0);
        for (const id of settled) assert.ok(!before.has(id), 'settled again');
        const { images, pages } = requestCounts(database, requests, jobId, 'done');
        assert.equal(settled.size + before.size, images + pages);
        for (const id of takenMs.keys()) assert.ok(settled.has(id));
        assert.ok(frontier.isEmpty && frontier.take(endedMs + 1e9) === null);
      },
    ),
    { numRuns: 100 },
  );
});

test('after a restart each site gets its full gap before the first request', async () => {
  const jobId = await newJob();
  await insert(jobId, [...found(2, 'http://a:80', 1), ...found(1, null, 1)]);
  const beforeMs = Date.now();
  const frontier = await open(jobId, { delayMs: 5_000, resumed: true });
  assert.equal(frontier.take(beforeMs + 1)?.site, null, 'this machine has no gap');
  assert.equal(frontier.take(beforeMs + 4_900), null);
  const dueAt = frontier.nextDueAt();
  assert.ok(dueAt !== null && dueAt >= beforeMs + 5_000 && dueAt <= Date.now() + 5_000);
  assert.equal(frontier.take(dueAt)?.site, 'http://a:80');
});

test('what was saved of a site holds for the next run', async () => {
  const jobId = await newJob();
  await insert(jobId, found(2, 'http://a:80', 1));
  const nowMs = Date.now();
  const first = await open(jobId);
  const taken = first.take(nowMs);
  assert.equal(taken?.site, 'http://a:80');
  first.finished('http://a:80', { kind: 'throttled', durationMs: 5, retryAfterMs: 60_000 }, nowMs);
  const saved = JSON.stringify(first.save('http://a:80'));
  await write(() => requests.saveSiteRecord('http://a:80', 'schedule', saved));
  const second = await open(jobId);
  assert.equal(second.take(nowMs + 59_000), null);
  assert.equal(second.take(nowMs + 60_000)?.site, 'http://a:80');
});

test('what finds much goes first, then images, then further pages', async () => {
  const jobId = await newJob();
  await insert(jobId, [...found(3, 'http://a:80', 2), ...found(3, 'http://a:80', 1), ...found(2, 'http://a:80', 0)]);
  const frontier = await open(jobId);
  const lanes: number[] = [];
  const nowMs = Date.now();
  for (let taken = frontier.take(nowMs); taken !== null; taken = frontier.take(nowMs)) {
    lanes.push(taken.request.lane);
    frontier.finished('http://a:80', { kind: 'success', durationMs: 1 }, nowMs);
  }
  assert.deepEqual(lanes, [0, 0, 1, 1, 1, 2, 2, 2]);
});

test('many that wait for their time do not hide those behind them', async () => {
  const jobId = await newJob();
  await insert(jobId, found(200, 'http://a:80', 1));
  const nowMs = Date.now();
  await write(() => {
    const rows = requests.waiting(jobId, requests.siteId('http://a:80'), 1, 0, 199);
    for (const { id } of rows) requests.defer(id, nowMs + 3_600_000, 1, 'timeout');
  });
  const frontier = await open(jobId);
  const seen: (number | null)[] = [];
  for (let call = 0; call < 10 && seen.length === 0; call++) {
    const taken = frontier.take(nowMs + call);
    if (taken !== null) seen.push(taken.request.attempts);
  }
  assert.deepEqual(seen, [0], 'the last row is due now');
});

test('pages that are closed stay in the ledger, images of their sites are taken all the same', async () => {
  const jobId = await newJob();
  await insert(jobId, found(100, 'http://a:80', 0));
  const frontier = await open(jobId);
  const nowMs = Date.now();
  const first = frontier.take(nowMs);
  assert.equal(first?.request.kind, 'page');
  // While the window is full of pages, images are found.
  frontier.noteInserted(await insert(jobId, found(70, 'http://a:80', 1)));
  frontier.closePages();
  frontier.finished('http://a:80', { kind: 'success', durationMs: 1 }, nowMs);
  await settle(first?.request.id as number);
  let images = 0;
  for (let step = 0; step < 1_000 && !frontier.isEmpty; step++) {
    const taken = frontier.take(nowMs + step);
    if (taken === null) continue;
    assert.equal(taken.request.kind, 'image');
    images++;
    frontier.finished('http://a:80', { kind: 'success', durationMs: 1 }, nowMs + step);
    await settle(taken.request.id);
  }
  assert.equal(images, 70);
  assert.deepEqual(requestCounts(database, requests, jobId, 'waiting'), { images: 0, pages: 99 });
});

test('a page that was tried before it was closed is tried again', async () => {
  const jobId = await newJob();
  await insert(jobId, found(2, 'http://a:80', 2));
  const frontier = await open(jobId);
  const nowMs = Date.now();
  const first = frontier.take(nowMs);
  assert.ok(first !== null);
  frontier.closePages();
  frontier.finished('http://a:80', { kind: 'transient', durationMs: 1 }, nowMs);
  frontier.defer({ ...first.request, attempts: 1 }, nowMs + 100);
  assert.equal(frontier.take(nowMs + 99), null);
  assert.equal(frontier.take(nowMs + 100)?.request.id, first.request.id);
  frontier.finished('http://a:80', { kind: 'success', durationMs: 1 }, nowMs + 101);
  assert.ok(frontier.isEmpty);
});

test('a site that is given up leaves nothing in memory, and may come back', async () => {
  const jobId = await newJob();
  await insert(jobId, [...found(100, 'http://a:80', 1), ...found(1, 'http://b:80', 1)]);
  const frontier = await open(jobId);
  const nowMs = Date.now();
  const taken = [frontier.take(nowMs), frontier.take(nowMs)];
  assert.deepEqual(new Set(taken.map((each) => each?.site)), new Set(['http://a:80', 'http://b:80']));
  const mine = taken.find((each) => each?.site === 'http://a:80');
  frontier.finished('http://a:80', { kind: 'transient', durationMs: 1 }, nowMs);
  frontier.defer({ ...(mine as Taken).request, attempts: 1 }, nowMs + 10);
  const siteId = frontier.giveUp('http://a:80').id as number;
  let settled = 0;
  for (let isDone = false; !isDone; ) {
    const step = await write(() => requests.settleSite(jobId, siteId, 'site-in-trouble', 'gone'));
    settled += step.images;
    isDone = step.isDone;
  }
  assert.equal(settled, 100);
  frontier.finished('http://b:80', { kind: 'success', durationMs: 1 }, nowMs);
  assert.ok(frontier.isEmpty);
  assert.equal(frontier.take(nowMs + 1e9), null);
  frontier.noteInserted(await insert(jobId, found(1, 'http://a:80', 1)));
  assert.equal(frontier.take(nowMs + 1e9)?.site, 'http://a:80');
});

test('thousands of sites are met a few at a time, each request once, also when more are found for sites that had ended', async () => {
  const jobId = await newJob();
  const sites = Array.from({ length: 300 }, (_, index) => `http://many-${index}:80`);
  await insert(
    jobId,
    sites.flatMap((site) => found(1, site, 1)),
  );
  const frontier = await open(jobId);
  const nowMs = Date.now();
  let read = 0;
  const waiting = mock.method(requests, 'waiting', (...parameters: Parameters<RequestRepository['waiting']>) => {
    read++;
    return RequestRepository.prototype.waiting.apply(requests, parameters);
  });
  const takeAll = async (): Promise<number[]> => {
    const ids: number[] = [];
    for (let step = 0; step < 1_000 && !frontier.isEmpty; step++) {
      read = 0;
      const taken = frontier.take(nowMs);
      assert.ok(read <= 150, `${read} queries in one call`);
      if (taken === null) continue;
      ids.push(taken.request.id);
      frontier.finished(taken.site as string, { kind: 'success', durationMs: 1 }, nowMs);
    }
    return ids;
  };
  const first = await takeAll();
  assert.equal(new Set(first).size, 300);
  // None of them is settled yet, as images that are still in the pipeline.
  const more = sites.flatMap((site) => found(2, site, 1));
  frontier.noteInserted(await insert(jobId, more));
  const second = await takeAll();
  waiting.mock.restore();
  assert.equal(new Set([...first, ...second]).size, 900);
  assert.equal(second.length, 600);
});

test('what a redirect leads to waits among the requests of its site, and is given up with it', async () => {
  const jobId = await newJob();
  await insert(jobId, found(3, 'http://a:80', 1));
  const frontier = await open(jobId);
  const nowMs = Date.now();
  const first = frontier.take(nowMs) as Taken;
  frontier.finished('http://a:80', { kind: 'success', durationMs: 1 }, nowMs);
  assert.ok(frontier.enter('http://b:80', nowMs));
  assert.equal(frontier.enter('http://b:80', nowMs), false, 'one at a time');
  frontier.requeue('http://b:80', { ...first.request, underWay: { url: 'http://b:80/x', redirects: 1 } });
  const second = frontier.take(nowMs) as Taken;
  assert.equal(second.site, 'http://a:80');
  assert.equal(frontier.take(nowMs), null);
  frontier.finished('http://b:80', { kind: 'success', durationMs: 1 }, nowMs);
  const led = frontier.take(nowMs) as Taken;
  assert.deepEqual([led.site, led.request.id], ['http://b:80', first.request.id]);
  frontier.requeue('http://b:80', led.request);
  frontier.release('http://b:80');
  const { id, ledThere } = frontier.giveUp('http://b:80');
  assert.deepEqual([id, ledThere.map((request) => request.id)], [null, [first.request.id]]);
});

test('files of this machine can be left waiting while sites are asked', async () => {
  const jobId = await newJob();
  await insert(jobId, [...found(2, null, 1), ...found(1, 'http://a:80', 1)]);
  const frontier = await open(jobId);
  const nowMs = Date.now();
  assert.equal(frontier.take(nowMs, false)?.site, 'http://a:80');
  assert.equal(frontier.take(nowMs, false), null);
  assert.equal(frontier.take(nowMs)?.site, null);
});

test('pages that were tried count, neither where they led to nor what was never asked', async () => {
  const jobId = await newJob();
  await insert(jobId, found(4, 'http://a:80', 2));
  const [tried, moved, failed] = requests.waiting(jobId, await write(() => requests.siteId('http://a:80')), 2, 0, 4);
  assert.ok(tried !== undefined && moved !== undefined && failed !== undefined);
  await write(() => {
    requests.defer(tried.id, 0, 1, 'timeout');
    requests.settle(moved.id, { state: 'done' });
    requests.insertDone(jobId, moved, 'http://a:80/elsewhere', 'http://a:80');
    requests.settle(failed.id, { state: 'failed', reason: 'http-404' });
  });
  const frontier = await open(jobId);
  assert.equal(await frontier.pagesTried(), 3);
});

test('a Crawl-delay of an earlier run holds until the site asks for none', async () => {
  const jobId = await newJob();
  const first = await open(jobId);
  assert.equal(first.setCrawlDelay('http://a:80', null), false);
  assert.equal(first.setCrawlDelay('http://a:80', 4_000), true);
  assert.equal(first.setCrawlDelay('http://a:80', 4_000), false);
  await write(() => requests.saveSiteRecord('http://a:80', 'schedule', JSON.stringify(first.save('http://a:80'))));
  const second = await open(jobId, { resumed: true });
  const nowMs = Date.now();
  assert.equal(second.enter('http://a:80', nowMs + 3_000), false, 'not even for a redirect');
  assert.equal(second.enter('http://a:80', nowMs + 4_100), true);
  assert.equal(second.setCrawlDelay('http://a:80', null), true);
  assert.equal(second.save('http://a:80').crawlDelayMs, 0);
});
