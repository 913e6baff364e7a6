/** What can be told of a crawl before it runs: search services are asked, lists and folders are counted. */

import { createReadStream } from 'node:fs';
import { opendir, rm, stat } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import type { CrawlEstimate, CrawlInput } from '../../shared/contract/crawls.ts';
import { AppError, toAppError } from '../../shared/errors.ts';
import type { SearchServiceId, SourcePage } from '../../workers/documents/search/types.ts';
import type { CoreServices } from '../core-services.ts';
import { createAddressGuard } from '../fetch/address-guard.ts';
import { FetchProblem } from '../fetch/fetch-problem.ts';
import { createFetcher, type Fetcher } from '../fetch/fetcher.ts';
import { SEARCH_SERVICES } from '../sources/search-services.ts';
import { parseSourceSpec, type SourceSpec } from '../sources/source-spec.ts';
import { freeBytes } from '../store/disk.ts';
import { errorCode } from '../store/durable-file.ts';
import { planCrawl } from './crawl-job.ts';
import { mayBeImage } from './local-handler.ts';
import { searchHeaders } from './search-access.ts';
import type { ServiceCounts } from './service-counts.ts';
import { siteOf } from './url-rules.ts';

/** Longer nobody waits for a guess. */
const PATIENCE_MS = 12_000;
const ANSWER_MAX_BYTES = 4 * 1024 * 1024;
const LF = 10;
const CR = 13;
const LIST_READ_BYTES = 64 * 1024 * 1024;
const FOLDER_MOST_FILES = 500_000;
/** Images a second that one machine gets through when sites do not slow it. */
const IMAGES_PER_SECOND = 40;
/** With fewer images the library says little about their size. */
const LEAST_IMAGES_FOR_SIZE = 100;

type SourceEstimate = CrawlEstimate['sources'][number] & {
  /** Images by the site they would come from, as far as that is known; parts of `images`. */
  readonly shares: ReadonlyMap<string, number>;
};

/**
 * @param counts what services have said, shared by all estimates
 * @throws AppError `bad-request` for a source that is not one, or is not there
 */
export async function estimateCrawl(
  services: CoreServices,
  counts: ServiceCounts,
  input: CrawlInput,
): Promise<CrawlEstimate> {
  const plan = await planCrawl(services, input);
  const fetcher = createFetcher({
    userAgent: services.userAgent,
    guard: createAddressGuard({ allowHosts: plan.allowHosts }),
  });
  const signal = AbortSignal.timeout(PATIENCE_MS);
  try {
    const texts = input.sources.map((each) => (typeof each === 'string' ? each : each.source));
    const sources = await Promise.all(
      texts.map((text) => {
        const source = parseSourceSpec(text);
        const ask: AskService = (service, url) =>
          counts.get(service, url, async () => {
            try {
              const page = await askService(services, fetcher, service, url, signal);
              services.searchHealth.note(siteOf(url), true);
              return page;
            } catch (error) {
              services.searchHealth.note(siteOf(url), false);
              throw error;
            }
          });
        return estimateSource(services, ask, source, text, signal);
      }),
    );
    const known = sources.every(({ images }) => images !== null);
    const found = sources.reduce((sum, { images }) => sum + (images ?? 0), 0);
    const images = known ? Math.min(found, plan.maxImages) : null;
    const bytesPerImage = images === null ? null : await averageImageBytes(services);
    return {
      sources: sources.map(({ shares: _shares, ...source }) => source),
      images,
      durationMs: images === null ? null : durationMsOf(sources, images, found, plan.delayMs),
      bytes: images === null || bytesPerImage === null ? null : Math.round(images * bytesPerImage),
      freeBytes: await freeBytes(services.directory.root),
    };
  } finally {
    await fetcher.close();
  }
}

/** The site with most images decides, at one request a gap; then how fast this machine is. */
function durationMsOf(sources: readonly SourceEstimate[], images: number, found: number, delayMs: number): number {
  const bySite = new Map<string, number>();
  for (const { shares } of sources) {
    for (const [site, count] of shares) bySite.set(site, (bySite.get(site) ?? 0) + count);
  }
  const wanted = found === 0 ? 0 : images / found;
  const most = Math.max(0, ...bySite.values()) * wanted;
  return Math.round(Math.max(most * delayMs, (images / IMAGES_PER_SECOND) * 1000));
}

/** The first page of a service; null while its turn has not come. */
type AskService = (service: SearchServiceId, url: string) => Promise<SourcePage | null>;

async function estimateSource(
  { settings }: CoreServices,
  ask: AskService,
  source: SourceSpec,
  text: string,
  signal: AbortSignal,
): Promise<SourceEstimate> {
  const unknown = (
    basis: 'unknown' | 'unreachable' | 'waiting',
    detail: string,
    reason: string | null = null,
  ): SourceEstimate => {
    return { source: text, images: null, basis, reason, detail, shares: new Map() };
  };
  try {
    switch (source.kind) {
      case 'page':
        return unknown('unknown', 'How many images a web site has is only known once it has been read.');
      case 'sitemap':
        return unknown('unknown', 'How many images its pages have is only known once they have been read.');
      case 'urls':
        return await estimateList(source.path, text, signal);
      case 'folder': {
        // A folder: source may name an image or an archive, as an import may.
        if ((await stat(source.path)).isFile()) return estimateFile(source.path, text);
        const counted = await countFolder(source.path, signal);
        return { source: text, ...counted, basis: 'counted', reason: null, shares: new Map() };
      }
      case 'openverse':
      case 'wikimedia': {
        const baseUrl = settings.value(`sources.${source.kind}.url`);
        const page = await ask(source.kind, SEARCH_SERVICES[source.kind].firstRequest(source.query, { baseUrl }));
        if (page === null) return unknown('waiting', 'The service is asked for one after the other.');
        if (page.totalFound === null) return unknown('unknown', 'The service does not say how many it has.');
        return {
          source: text,
          images: page.totalFound,
          basis: 'service-count',
          reason: null,
          detail: null,
          shares: sharesOf(
            page.images.map(({ imageUrl }) => imageUrl),
            page.totalFound,
          ),
        };
      }
    }
  } catch (error) {
    if (signal.aborted) {
      return unknown('unreachable', `It did not answer within ${PATIENCE_MS / 1000} seconds.`, 'timeout');
    }
    if (error instanceof FetchProblem) return unknown('unreachable', error.detail, error.reason);
    const known = toAppError(error);
    if (known.code !== 'internal') return unknown('unreachable', known.message);
    throw error;
  }
}

