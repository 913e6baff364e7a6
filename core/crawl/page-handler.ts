/** Fetches a page or sitemap, lets a worker read it, and adds what it names to the ledger. */

import { rm } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { PageExtract, SitemapExtract } from '../../workers/documents/types.ts';
import { type ConsentFinding, pageFindings } from '../consent/consent-verdict.ts';
import { FetchProblem } from '../fetch/fetch-problem.ts';
import type { Fetched } from '../fetch/fetcher.ts';
import { type CrawlContext, PRODUCT_TOKEN } from './crawl-context.ts';
import { acceptImage } from './image-handler.ts';
import { type LedgerRequest, type NewRequest, passedOn, type RequestMeta } from './ledger-request.ts';
import { isTrap, normaliseUrl, siteOf } from './url-rules.ts';

const PAGE_MAX_BYTES = 8 * 1024 * 1024;
const SITEMAP_MAX_BYTES = 50 * 1024 * 1024;
/** Heritrix follows 6,000 outlinks of a page at most. */
const MAX_LINKS = 6_000;
const MAX_IMAGES = 6_000;
const MAX_SITEMAP_ENTRIES = 50_000;
/** Addresses that are added in one transaction: it holds the thread for a few milliseconds. */
const ADDED_AT_A_TIME = 500;
const PAGE_ACCEPT = 'text/html,application/xhtml+xml;q=0.9,image/*;q=0.5,*/*;q=0.1';

/**
 * Adds what a request found in short transactions, all but the last few of it. The request stays waiting meanwhile: after
 * a kill it is read again, and what is in the ledger by then is not added twice.
 * @param found yields one address at a time, null for one that is passed over
 * @returns what is left, to be added with the end of the request
 */
export async function addAllButLast(
  context: CrawlContext,
  found: Iterable<NewRequest | null>,
): Promise<readonly NewRequest[]> {
  let chunk: NewRequest[] = [];
  for (const request of found) {
    if (request === null) continue;
    if (chunk.length === ADDED_AT_A_TIME) {
      context.signal.throwIfAborted();
      await context.addFound(chunk);
      chunk = [];
    }
    chunk.push(request);
  }
  return chunk;
}

interface FetchedDocument extends Fetched {
  readonly path: string;
  readonly durationMs: number;
  /** What would have kept us from it, had the user not chosen to go past: said of the images it names as well. */
  readonly overridden: readonly ConsentFinding[];
}

async function fetchDocument(
  context: CrawlContext,
  request: LedgerRequest,
  maxBytes: number,
  accept: string,
): Promise<FetchedDocument> {
  const stagedPath = context.blobStore.stagingPath();
  const startedMs = performance.now();
  let ofSite: readonly ConsentFinding[] = [];
  const fetched = await context.fetcher.fetch(request.url, {
    destination: { kind: 'file', directory: dirname(stagedPath), fileName: basename(stagedPath) },
    maxBytes,
    onTooLarge: 'truncate',
    timeoutMs: context.timeoutMs,
    accept,
    compressed: true,
    beforeRequest: async (url, hop) => {
      ofSite = await context.beforeRequest(url, hop, 'page');
    },
    onSent: context.onSent,
    signal: context.signal,
  });
  const overridden = ofSite
    .filter(({ refusal }) => refusal !== null)
    .map((finding) => ({ ...finding, evidence: `${finding.evidence} (page)` }));
  return { ...fetched, path: stagedPath, durationMs: performance.now() - startedMs, overridden };
}

/**
 * @returns milliseconds until the page was there
 * @throws FetchProblem when it could not be had, or consent is refused
 */
export async function crawlPage(context: CrawlContext, request: LedgerRequest): Promise<number> {
  const fetched = await fetchDocument(context, request, PAGE_MAX_BYTES, PAGE_ACCEPT);
  const contentType = fetched.headers['content-type'] ?? null;
  const isImage = contentType !== null && /^\s*image\/(?!svg)/i.test(contentType);
  const image = isImage ? imageRequest(context, request.url, request.meta, []) : null;
  if (image !== null && !fetched.truncated) {
    await pageIsImage(context, request, fetched);
    return fetched.durationMs;
  }
  try {
    if (contentType !== null && !/html|xml|text\/plain/i.test(contentType)) {
      if (image === null) {
        await context.finishPage(request, { state: 'done', httpStatus: fetched.status, detail: contentType }, []);
      } else await fetchAgainAsImage(context, request, image);
      return fetched.durationMs;
    }
    const finalUrl = normaliseUrl(fetched.url) ?? request.url;
    if (!context.scope.allowsRedirect(request.url, finalUrl)) {
      const detail = `It leads to ${finalUrl}, which is on none of the sites that this crawl is about; it was not read.`;
      const refused = { state: 'refused', reason: 'out-of-scope', detail, httpStatus: fetched.status } as const;
      await context.finishPage(request, refused, []);
      return fetched.durationMs;
    }
    if (context.scope.follow(request.url, finalUrl)) {
      context.log('info', `${request.url} leads to ${siteOf(finalUrl)}, whose pages belong to this crawl as well`);
    }
    const extract = await context.workers.run(
      'extract-page',
      { path: fetched.path, url: fetched.url, contentType, maxLinks: MAX_LINKS, maxImages: MAX_IMAGES },
      { signal: context.signal },
    );
    const { findings, followLinks } = pageFindings(
      { headers: fetched.headers, metaRobots: extract.metaRobots, tdmReservation: extract.tdmReservation },
      PRODUCT_TOKEN,
      Date.now(),
    );
    const followsLinks = followLinks && context.scope.allowsPage(finalUrl, request.depth);
    const found = await addAllButLast(
      context,
      foundOnPage(context, request, extract, finalUrl, [...fetched.overridden, ...findings], followsLinks),
    );
    await context.finishPage(request, { state: 'done', httpStatus: fetched.status }, found, finalUrl);
    return fetched.durationMs;
  } finally {
    await rm(fetched.path, { force: true });
  }
}

