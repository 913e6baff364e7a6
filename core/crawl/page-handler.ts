/** Fetches a page or sitemap, lets a worker read it, and adds what it names to the ledger. */

import { rm } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { type ConsentFinding, pageFindings } from '../consent/consent-verdict.ts';
import { FetchProblem } from '../fetch/fetch-problem.ts';
import type { Fetched } from '../fetch/fetcher.ts';
import { type CrawlContext, PRODUCT_TOKEN } from './crawl-context.ts';
import { acceptImage } from './image-handler.ts';
import type { LedgerRequest, NewRequest, RequestMeta } from './request-repository.ts';
import { isTrap, normaliseUrl, siteOf } from './url-rules.ts';

const PAGE_MAX_BYTES = 8 * 1024 * 1024;
const SITEMAP_MAX_BYTES = 50 * 1024 * 1024;
/** Heritrix follows 6,000 outlinks of a page at most. */
const MAX_LINKS = 6_000;
const MAX_IMAGES = 6_000;
const MAX_SITEMAP_ENTRIES = 50_000;
const PAGE_ACCEPT = 'text/html,application/xhtml+xml;q=0.9,image/*;q=0.5,*/*;q=0.1';

async function fetchDocument(
  context: CrawlContext,
  request: LedgerRequest,
  maxBytes: number,
  accept: string,
): Promise<Fetched & { path: string; durationMs: number }> {
  const stagedPath = context.blobStore.stagingPath();
  const startedMs = performance.now();
  const fetched = await context.fetcher.fetch(request.url, {
    destination: { kind: 'file', directory: dirname(stagedPath), fileName: basename(stagedPath) },
    maxBytes,
    onTooLarge: 'truncate',
    timeoutMs: context.timeoutMs,
    accept,
    compressed: true,
    beforeRequest: async (url, hop) => {
      await context.beforeRequest(url, hop, 'page');
    },
    onSent: context.onSent,
    signal: context.signal,
  });
  return { ...fetched, path: stagedPath, durationMs: performance.now() - startedMs };
}

/**
 * @returns milliseconds until the page was there
 * @throws FetchProblem when it could not be had, or consent is refused
 */
export async function crawlPage(context: CrawlContext, request: LedgerRequest): Promise<number> {
  const fetched = await fetchDocument(context, request, PAGE_MAX_BYTES, PAGE_ACCEPT);
  const contentType = fetched.headers['content-type'] ?? null;
  const isImage = contentType !== null && /^\s*image\/(?!svg)/i.test(contentType);
  if (isImage && !fetched.truncated) {
    await pageIsImage(context, request, fetched);
    return fetched.durationMs;
  }
  try {
    if (contentType !== null && !/html|xml|text\/plain/i.test(contentType)) {
      const found: NewRequest[] = [];
      // An image that is longer than a page may be is fetched again, whole.
      if (isImage) addImage(context, found, request.url, request.meta, []);
      await context.finishPage(request, { state: 'done', httpStatus: fetched.status, detail: contentType }, found);
      return fetched.durationMs;
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
    const finalUrl = normaliseUrl(fetched.url) ?? request.url;
    const found: NewRequest[] = [];
    for (const image of extract.images) {
      const meta: RequestMeta = {
        source: request.meta.source,
        pageUrl: finalUrl,
        ...(image.caption === null ? {} : { caption: image.caption }),
        ...(image.licence === null ? {} : { licence: image.licence }),
        ...(image.creator === null ? {} : { creator: image.creator }),
      };
      addImage(context, found, image.url, meta, findings);
    }
    if (followLinks && context.scope.allowsPage(finalUrl, request.depth)) {
      for (const link of extract.links) addPage(context, found, link, request);
    }
    await context.finishPage(request, { state: 'done', httpStatus: fetched.status }, found, finalUrl);
    return fetched.durationMs;
  } finally {
    await rm(fetched.path, { force: true });
  }
}

/** The address of an image was given where a page was expected: it is collected. */
async function pageIsImage(context: CrawlContext, request: LedgerRequest, fetched: Fetched): Promise<void> {
  await context.database.write(() => {
    context.requests.becomeImage(request.id);
    context.tally.add({ pagesDiscovered: -1, discovered: 1 });
  });
  const label = context.label;
  const meta = label === undefined || request.meta.label !== undefined ? request.meta : { ...request.meta, label };
  const image: LedgerRequest = { ...request, kind: 'image', meta };
  const { findings } = await context.consent.check(fetched.url, 'image');
  try {
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
    const found: NewRequest[] = [];
    for (const address of extract.sitemaps) {
      const url = normaliseUrl(address);
      if (url === null || request.depth >= 3) continue;
      found.push({ kind: 'sitemap', url, site: siteOf(url), lane: 0, depth: request.depth + 1, meta: request.meta });
    }
    for (const image of extract.images) {
      const meta: RequestMeta = {
        source: request.meta.source,
        pageUrl: image.pageUrl,
        ...(image.caption === null ? {} : { caption: image.caption }),
        ...(image.licence === null ? {} : { licence: image.licence }),
      };
      addImage(context, found, image.url, meta, []);
    }
    for (const page of extract.pages) {
      const url = normaliseUrl(page);
      if (url === null || isTrap(url)) continue;
      // What a sitemap lists was asked for as such: depth counts from there.
      found.push({ kind: 'page', url, site: siteOf(url), lane: 2, depth: 0, meta: request.meta });
    }
    if (extract.truncated) context.log('warning', `${request.url}: only its first entries were read`);
    await context.finishPage(request, { state: 'done', httpStatus: fetched.status }, found);
    return fetched.durationMs;
  } finally {
    await rm(fetched.path, { force: true });
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
  const url = normaliseUrl(address);
  if (url === null || !context.scope.allowsImage(url)) return;
  const label = meta.label ?? context.label;
  found.push({
    kind: 'image',
    url,
    site: siteOf(url),
    lane: 1,
    depth: 0,
    meta: { ...meta, ...(label === undefined ? {} : { label }), ...(findings.length === 0 ? {} : { findings }) },
  });
}

function addPage(context: CrawlContext, found: NewRequest[], address: string, from: LedgerRequest): void {
  const url = normaliseUrl(address);
  const depth = from.depth + 1;
  if (url === null || isTrap(url) || !context.scope.allowsPage(url, depth)) return;
  found.push({ kind: 'page', url, site: siteOf(url), lane: 2, depth, meta: { source: from.meta.source } });
}
