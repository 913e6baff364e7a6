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
import type { NewRequest } from './ledger-request.ts';
import { createScope, siteOf } from './url-rules.ts';

const LIVE = 'http://live.example';
const DEAD = 'http://dead.example';

/** What pages name, by address. */
const pages = new Map<string, { readonly images: readonly string[]; readonly links: readonly string[] }>();

const run = (async (task: 'extract-page' | 'read-sitemap', { url }: { readonly url: string }) => {
  const { images, links } = pages.get(url) ?? { images: [], links: [] };
  if (task === 'read-sitemap') return { sitemaps: [], images: [], pages: links, truncated: false };
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
/** Where addresses lead to. */
const moved = new Map<string, string>();
/** Addresses that are not answered at once. */
const slow = new Set<string>();
/** What sites ask for in robots.txt. */
const crawlDelays = new Map<string, number>();

/** One site that answers, and one that refuses every connection. */
const fetcher: Fetcher = {
  fetch: async (address, options) => {
    let url = address;
    for (let hop = 0; ; hop++) {
      await options.beforeRequest?.(url, hop);
      options.onSent?.(url);
      asked.push(url);
      const next = moved.get(url);
      if (next === undefined) break;
      if (hop === (options.maxRedirects ?? 10)) throw new FetchProblem('permanent', 'too-many-redirects');
      url = next;
    }
    if (slow.has(url)) await sleep(150);
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
  check: async (url) => ({
    allowed: true,
    reason: null,
    evidence: 'no rule',
    crawlDelayMs: crawlDelays.get(siteOf(url)) ?? null,
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
  moved.clear();
  slow.clear();
  crawlDelays.clear();
  pages.clear();
  contents.clear();
});

after(() => library?.remove());

function seed(url: string): NewRequest {
  const kind = url.endsWith('.xml') ? 'sitemap' : 'page';
  return { kind, url, site: siteOf(url), lane: 0, depth: 0, meta: { source: 'web' } };
}

interface CrawlSetting {
  readonly perHost?: number;
  readonly concurrency?: number;
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
}

async function crawl(seeds: readonly string[], setting: CrawlSetting = {}) {
  const { perHost = 1, concurrency = 16, include = [], exclude = [] } = setting;
  const { services } = library;
  const { database, labels, ownerId, requests } = services;
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
    writer: new IngestWriter(database, ownerId, requests, labels, target),
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
    perHost,
    delayMs: 0,
    resumed: false,
    probeDelayMs: 10,
  });
  let looks = 0;
  const nextDueAt = frontier.nextDueAt.bind(frontier);
  frontier.nextDueAt = () => {
    looks++;
    return nextDueAt();
  };
  const crawlRun = new CrawlRun({
    frontier,
    abort,
    concurrency,
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
      scope: createScope({ seeds, depth: 5, include, exclude }),

      searchHeaders: async () => ({}),
      labelsFromFolders: false,
      timeoutMs: 1_000,
      maxImageBytes: 1_000_000,
      maxImages: Number.POSITIVE_INFINITY,
      minFreeBytes: 0,
      log: (_level, message) => log.push(message),
    },
  });
  const inserted = await database.write(() => requests.insertMany(jobId, seeds.map(seed)));
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
  return { isDone, states: Object.fromEntries(states.map(({ state, count }) => [state, count])), tally, looks };
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

test('a site is not set aside for what it leads to', async () => {
  const away = pictures(LIVE, 40, 100);
  for (const [index, url] of away.entries()) moved.set(url, `${DEAD}/${index}.jpg`);
  pages.set(`${LIVE}/`, { images: [...away, ...pictures(LIVE, 12)], links: [] });
  const { isDone, states, tally } = await crawl([`${LIVE}/`]);
  assert.equal(isDone, true);
  assert.deepEqual(states, { 'page done': 1, 'image done': 12, 'image failed site-in-trouble': 40 });
  assert.deepEqual([tally.counts.failed, tally.reasons['site-in-trouble']], [40, 40]);
  assert.equal(askedOfDead(), 8);
  assert.ok(log.every((message) => !message.startsWith(`${siteOf(LIVE)} is in trouble`)));
});

test('waiting for a turn does not make a ring of redirects longer', async () => {
  const [here, there] = [`${LIVE}/ring.jpg`, 'http://other.example/ring.jpg'];
  moved.set(here, there).set(there, here);
  crawlDelays.set(siteOf(LIVE), 5).set(siteOf(there), 5);
  pages.set(`${LIVE}/`, { images: [here, ...pictures(LIVE, 3)], links: [] });
  const { states } = await crawl([`${LIVE}/`]);
  assert.deepEqual(states, { 'page done': 1, 'image done': 3, 'image failed too-many-redirects': 1 });
  assert.equal(asked.filter((url) => url === here || url === there).length, 11);
});

test('a Crawl-delay is saved when it is learnt', async () => {
  crawlDelays.set(siteOf(LIVE), 30);
  pages.set(`${LIVE}/`, { images: [], links: [] });
  await crawl([`${LIVE}/`]);
  const saved = JSON.parse(library.services.requests.siteRecord(siteOf(LIVE), 'schedule') ?? '{}');
  assert.equal(saved.crawlDelayMs, 30);
});

test('with all places taken the end of something is waited for', async () => {
  const images = pictures(LIVE, 4);
  for (const url of images) slow.add(url);
  pages.set(`${LIVE}/`, { images, links: [] });
  const { states, looks } = await crawl([`${LIVE}/`], { perHost: 4, concurrency: 2 });
  assert.deepEqual(states, { 'page done': 1, 'image done': 4 });
  assert.ok(looks < 40, `looked ${looks} times`);
});

test('what waits for a slow site takes no place from the others', async () => {
  const other = 'http://other.example';
  crawlDelays.set(siteOf(other), 100);
  const away = pictures(LIVE, 5, 100);
  for (const [index, url] of away.entries()) moved.set(url, `${other}/${index}.jpg`);
  pages.set(`${LIVE}/`, { images: [...away, ...pictures(LIVE, 12)], links: [] });
  const { states } = await crawl([`${LIVE}/`], { concurrency: 2 });
  assert.deepEqual(states, { 'page done': 1, 'image done': 17 });
  const places = asked.flatMap((url, index) => (url.startsWith(other) ? [index] : []));
  assert.equal(places.length, 5);
  assert.ok(asked.lastIndexOf(`${LIVE}/11.jpg`) < (places[2] ?? 0), asked.join(' '));
});

test('what a filter excludes is not asked for, whether a sitemap names it or something leads to it', async () => {
  const sitemap = `${LIVE}/sitemap.xml`;
  pages.set(sitemap, { images: [], links: [`${LIVE}/open`, `${LIVE}/private/listed`] });
  pages.set(`${LIVE}/open`, { images: [`${LIVE}/1.jpg`, `${LIVE}/away.jpg`], links: [`${LIVE}/leads`] });
  for (const path of ['/private/listed', '/private/led']) {
    pages.set(`${LIVE}${path}`, { images: [`${LIVE}/2.jpg`], links: [] });
  }
  moved.set(`${LIVE}/leads`, `${LIVE}/private/led`).set(`${LIVE}/away.jpg`, `${LIVE}/private/away.jpg`);
  const { states } = await crawl([sitemap], { exclude: ['/private/**'] });
  assert.deepEqual(states, {
    'sitemap done': 1,
    'page done': 1,
    'page refused excluded': 1,
    'image done': 1,
    'image refused excluded': 1,
  });
  assert.ok(
    asked.every((url) => !url.includes('/private/')),
    asked.join(' '),
  );
});

test('the site that a seed leads to belongs to the crawl, and that is said', async () => {
  const there = 'https://www.there.example';
  moved.set(`${LIVE}/`, `${there}/`);
  pages.set(`${there}/`, { images: [], links: [`${there}/more`, `${LIVE}/own`, 'http://other.example/'] });
  pages.set(`${there}/more`, { images: pictures(there, 1), links: [] });
  pages.set(`${LIVE}/own`, { images: pictures(LIVE, 1), links: [] });
  const { states } = await crawl([`${LIVE}/`]);
  // The seed, what it led to, and a page of each.
  assert.deepEqual(states, { 'page done': 4, 'image done': 2 });
  assert.equal(log.filter((message) => message.includes(`leads to ${siteOf(there)}`)).length, 1);
});

test('a link that leads to a page of another site is left unread, and one that leads to an image is not', async () => {
  const login = 'http://accounts.example/login';
  moved.set(`${LIVE}/account`, login).set(`${LIVE}/download?id=1`, 'http://images.example/1.jpg');
  pages.set(`${LIVE}/`, { images: [], links: [`${LIVE}/account`, `${LIVE}/download?id=1`] });
  pages.set(login, { images: ['http://accounts.example/logo.jpg'], links: [`${LIVE}/behind`] });
  const { states } = await crawl([`${LIVE}/`]);
  assert.deepEqual(states, { 'page done': 1, 'page refused out-of-scope': 1, 'image done': 1 });
  assert.ok(
    log.some((message) => message.includes(login) && message.includes('not read')),
    log.join('\n'),
  );
});

test('an image where a page was expected is collected only where the filters take it', async () => {
  pages.set(`${LIVE}/`, { images: [], links: [`${LIVE}/download?id=1`, `${LIVE}/photos/download?id=2`] });
  const { states, tally } = await crawl([`${LIVE}/`], { include: ['/photos/**'] });
  assert.deepEqual(states, { 'page done': 2, 'image done': 1 });
  assert.equal(tally.counts.discovered, 1);
});
