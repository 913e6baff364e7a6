/** Asks a search service for a page of results and adds its images to the ledger, with licence and creator. */

import { AppError } from '../../shared/errors.ts';
import { FetchProblem } from '../fetch/fetch-problem.ts';
import { openverse } from '../sources/openverse.ts';
import type { Source, SourcePage } from '../sources/source.ts';
import { wikimedia } from '../sources/wikimedia.ts';
import type { CrawlContext } from './crawl-context.ts';
import { addImage } from './page-handler.ts';
import type { LedgerRequest, NewRequest } from './request-repository.ts';
import { siteOf } from './url-rules.ts';

const ANSWER_MAX_BYTES = 16 * 1024 * 1024;

/** The search services, by the name of their source. */
export const SEARCH_SERVICES: Readonly<Record<'openverse' | 'wikimedia', Source>> = { openverse, wikimedia };

/** @returns milliseconds until the answer was there @throws FetchProblem */
export async function crawlApi(context: CrawlContext, request: LedgerRequest): Promise<number> {
  const service = SEARCH_SERVICES[request.meta.source as 'openverse' | 'wikimedia'];
  const startedMs = performance.now();
  // A search API is meant for programs: its site's robots.txt, which is for pages, is not asked.
  const fetched = await context.fetcher.fetch(request.url, {
    destination: { kind: 'memory' },
    maxBytes: ANSWER_MAX_BYTES,
    timeoutMs: context.timeoutMs,
    accept: 'application/json',
    compressed: true,
    onSent: context.onSent,
    signal: context.signal,
  });
  const durationMs = performance.now() - startedMs;
  const page = read(service, Buffer.from(fetched.body ?? []).toString('utf8'), request.url);
  const yielded = (request.meta.yielded ?? 0) + page.images.length;
  const found: NewRequest[] = [];
  for (const image of page.images) {
    addImage(
      context,
      found,
      image.imageUrl,
      {
        source: service.id,
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
  await context.finishPage(request, { state: 'done', httpStatus: fetched.status }, found);
  return durationMs;
}

function read(service: Source, text: string, url: string): SourcePage {
  try {
    return service.parse(text, url);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    if (error.code === 'rate-limited') {
      const asked = error.details.retryAfterMs;
      throw new FetchProblem('transient', 'http-429', {
        status: 429,
        retryAfterMs: typeof asked === 'number' ? asked : null,
        detail: error.message,
      });
    }
    throw new FetchProblem('permanent', 'bad-document', { detail: error.message });
  }
}
