/** The jobs that bring images in: a crawl from sources, an import from this machine. Both are one run over the ledger. */

import { mkdirSync } from 'node:fs';
import { dirname, isAbsolute } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { crawlInput } from '../../shared/contract/crawls.ts';
import { importInput } from '../../shared/contract/imports.ts';
import type { Job } from '../../shared/contract/jobs.ts';
import { AppError } from '../../shared/errors.ts';
import { DEFAULT_INSPECTION_LIMITS } from '../../shared/inspection.ts';
import type { ConsentOverride } from '../../shared/vocabulary.ts';
import { createConsentKeeper, type FetchText } from '../consent/consent-keeper.ts';
import { consentPolicy } from '../consent/consent-verdict.ts';
import type { CoreServices } from '../core-services.ts';
import { quarantineNearDuplicates, tooManyImages, withoutNearDuplicates } from '../duplicates/near-duplicate-stage.ts';
import { createMergedCount } from '../events/merged-count.ts';
import { createAddressGuard } from '../fetch/address-guard.ts';
import { FetchProblem } from '../fetch/fetch-problem.ts';
import { createFetcher, type Fetcher } from '../fetch/fetcher.ts';
import { ImagePipeline } from '../ingest/image-pipeline.ts';
import { IngestWriter } from '../ingest/ingest-writer.ts';
import type { JobControl, JobOutcome } from '../jobs/job-runner.ts';
import { SEARCH_SERVICES } from '../sources/search-services.ts';
import { parseSourceSpec } from '../sources/source-spec.ts';
import { requireFreeSpace } from '../store/disk.ts';
import { conclude } from './conclude.ts';
import { PRODUCT_TOKEN } from './crawl-context.ts';
import { CrawlRun } from './crawl-run.ts';
import { Frontier } from './frontier.ts';
import type { NewRequest } from './ledger-request.ts';
import { localSeed } from './local-handler.ts';
import { problemLine } from './reason-words.ts';
import { searchHeaders } from './search-access.ts';
import { createScope, normaliseUrl, siteOf } from './url-rules.ts';

const CONSENT_TIMEOUT_MS = 30_000;
/** How often it is looked at how long the sites take at least, and what part of the time that may take. */
const LOOK_AT_SITES_MS = 1_000;
const LOOKING_SHARE = 1 / 100;
const LOGGED_FAILURES = 20;

/** What a job of either kind comes down to. */
interface Plan {
  readonly seeds: readonly NewRequest[];
  readonly pageSeeds: readonly string[];
  readonly allowHosts: readonly string[];
  readonly labelsFromFolders: boolean;
  readonly link: boolean;
  readonly maxImages: number;
  readonly maxPages: number;
  readonly depth: number;
  readonly perHost: number;
  readonly delayMs: number;
  readonly timeoutMs: number;
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  readonly overrideConsent: readonly ConsentOverride[];
}

/**
 * @param isBegun whether the ledger has the files of this machine already, so that they may have gone
 * @throws AppError `bad-request` for a source that is not one, or is not there
 */
