import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { NO_COUNTS } from '../../shared/contract/jobs.ts';
import { DEFAULT_INSPECTION_LIMITS, type InspectionAnswer } from '../../shared/inspection.ts';
import type { ConsentKeeper } from '../consent/consent-keeper.ts';
import { OBEY_ALL } from '../consent/consent-verdict.ts';
import { FetchProblem } from '../fetch/fetch-problem.ts';
import type { Fetcher } from '../fetch/fetcher.ts';
import { ImagePipeline } from '../ingest/image-pipeline.ts';
import { IngestWriter } from '../ingest/ingest-writer.ts';
import { JobTally } from '../jobs/job-tally.ts';
import {
  counterDrift,
  fakeWorkers,
  inspectionOf,
  makeLibrary,
  sha256Of,
  type TestLibrary,
} from '../testing/test-library.ts';
import type { WorkerPool } from '../workers/worker-pool.ts';
import { CrawlRun } from './crawl-run.ts';
import { Frontier } from './frontier.ts';
import type { NewRequest } from './request-repository.ts';
import { createScope, siteOf } from './url-rules.ts';

const LIVE = 'http://live.example';
const DEAD = 'http://dead.example';

/** What pages name, by address. */
const pages = new Map<string, { readonly images: readonly string[]; readonly links: readonly string[] }>();

const run = (async (_task: 'extract-page', { url }: { readonly url: string }) => {
  const { images, links } = pages.get(url) ?? { images: [], links: [] };
  const facts = { mention: 'img', caption: null, licence: null, creator: null } as const;
  return {
    baseUrl: url,
    title: null,
    images: images.map((image) => ({ url: image, ...facts })),
    links,
    metaRobots: [],
    tdmReservation: null,
    truncated: false,
  };
}) as unknown as WorkerPool['run'];

const inspect: WorkerPool['inspect'] = async (requests) =>
  requests.map(({ path }): InspectionAnswer => {
    const sizeBytes = Buffer.byteLength(contents.get(path) ?? '');
    return { inspection: { ...inspectionOf({ name: path }), sizeBytes }, thumbnail: null };
  });

/** What was written where. */
const contents = new Map<string, string>();
let asked: string[] = [];
let log: string[] = [];
/** Addresses that are answered only once the dead site has been given up. */
const late = new Set<string>();

/** One site that answers, and one that refuses every connection. */
const fetcher: Fetcher = {
  fetch: async (url, options) => {
    await options.beforeRequest?.(url, 0);
    options.onSent?.(url);
    asked.push(url);
    while (late.has(url) && !log.some((message) => message.includes('is in trouble'))) await sleep(2);
    if (siteOf(url) === siteOf(DEAD)) throw new FetchProblem('transient', 'connection-refused');
    const { destination } = options;
    if (destination.kind !== 'file') throw new Error('Only files are fetched here.');
    const path = join(destination.directory, destination.fileName ?? 'file');
    await writeFile(path, url);
    contents.set(path, url);
    const isPage = pages.has(url);
    return {
      url,
      hops: [],
      status: 200,
      headers: { 'content-type': isPage ? 'text/html' : 'image/jpeg' },
      sizeBytes: url.length,
      sha256: sha256Of(url),
      truncated: false,
      path,
      body: null,
      remoteAddress: null,
    };
  },
  close: async () => undefined,
};

const consent: ConsentKeeper = {
  check: async () => ({
    allowed: true,
    reason: null,
    evidence: 'no rule',
    crawlDelayMs: null,
    sitemaps: [],
    retryAtMs: null,
    failure: null,
    findings: [],
    verdict: { verdict: 'allowed', signals: [] },
  }),
};

let library: TestLibrary;

before(async () => {
  library = await makeLibrary(fakeWorkers({ run, inspect }));
});

beforeEach(() => {
  asked = [];
  log = [];
  late.clear();
  pages.clear();
  contents.clear();
});

after(() => library?.remove());

function page(url: string): NewRequest {
  return { kind: 'page', url, site: siteOf(url), lane: 0, depth: 0, meta: { source: 'web' } };
}

