/** Asks a search service for a page of results and adds its images to the ledger, with licence and creator. */

import { rm } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { SearchServiceId, SourcePage } from '../../workers/documents/search/types.ts';
import type { TaskOutput } from '../../workers/tasks.ts';
import { FetchProblem } from '../fetch/fetch-problem.ts';
import type { CrawlContext } from './crawl-context.ts';
import { type LedgerRequest, type NewRequest, passedOn } from './ledger-request.ts';
import { addAllButLast, addImage } from './page-handler.ts';
import { siteOf } from './url-rules.ts';

/** A page of 50 results of the wordiest service takes 500 kB. */
const ANSWER_MAX_BYTES = 4 * 1024 * 1024;
/** Services give 50 at most. */
const MAX_RESULTS = 1_000;

/** @returns milliseconds until the answer was there @throws FetchProblem */
export async function crawlApi(context: CrawlContext, request: LedgerRequest): Promise<number> {
  const service = request.meta.source as SearchServiceId;
  const stagedPath = context.blobStore.stagingPath();
  const startedMs = performance.now();
  // A search API is meant for programs: its site's robots.txt, which is for pages, is not asked.
  const fetched = await context.fetcher.fetch(request.url, {
    destination: { kind: 'file', directory: dirname(stagedPath), fileName: basename(stagedPath) },
    maxBytes: ANSWER_MAX_BYTES,
    timeoutMs: context.timeoutMs,
    accept: 'application/json',
    compressed: true,
    headers: await context.searchHeaders(service, request.url),
    onSent: context.onSent,
    signal: context.signal,
  });
  const durationMs = performance.now() - startedMs;
  let page: SourcePage;
  try {
    page = pageOf(
      await context.workers.run(
        'read-search-answer',
        { path: stagedPath, url: request.url, service, maxResults: MAX_RESULTS },
        { signal: context.signal },
      ),
    );
  } finally {
    await rm(stagedPath, { force: true });
  }
  const yielded = (request.meta.yielded ?? 0) + page.images.length;
  const found: NewRequest[] = [];
  for (const image of page.images) {
    addImage(
      context,
      found,
      image.imageUrl,
      {
        ...passedOn(request.meta),
        licence: image.licence,
        ...(image.pageUrl === null ? {} : { pageUrl: image.pageUrl }),
        ...(image.creator === null ? {} : { creator: image.creator }),
        ...(image.attribution === null ? {} : { attribution: image.attribution }),
        ...(image.caption === null ? {} : { caption: image.caption }),
        ...(image.title === null ? {} : { name: image.title.slice(0, 255) }),
      },
      [],
    );
  }
  if (page.next !== null && yielded < context.maxImages) {
    found.push({
      kind: 'api',
      url: page.next,
      site: siteOf(page.next),
      lane: 0,
      depth: 0,
      meta: { ...request.meta, yielded },
    });
  }
  const last = await addAllButLast(context, found);
  await context.finishPage(request, { state: 'done', httpStatus: fetched.status }, last);
  return durationMs;
}

/** @throws FetchProblem when there is no page */
function pageOf({ page, problem }: TaskOutput<'read-search-answer'>): SourcePage {
  if (page !== null) return page;
  const { isTransient, message, retryAfterMs } = problem;
  if (!isTransient) throw new FetchProblem('permanent', 'bad-document', { detail: message });
  throw new FetchProblem('transient', 'http-429', { status: 429, retryAfterMs, detail: message });
}