export async function planCrawl(services: CoreServices, parameters: unknown, isBegun = false): Promise<Plan> {
  const input = crawlInput.parse(parameters);
  const { settings } = services;
  const seeds: NewRequest[] = [];
  const pageSeeds: string[] = [];
  const allowHosts = [...input.allowHosts];
  for (const each of input.sources) {
    const { source: text, label } = typeof each === 'string' ? { source: each, label: input.label } : each;
    const source = parseSourceSpec(text);
    const before = seeds.length;
    switch (source.kind) {
      case 'page':
      case 'sitemap': {
        const url = normaliseUrl(source.url);
        if (url === null) throw new AppError('bad-request', `Expected an http or https address, got "${source.url}".`);
        const meta = { source: source.kind === 'page' ? 'web' : 'sitemap' };
        seeds.push({ kind: source.kind, url, site: siteOf(url), lane: 0, depth: 0, meta });
        pageSeeds.push(url);
        break;
      }
      case 'urls':
        if (isBegun) break;
        seeds.push({
          ...(await listSeed(source.path)),
          meta: { source: 'list', root: source.path, ...(source.column === null ? {} : { urlColumn: source.column }) },
        });
        break;
      case 'folder':
        if (!isBegun) seeds.push(await localSeed(absolute(source.path)));
        break;
      case 'openverse':
      case 'wikimedia': {
        const baseUrl = settings.value(`sources.${source.kind}.url`);
        const service = SEARCH_SERVICES[source.kind];
        const url = service.firstRequest(source.query, {
          baseUrl,
          ...(input.maxImages === undefined ? {} : { limit: input.maxImages }),
        });
        seeds.push({
          kind: 'api',
          url,
          site: siteOf(url),
          lane: 0,
          depth: 0,
          meta: { source: source.kind, query: source.query },
        });
        // The user named this address in the settings, so it may be a mirror on this machine.
        if (baseUrl !== service.defaultBaseUrl) allowHosts.push(hostAndPort(baseUrl));
        break;
      }
    }
    seeds.push(...withLabel(seeds.splice(before), label));
  }
  // Refused here, before there is a job that could only fail.
  createAddressGuard({ allowHosts });
  return {
    seeds,
    pageSeeds,
    allowHosts,
    labelsFromFolders: false,
    link: false,
    maxImages: input.maxImages ?? Number.POSITIVE_INFINITY,
    maxPages: input.maxPages,
    depth: input.depth,
    perHost: input.perHost ?? settings.value('crawl.perHost'),
    delayMs: input.delayMs ?? settings.value('crawl.delayMs'),
    timeoutMs: input.timeoutMs ?? settings.value('crawl.timeoutMs'),
    include: input.include,
    exclude: input.exclude,
    overrideConsent: input.overrideConsent,
  };
}

/**
 * @param isBegun whether the ledger has its paths already, so that they may have gone
 * @throws AppError `bad-request` for a path that is not there
 */
export async function planImport(services: CoreServices, parameters: unknown, isBegun = false): Promise<Plan> {
  const input = importInput.parse(parameters);
  const seeds = isBegun ? [] : await Promise.all(input.paths.map((path) => localSeed(absolute(path))));
  return {
    seeds: withLabel(input.labelsFrom === 'given-folders' ? seeds.map(withParentAsRoot) : seeds, input.label),
    pageSeeds: [],
    allowHosts: [],
    labelsFromFolders: input.labelsFrom !== 'none',
    link: input.mode === 'link',
    maxImages: input.maxImages ?? Number.POSITIVE_INFINITY,
    maxPages: Number.MAX_SAFE_INTEGER,
    depth: 0,
    perHost: 1,
    delayMs: 0,
    timeoutMs: services.settings.value('crawl.timeoutMs'),
    include: [],
    exclude: [],
    overrideConsent: [],
  };
}

function absolute(path: string): string {
  if (!isAbsolute(path)) throw new AppError('bad-request', `Expected an absolute path, got "${path}".`);
  return path;
}

async function listSeed(path: string): Promise<NewRequest> {
  const seed = await localSeed(absolute(path), 'a list of addresses (txt, csv, tsv or jsonl) after "urls:"');
  if (seed.kind === 'folder') {
    throw new AppError('bad-request', `Expected a list file after "urls:", but "${path}" is a folder.`);
  }
  return { ...seed, kind: 'list', lane: 0 };
}

/** Labels are taken relative to the root, so that the name of a given folder is one. */
function withParentAsRoot(seed: NewRequest): NewRequest {
  return seed.kind === 'folder' ? { ...seed, meta: { ...seed.meta, root: dirname(seed.url) } } : seed;
}

function withLabel(seeds: readonly NewRequest[], label: string | undefined): NewRequest[] {
  if (label === undefined) return [...seeds];
  return seeds.map((seed) => ({ ...seed, meta: { ...seed.meta, label } }));
}

function hostAndPort(url: string): string {
  const { hostname, port, protocol } = new URL(url);
  return `${hostname}:${port === '' ? (protocol === 'https:' ? '443' : '80') : port}`;
}