function* foundOnPage(
  context: CrawlContext,
  request: LedgerRequest,
  extract: Pick<PageExtract, 'images' | 'links'>,
  pageUrl: string,
  findings: readonly ConsentFinding[],
  followsLinks: boolean,
): Generator<NewRequest | null> {
  for (const image of extract.images) {
    const meta: RequestMeta = {
      ...passedOn(request.meta),
      pageUrl,
      ...(image.caption === null ? {} : { caption: image.caption }),
      ...(image.licence === null ? {} : { licence: image.licence }),
      ...(image.creator === null ? {} : { creator: image.creator }),
    };
    yield imageRequest(context, image.url, meta, findings);
  }
  if (!followsLinks) return;
  for (const link of extract.links) yield linkedPage(context, link, request);
}

/** An image that is longer than a page may be is fetched again, whole, when its site is due again. */
async function fetchAgainAsImage(context: CrawlContext, request: LedgerRequest, image: NewRequest): Promise<void> {
  // Asked for at once, both are in one transaction: the address is never without a row.
  const forgotten = context.database.write(() => {
    if (context.requests.forget(request.id)) context.tally.add({ pagesDiscovered: -1 });
  });
  await Promise.all([forgotten, context.addFound([image])]);
}

/** The address of an image was given where a page was expected: it is collected. */
async function pageIsImage(context: CrawlContext, request: LedgerRequest, fetched: Fetched): Promise<void> {
  const image: LedgerRequest = { ...request, kind: 'image' };
  try {
    await context.database.write(() => {
      context.requests.becomeImage(request.id);
      context.tally.add({ pagesDiscovered: -1, discovered: 1 });
    });
    const { findings } = await context.consent.check(fetched.url, 'image');
    await acceptImage(context, image, fetched, findings);
  } catch (error) {
    await rm(fetched.path as string, { force: true });
    if (!(error instanceof FetchProblem)) throw error;
    // Settled here, as the image it is: to the caller it is still a page.
    const { reason, detail } = error;
    await context.finishImage(image, { state: 'refused', reason, detail, httpStatus: fetched.status });
  }
}

/**
 * @returns milliseconds until the sitemap was there
 * @throws FetchProblem when it could not be had, or consent is refused
 */
export async function crawlSitemap(context: CrawlContext, request: LedgerRequest): Promise<number> {
  const fetched = await fetchDocument(context, request, SITEMAP_MAX_BYTES, 'application/xml,text/xml;q=0.9,*/*;q=0.5');
  try {
    const extract = await context.workers.run(
      'read-sitemap',
      { path: fetched.path, url: fetched.url, maxEntries: MAX_SITEMAP_ENTRIES },
      { signal: context.signal },
    );
    if (extract.truncated) context.log('warning', `${request.url}: only its first entries were read`);
    const found = await addAllButLast(context, foundInSitemap(context, request, extract, fetched.overridden));
    await context.finishPage(request, { state: 'done', httpStatus: fetched.status }, found);
    return fetched.durationMs;
  } finally {
    await rm(fetched.path, { force: true });
  }
}

function* foundInSitemap(
  context: CrawlContext,
  request: LedgerRequest,
  extract: Pick<SitemapExtract, 'sitemaps' | 'images' | 'pages'>,
  findings: readonly ConsentFinding[],
): Generator<NewRequest | null> {
  const { meta } = request;
  for (const address of extract.sitemaps) {
    const url = normaliseUrl(address);
    if (url === null || request.depth >= 3) continue;
    yield { kind: 'sitemap', url, site: siteOf(url), lane: 0, depth: request.depth + 1, meta };
  }
  for (const image of extract.images) {
    const imageMeta: RequestMeta = {
      ...passedOn(meta),
      pageUrl: image.pageUrl,
      ...(image.caption === null ? {} : { caption: image.caption }),
      ...(image.licence === null ? {} : { licence: image.licence }),
    };
    yield imageRequest(context, image.url, imageMeta, findings);
  }
  for (const page of extract.pages) {
    const url = normaliseUrl(page);
    if (url === null || isTrap(url) || context.scope.excludes(url)) continue;
    // What a sitemap lists was asked for as such: depth counts from there.
    yield { kind: 'page', url, site: siteOf(url), lane: 2, depth: 0, meta };
  }
}

/** Adds an image address that is in scope to what was found. */
export function addImage(
  context: CrawlContext,
  found: NewRequest[],
  address: string,
  meta: RequestMeta,
  findings: readonly ConsentFinding[],
): void {
  const image = imageRequest(context, address, meta, findings);
  if (image !== null) found.push(image);
}

/** The request of an image address; null when it is out of scope or no address. */
function imageRequest(
  context: CrawlContext,
  address: string,
  meta: RequestMeta,
  findings: readonly ConsentFinding[],
): NewRequest | null {
  const url = normaliseUrl(address);
  if (url === null || !context.scope.allowsImage(url)) return null;
  return {
    kind: 'image',
    url,
    site: siteOf(url),
    lane: 1,
    depth: 0,
    meta: findings.length === 0 ? meta : { ...meta, findings },
  };
}

function linkedPage(context: CrawlContext, address: string, from: LedgerRequest): NewRequest | null {
  const url = normaliseUrl(address);
  const depth = from.depth + 1;
  if (url === null || isTrap(url) || !context.scope.allowsPage(url, depth)) return null;
  return { kind: 'page', url, site: siteOf(url), lane: 2, depth, meta: passedOn(from.meta) };
}
