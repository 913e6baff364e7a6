/** Fetches one image and hands its bytes to the pipeline. */

import { rm } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { type ConsentFinding, decideConsent, formatConsentVerdict, imageFindings } from '../consent/consent-verdict.ts';
import { FetchProblem } from '../fetch/fetch-problem.ts';
import type { Fetched } from '../fetch/fetcher.ts';
import { type CrawlContext, PRODUCT_TOKEN } from './crawl-context.ts';
import type { LedgerRequest } from './ledger-request.ts';

const IMAGE_ACCEPT = 'image/avif,image/webp,image/png,image/jpeg,image/*;q=0.9,*/*;q=0.1';

/**
 * @returns milliseconds until the image was there
 * @throws FetchProblem when it could not be had, or consent is refused
 */
export async function fetchImage(context: CrawlContext, request: LedgerRequest): Promise<number> {
  const onPage = request.meta.findings ?? [];
  refuseIf(onPage, context);
  let ofSite: readonly ConsentFinding[] = [];
  const stagedPath = context.blobStore.stagingPath();
  const startedMs = performance.now();
  const fetched = await context.fetcher.fetch(request.url, {
    destination: { kind: 'file', directory: dirname(stagedPath), fileName: basename(stagedPath) },
    maxBytes: context.maxImageBytes,
    timeoutMs: context.timeoutMs,
    accept: IMAGE_ACCEPT,
    beforeRequest: async (url, hop) => {
      ofSite = await context.beforeRequest(url, hop, 'image');
    },
    // Consent is heard before the body is read: what may not be used is not downloaded.
    onHeaders: (headers) =>
      refuseIf([...ofSite, ...onPage, ...imageFindings(headers, PRODUCT_TOKEN, Date.now())], context),
    onSent: context.onSent,
    signal: context.signal,
  });
  const durationMs = performance.now() - startedMs;
  try {
    await acceptImage(context, request, fetched, [...ofSite, ...onPage]);
  } catch (error) {
    await rm(stagedPath, { force: true });
    throw error;
  }
  return durationMs;
}

/**
 * Passes a fetched file on to the pipeline once its headers have been heard.
 * @param before what the site and the page said
 * @throws FetchProblem when the headers refuse
 */
export async function acceptImage(
  context: CrawlContext,
  request: LedgerRequest,
  fetched: Fetched,
  before: readonly ConsentFinding[],
): Promise<void> {
  if (fetched.path === null) throw new Error('An image was fetched into memory');
  const answered = imageFindings(fetched.headers, PRODUCT_TOKEN, Date.now());
  const verdict = refuseIf([...before, ...answered], context);
  const { meta } = request;
  await context.pipeline.submit({
    request,
    path: fetched.path,
    stagedPath: fetched.path,
    sha256: fetched.sha256,
    origin: {
      source: meta.source,
      pageUrl: meta.pageUrl ?? null,
      imageUrl: request.url,
      licence: meta.licence ?? null,
      creator: meta.creator ?? null,
      attribution: meta.attribution ?? null,
      consent: verdict,
      httpStatus: fetched.status,
      fetchedAt: Date.now(),
    },
  });
}

/** @returns the verdict to store @throws FetchProblem `refused` */
function refuseIf(findings: readonly ConsentFinding[], context: CrawlContext): string {
  const { reason, evidence, verdict } = decideConsent(findings, context.consentPolicy);
  if (reason !== null) throw new FetchProblem('refused', reason, { detail: evidence });
  return formatConsentVerdict(verdict);
}