/** Runs the job until it has ended or is stopped. */
export async function runCollection(
  services: CoreServices,
  job: Job,
  control: JobControl,
  plan: Plan,
): Promise<JobOutcome> {
  const { database, requests, settings } = services;
  const startedMs = Date.now();
  const abort = new AbortController();
  const policy = consentPolicy(plan.overrideConsent);
  const ruleSet = await services.ruleSets.standard();
  const target = {
    jobId: job.id,
    datasetId: job.datasetId,
    ruleSetId: ruleSet.id,
    judge: ruleSet.judge,
    tally: control.tally,
  };
  const writer = new IngestWriter(database, services.ownerId, requests, services.labels, target);
  const workers = services.workers();
  const maxImageBytes = settings.value('crawl.maxImageBytes');
  const added = createMergedCount((count) => {
    services.events.publish({ type: 'samples.added', datasetId: job.datasetId, jobId: job.id, count });
  });
  const pipeline = new ImagePipeline({
    database,
    requests,
    images: services.images,
    writer,
    target,
    blobStore: services.blobStore,
    thumbnails: services.thumbnails,
    contentLock: services.contentLock,
    adoptions: services.adoptions,
    attempts: services.attempts,
    workers,
    limits: { ...DEFAULT_INSPECTION_LIMITS, maxFileBytes: maxImageBytes },
    deadlineMs: settings.value('workers.deadlineMs'),
    link: plan.link,
    maxImages: plan.maxImages,
    signal: abort.signal,
    requireSpace: async () => {
      await requireFreeSpace(services.directory.root, settings.value('storage.minFreeBytes'));
    },
    onCommitted: (count) => {
      if (count > 0) added.add(count);
    },
  });
  const fetcher = createFetcher({
    userAgent: services.userAgent,
    guard: createAddressGuard({ allowHosts: plan.allowHosts }),
  });
  mkdirSync(dirname(services.blobStore.stagingPath()), { recursive: true });
  const frontier = new Frontier({
    requests,
    reader: services.reader,
    jobId: job.id,
    perHost: plan.perHost,
    delayMs: plan.delayMs,
    resumed: control.tally.counts.pagesDone + control.tally.settled > 0,
  });
  // Resumed, it goes on with the sites that its seeds had led to.
  const startPages = requests.startPagesQuery(job.id);
  const started = await services.reader.all<{ url: string }>(startPages.sql, startPages.parameters);
  const run = new CrawlRun({
    frontier,
    abort,
    concurrency: settings.value('crawl.concurrency'),
    maxPages: plan.maxPages,
    context: {
      jobId: job.id,
      database,
      requests,
      tally: control.tally,
      searchHealth: services.searchHealth,
      pipeline,
      workers,
      blobStore: services.blobStore,
      fetcher,
      consent: createConsentKeeper({
        fetchText: textFetcher(fetcher, frontier, abort.signal),
        productToken: PRODUCT_TOKEN,
        now: Date.now,
        policy,
        store: {
          get: (site) => {
            const text = requests.siteRecord(site, 'consent');
            return text === undefined ? null : (JSON.parse(text) as unknown);
          },
          put: (site, record) => database.write(() => requests.saveSiteRecord(site, 'consent', JSON.stringify(record))),
        },
      }),
      consentPolicy: policy,
      searchHeaders: (service, url) => searchHeaders(settings, service, url),
      scope: createScope({
        seeds: [...plan.pageSeeds, ...started.map(({ url }) => url)],
        depth: plan.depth,
        include: plan.include,
        exclude: plan.exclude,
      }),
      labelsFromFolders: plan.labelsFromFolders,
      timeoutMs: plan.timeoutMs,
      maxImageBytes,
      maxImages: plan.maxImages,
      minFreeBytes: settings.value('storage.minFreeBytes'),
      log: control.log,
    },
  });
  control.tally.limit(plan);
  services.boards.set(job.id, () => frontier.sites(Date.now()));
  let looking: NodeJS.Timeout | undefined;
  const lookAtSites = (): void => {
    const startedMs = performance.now();
    control.tally.endsNotBeforeMs = frontier.endsNotBefore(Date.now());
    const tookMs = performance.now() - startedMs;
    looking = setTimeout(lookAtSites, Math.max(LOOK_AT_SITES_MS, tookMs / LOOKING_SHARE));
  };
  lookAtSites();
  control.onStop((kind) => run.stop(kind === 'cancel' ? 0 : undefined));
  try {
    await database.write(() => {
      const { images, pages } = requests.insertMany(job.id, plan.seeds);
      control.tally.add({ discovered: images, pagesDiscovered: pages });
    });
    for (const seed of plan.seeds) {
      if (seed.kind !== 'api' || seed.site === null) continue;
      const service = SEARCH_SERVICES[seed.meta.source as 'openverse' | 'wikimedia'];
      if (siteOf(service.defaultBaseUrl) === seed.site) frontier.setCrawlDelay(seed.site, service.minDelayMs);
    }
    const isDone = await run.run();
    noteFailures(services, job.id, startedMs, control);
    if (!isDone) return { state: 'stopped' };
    try {
      await quarantineNearDuplicates(services, job.datasetId, ruleSet, {
        jobId: job.id,
        tally: control.tally,
        signal: abort.signal,
      });
    } catch (error) {
      const tooMany = tooManyImages(error);
      return withoutNearDuplicates(await conclude(services, job, control), tooMany);
    }
    return await conclude(services, job, control);
  } finally {
    services.boards.delete(job.id);
    clearTimeout(looking);
    await fetcher.close();
    await pipeline.settled();
    added.flush();
    await run.dispose();
  }
}

