/**
 * The access table of RFC 9309 section 2.3.1: what an answer to GET /robots.txt, or its absence, means.
 *
 * | came | means |
 * |---|---|
 * | 2xx | the rules of the body |
 * | 304 | the copy is fresh; without a copy: open |
 * | 3xx after five hops, redirects that lead nowhere | open |
 * | 4xx | open |
 * | 429 | closed for now: asked again after Retry-After |
 * | 5xx, no answer | closed, or the last copy while it is under 30 days old; asked again a few times |
 */

import { FAILURES, type Failure, REFUSALS, type Refusal } from '../../shared/vocabulary.ts';
import { parseRetryAfter } from '../fetch/retry.ts';
import type { ResponseHeaders } from './consent-verdict.ts';
import { ROBOTS_MAX_BYTES } from './robots.ts';
import type { RobotsFile } from './site-record.ts';

/** A copy is used without asking for this long (RFC 9309 section 2.4). */
export const CONSENT_FRESH_MS = 24 * 60 * 60 * 1000;
/** While a site cannot be reached its last copy counts for this long (RFC 9309 section 2.3.1.4). */
const COPY_KEPT_MS = 30 * 24 * 60 * 60 * 1000;
/** After the retries a site that cannot be reached is left alone for this long. */
export const UNREACHABLE_RECHECK_MS = 60 * 60 * 1000;

/** What a fetch of one small text came to. */
export type TextOutcome =
  | {
      readonly kind: 'response';
      /** Of the last answer: a 3xx when the redirects did not end within the limit. */
      readonly status: number;
      readonly headers: ResponseHeaders;
      /** Decoded as UTF-8, cut at `maxBytes` decompressed bytes. A longer body is cut, never refused. */
      readonly text: string;
      /** Where the answer came from, after redirects. */
      readonly url: string;
    }
  | {
      readonly kind: 'unreachable';
      readonly detail: string;
      /** Is another attempt worth it? */
      readonly transient: boolean;
      /** In the field's words, when known: `dns-failure`, `timeout`, `address-refused`, … */
      readonly reason?: Refusal | Failure;
    };

/**
 * What is remembered after an attempt.
 *
 * @param before the record so far, null when there is none
 * @param retryDelaysMs waits before the retries of a site that cannot be reached
 */
export function judgeRobotsAnswer(
  outcome: TextOutcome,
  before: RobotsFile | null,
  nowMs: number,
  retryDelaysMs: readonly number[],
): RobotsFile {
  const settled = {
    checkedAtMs: nowMs,
    recheckAtMs: nowMs + CONSENT_FRESH_MS,
    willRetry: false,
    failures: 0,
    refusal: null,
    failure: null,
  };
  if (outcome.kind === 'response') {
    const { status } = outcome;
    if (status >= 200 && status <= 299) {
      return {
        ...settled,
        access: 'rules',
        text: outcome.text.slice(0, ROBOTS_MAX_BYTES + 1),
        copiedAtMs: nowMs,
        detail: `robots.txt (${status})`,
        etag: headerText(outcome.headers, 'etag'),
        lastModified: headerText(outcome.headers, 'last-modified'),
      };
    }
    if (status === 304 && before !== null && before.copiedAtMs !== null) {
      return { ...before, ...settled, access: 'rules', copiedAtMs: nowMs, detail: 'robots.txt (304, unchanged)' };
    }
    if (status >= 300 && status <= 499 && status !== 429) return { ...settled, ...noFile(`no robots.txt (${status})`) };
    return unreached(before, nowMs, retryDelaysMs, {
      detail: `robots.txt was answered with ${status}`,
      transient: true,
      refusal: null,
      failure: `http-${status}`,
      retryAfterMs: parseRetryAfter(headerText(outcome.headers, 'retry-after'), nowMs),
    });
  }
  if (outcome.reason === 'too-many-redirects' || outcome.reason === 'bad-redirect') {
    return { ...settled, ...noFile(`no robots.txt (${outcome.reason})`) };
  }
  return unreached(before, nowMs, retryDelaysMs, {
    detail: `robots.txt could not be reached: ${outcome.detail.slice(0, 200)}`,
    transient: outcome.transient,
    refusal: REFUSALS.find((refusal) => refusal === outcome.reason) ?? null,
    failure: isFailure(outcome.reason) ? outcome.reason : null,
    retryAfterMs: null,
  });
}

/** May the remembered copy of an unreachable site still speak for it? */
export function hasLiveCopy(file: RobotsFile, nowMs: number): boolean {
  return file.access === 'closed' && file.copiedAtMs !== null && nowMs - file.copiedAtMs <= COPY_KEPT_MS;
}

function noFile(detail: string) {
  return { access: 'open', text: '', copiedAtMs: null, detail, etag: null, lastModified: null } as const;
}

function unreached(
  before: RobotsFile | null,
  nowMs: number,
  retryDelaysMs: readonly number[],
  why: Pick<RobotsFile, 'detail' | 'refusal' | 'failure'> & { transient: boolean; retryAfterMs: number | null },
): RobotsFile {
  const failures = (before?.failures ?? 0) + 1;
  const retryDelayMs = why.transient ? retryDelaysMs[failures - 1] : undefined;
  const waitMs = Math.max(retryDelayMs ?? UNREACHABLE_RECHECK_MS, why.retryAfterMs ?? 0);
  return {
    access: 'closed',
    text: before?.text ?? '',
    copiedAtMs: before?.copiedAtMs ?? null,
    detail: why.detail,
    checkedAtMs: nowMs,
    recheckAtMs: nowMs + waitMs,
    willRetry: retryDelayMs !== undefined,
    failures,
    etag: before?.etag ?? null,
    lastModified: before?.lastModified ?? null,
    refusal: why.refusal,
    failure: why.failure,
  };
}

function isFailure(reason: Refusal | Failure | undefined): reason is Failure {
  return reason !== undefined && ((FAILURES as readonly string[]).includes(reason) || /^http-\d+$/.test(reason));
}

function headerText(headers: ResponseHeaders, name: string): string | null {
  const value = headers[name];
  const text = typeof value === 'string' ? value : (value?.[0] ?? null);
  return text !== null && text.length <= 1_000 ? text : null;
}