async function crawl(seeds: readonly string[]) {
  const { services } = library;
  const { database, datasets, ownerId, requests } = services;
  const datasetId = await library.newDataset();
  const { id: jobId } = await services.jobs.insert('crawl', datasetId, {});
  // What an earlier crawl learnt of the sites is forgotten.
  await database.write(() => database.prepare('UPDATE hosts SET schedule = NULL').run());
  const rules = await services.ruleSets.standard();
  const tally = new JobTally(NO_COUNTS, {}, 0);
  const target = { jobId, datasetId, ruleSetId: rules.id, judge: rules.judge, tally };
  const abort = new AbortController();
  const workers = services.workers();
  const pipeline = new ImagePipeline({
    ...services,
    writer: new IngestWriter(database, ownerId, requests, datasets, target),
    target,
    workers,
    limits: DEFAULT_INSPECTION_LIMITS,
    deadlineMs: 1_000,
    link: false,
    maxImages: Number.POSITIVE_INFINITY,
    signal: abort.signal,
    requireSpace: async () => undefined,
    onCommitted: () => undefined,
  });
  const frontier = new Frontier({
    requests,
    reader: services.reader,
    jobId,
    perHost: 1,
    delayMs: 0,
    resumed: false,
    probeDelayMs: 10,
  });
  const crawlRun = new CrawlRun({
    frontier,
    abort,
    concurrency: 16,
    maxPages: 100,
    context: {
      ...services,
      jobId,
      tally,
      pipeline,
      workers,
      fetcher,
      consent,
      consentPolicy: OBEY_ALL,
      scope: createScope({ seeds, depth: 5, include: [], exclude: [] }),
      label: undefined,
      labelsFromFolders: false,
      timeoutMs: 1_000,
      maxImageBytes: 1_000_000,
      maxImages: Number.POSITIVE_INFINITY,
      log: (_level, message) => log.push(message),
    },
  });
  const inserted = await database.write(() => requests.insertMany(jobId, seeds.map(page)));
  tally.add({ discovered: inserted.images, pagesDiscovered: inserted.pages });
  const isDone = await crawlRun.run();
  await pipeline.settled();
  const states = database
    .prepare<[number], { state: string; count: number }>(
      `SELECT kind || ' ' || state || coalesce(' ' || reason, '') AS state, count(*) AS count
       FROM requests WHERE job_id = ? GROUP BY 1`,
    )
    .all(jobId);
  assert.equal(await counterDrift(services, datasetId), 0);
  return { isDone, states: Object.fromEntries(states.map(({ state, count }) => [state, count])), tally };
}

function pictures(site: string, count: number, from = 0): string[] {
  return Array.from({ length: count }, (_each, index) => `${site}/${from + index}.jpg`);
}

function askedOfDead(): number {
  return asked.filter((url) => url.startsWith(DEAD)).length;
}

test('a site that never answers is set aside with its reason, and the others are collected', async () => {
  pages.set(`${LIVE}/`, { images: [...pictures(LIVE, 12), ...pictures(DEAD, 60)], links: [] });
  const { isDone, states, tally } = await crawl([`${LIVE}/`]);
  assert.equal(isDone, true);
  assert.deepEqual(states, { 'page done': 1, 'image done': 12, 'image failed site-in-trouble': 60 });
  const { accepted, discovered, failed, quarantined } = tally.counts;
  assert.deepEqual([discovered, accepted + quarantined, failed], [72, 12, 60]);
  assert.equal(tally.reasons['site-in-trouble'], 60);
  // Five failures in a row park it; the trial and two more fail as well.
  assert.equal(askedOfDead(), 8);
  assert.equal(log.filter((message) => message.includes('60 images and 0 pages were set aside')).length, 1);
});

test('what is found of a site after it was given up is set aside too, and the crawl ends', async () => {
  pages.set(`${LIVE}/`, { images: pictures(DEAD, 20), links: [`${LIVE}/late`] });
  pages.set(`${LIVE}/late`, { images: [...pictures(DEAD, 100, 20), ...pictures(LIVE, 1)], links: [`${LIVE}/last`] });
  pages.set(`${LIVE}/last`, { images: pictures(DEAD, 1, 500), links: [] });
  late.add(`${LIVE}/late`);
  const { isDone, states, tally } = await crawl([`${LIVE}/`]);
  assert.equal(isDone, true);
  assert.deepEqual(states, { 'page done': 3, 'image done': 1, 'image failed site-in-trouble': 121 });
  assert.deepEqual([tally.counts.failed, tally.reasons['site-in-trouble']], [121, 121]);
  assert.equal(askedOfDead(), 8, 'it is not asked again');
});