/** Addresses by site, scaled from those seen to `total`. */
function sharesOf(urls: readonly string[], total: number): Map<string, number> {
  const shares = new Map<string, number>();
  const valid = urls.filter((url) => URL.canParse(url));
  for (const url of valid) shares.set(siteOf(url), (shares.get(siteOf(url)) ?? 0) + total / valid.length);
  return shares;
}

async function askService(
  services: CoreServices,
  fetcher: Fetcher,
  service: SearchServiceId,
  url: string,
  signal: AbortSignal,
): Promise<SourcePage> {
  const path = services.blobStore.stagingPath();
  try {
    await fetcher.fetch(url, {
      destination: { kind: 'file', directory: dirname(path), fileName: basename(path) },
      maxBytes: ANSWER_MAX_BYTES,
      timeoutMs: PATIENCE_MS,
      accept: 'application/json',
      compressed: true,
      headers: await searchHeaders(services.settings, service, url),
      signal,
    });
    const answer = await services
      .workers()
      .run('read-search-answer', { path, url, service, maxResults: 100 }, { signal, lane: 'screen' });
    if (answer.page === null) throw new AppError('unavailable', answer.problem.message);
    return answer.page;
  } finally {
    await rm(path, { force: true });
  }
}

/** LF, CR LF and CR alone, as lists are read. @param before the byte before these, so that a CR LF counts once */
function lineEndsIn(bytes: Buffer, before: number): number {
  let ends = 0;
  for (const byte of bytes) {
    if (byte === CR || (byte === LF && before !== CR)) ends++;
    before = byte;
  }
  return ends;
}

/** Lines of a list, without its head; of a long one the first part is counted and scaled. */
async function estimateList(path: string, text: string, signal: AbortSignal): Promise<SourceEstimate> {
  const { size } = await stat(path);
  let lines = 0;
  let readBytes = 0;
  let sample = '';
  let last = LF;
  for await (const chunk of createReadStream(path, { end: LIST_READ_BYTES - 1, signal })) {
    const bytes = chunk as Buffer;
    if (sample.length < 500_000) sample += bytes.toString('utf8');
    readBytes += bytes.length;
    lines += lineEndsIn(bytes, last);
    last = bytes.at(-1) ?? last;
  }
  if (last !== LF && last !== CR) lines++;
  const hasHead = /\.(csv|tsv)$/i.test(path) ? 1 : 0;
  const counted = Math.max(0, lines - hasHead);
  const images = readBytes < size ? Math.round((counted * size) / readBytes) : counted;
  const urls = sample.match(/https?:\/\/[^\s"',<>\\]+/g) ?? [];
  const detail = readBytes < size ? 'Scaled up from the first 64 MiB.' : null;
  return { source: text, images, basis: 'counted', reason: null, detail, shares: sharesOf(urls, images) };
}

function estimateFile(path: string, text: string): SourceEstimate {
  const isImage = mayBeImage(path);
  return {
    source: text,
    images: isImage ? 1 : null,
    basis: isImage ? 'counted' : 'unknown',
    reason: null,
    detail: isImage ? null : 'How many images an archive has is only known once it has been read.',
    shares: new Map(),
  };
}

/** @throws the system's error when the root cannot be read; of folders below, `detail` says so */
async function countFolder(root: string, signal: AbortSignal): Promise<{ images: number; detail: string | null }> {
  let images = 0;
  const unread: string[] = [];
  const folders = [root];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    try {
      for await (const entry of await opendir(folder)) {
        if (entry.isDirectory() && !entry.name.startsWith('.')) folders.push(join(folder, entry.name));
        else if (entry.isFile() && mayBeImage(entry.name) && extname(entry.name) !== '') images++;
        if (images >= FOLDER_MOST_FILES || signal.aborted) {
          return { images, detail: `There are more than ${images} files; they were not all counted.` };
        }
      }
    } catch (error) {
      if (folder === root || errorCode(error) === undefined) throw error;
      unread.push(folder);
    }
  }
  return { images, detail: unread.length === 0 ? null : unreadWords(unread) };
}

function unreadWords([first, ...more]: readonly string[]): string {
  const which = more.length === 0 ? `The folder "${first}"` : `"${first}" and ${more.length} more folders`;
  return `${which} cannot be read; what is in there is not counted.`;
}

/** Of what the library holds; null while that is little. */
async function averageImageBytes({ counters, reader }: CoreServices): Promise<number | null> {
  const { sql, parameters } = counters.sizeQuery();
  const [row] = await reader.all<{ images: number; bytes: number }>(sql, parameters);
  return row === undefined || row.images < LEAST_IMAGES_FOR_SIZE ? null : row.bytes / row.images;
}