/** Writes the first images that failed in this run to the log: more of them can be read by their reasons. */
function noteFailures({ requests }: CoreServices, jobId: number, sinceMs: number, { log }: JobControl): void {
  const failed = requests.failedImages(jobId, sinceMs, LOGGED_FAILURES + 1);
  for (const { url, reason, detail } of failed.slice(0, LOGGED_FAILURES)) {
    log('warning', problemLine(url, reason, detail));
  }
  if (failed.length > LOGGED_FAILURES) log('warning', 'More images failed. They are listed by their reasons.');
}

/** robots.txt and its like are requests to a site as any other: they take their place in its schedule. */
export function textFetcher(
  fetcher: Fetcher,
  frontier: Pick<Frontier, 'reserve' | 'reservedAt' | 'sent'>,
  signal: AbortSignal,
): FetchText {
  const takePlace = async (url: string): Promise<void> => {
    const site = siteOf(url);
    let startMs = frontier.reserve(site, Date.now());
    // A timer may fire a little early.
    for (let nowMs = Date.now(); nowMs < startMs; nowMs = Date.now()) {
      await sleep(startMs - nowMs, undefined, { signal });
      startMs = frontier.reservedAt(site, startMs);
    }
  };
  return async (url, options) => {
    try {
      const fetched = await fetcher.fetch(url, {
        destination: { kind: 'memory' },
        maxBytes: options.maxBytes,
        onTooLarge: 'truncate',
        maxRedirects: options.maxRedirects,
        timeoutMs: CONSENT_TIMEOUT_MS,
        accept: 'text/plain,application/json;q=0.9,*/*;q=0.1',
        compressed: true,
        ...(options.headers === undefined ? {} : { headers: options.headers }),
        beforeRequest: takePlace,
        onSent: (sentUrl) => frontier.sent(siteOf(sentUrl)),
        signal,
      });
      return {
        kind: 'response',
        status: fetched.status,
        headers: fetched.headers,
        text: Buffer.from(fetched.body ?? []).toString('utf8'),
        url: fetched.url,
      };
    } catch (error) {
      if (!(error instanceof FetchProblem)) throw error;
      if (error.status !== null) {
        const retryAfter =
          error.retryAfterMs === null ? {} : { 'retry-after': String(Math.ceil(error.retryAfterMs / 1000)) };
        return { kind: 'response', status: error.status, headers: retryAfter, text: '', url };
      }
      // Redirects that lead nowhere count as "unavailable" (RFC 9309 section 2.3.1.2), like a 404.
      if (error.reason === 'too-many-redirects') return { kind: 'response', status: 310, headers: {}, text: '', url };
      return { kind: 'unreachable', detail: error.detail, transient: error.kind === 'transient', reason: error.reason };
    }
  };
}
