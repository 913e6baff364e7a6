/** Why a fetch failed, named by what the crawl must do about it. */

import type { Failure, Refusal } from '../../shared/vocabulary.ts';

/**
 * - `refused`: policy; never retried, counted as refused
 * - `permanent`: would fail again; never retried
 * - `transient`: may work later; retried by the schedule of `retry.ts`
 */
export type ProblemKind = 'refused' | 'permanent' | 'transient';

const MAX_DETAIL_LENGTH = 300;

/** A fetch that did not bring a body. */
export class FetchProblem extends Error {
  override readonly name = 'FetchProblem';
  readonly kind: ProblemKind;
  readonly reason: Failure | Refusal;
  /** The HTTP status that was answered; null when there was none, or when it was not the cause. */
  readonly status: number | null;
  /** From a Retry-After header; null when there was none or it was malformed. */
  readonly retryAfterMs: number | null;
  /** One line for people, at most 300 characters. */
  readonly detail: string;

  constructor(
    kind: ProblemKind,
    reason: Failure | Refusal,
    options: {
      readonly detail?: string;
      readonly status?: number | null;
      readonly retryAfterMs?: number | null;
      readonly cause?: unknown;
    } = {},
  ) {
    const detail = (options.detail ?? reason).slice(0, MAX_DETAIL_LENGTH);
    super(`${reason}: ${detail}`, options.cause === undefined ? undefined : { cause: options.cause });
    this.kind = kind;
    this.reason = reason;
    this.detail = detail;
    this.status = options.status ?? null;
    this.retryAfterMs = options.retryAfterMs ?? null;
  }
}

/**
 * Statuses worth another try: time-outs (408), overload (429) and gateways (502, 503, 504).
 * 500 is permanent: it is an answer to this very request, and repeating it burdens a site with a fault of its own.
 */
const TRANSIENT_STATUSES: ReadonlySet<number> = new Set([408, 429, 502, 503, 504]);

/** The problem that stands for an answer whose status is not 2xx. */
export function statusProblem(status: number, retryAfterMs: number | null): FetchProblem {
  return new FetchProblem(TRANSIENT_STATUSES.has(status) ? 'transient' : 'permanent', `http-${status}`, {
    status,
    retryAfterMs,
    detail: `the site answered with status ${status}`,
  });
}

type Meaning = readonly [ProblemKind, Failure];

const BY_CODE: Readonly<Record<string, Meaning>> = {
  UND_ERR_CONNECT_TIMEOUT: ['transient', 'timeout'],
  UND_ERR_HEADERS_TIMEOUT: ['transient', 'timeout'],
  UND_ERR_BODY_TIMEOUT: ['transient', 'timeout'],
  ETIMEDOUT: ['transient', 'timeout'],
  UND_ERR_SOCKET: ['transient', 'connection-reset'],
  UND_ERR_INFO: ['transient', 'connection-reset'],
  ECONNRESET: ['transient', 'connection-reset'],
  ECONNABORTED: ['transient', 'connection-reset'],
  EPIPE: ['transient', 'connection-reset'],
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: ['transient', 'truncated-body'],
  // The network between, not the site: a laptop that is offline must not lose its crawl.
  ECONNREFUSED: ['transient', 'connection-refused'],
  EHOSTUNREACH: ['transient', 'connection-refused'],
  ENETUNREACH: ['transient', 'connection-refused'],
  ENETDOWN: ['transient', 'connection-refused'],
  EHOSTDOWN: ['transient', 'connection-refused'],
  EADDRNOTAVAIL: ['transient', 'connection-refused'],
  EACCES: ['permanent', 'connection-refused'],
  EAI_AGAIN: ['transient', 'dns-failure'],
  EAI_FAIL: ['transient', 'dns-failure'],
  ESERVFAIL: ['transient', 'dns-failure'],
  ETIMEOUT: ['transient', 'dns-failure'],
  EREFUSED: ['transient', 'dns-failure'],
  ENOTFOUND: ['permanent', 'dns-failure'],
  ENODATA: ['permanent', 'dns-failure'],
  EAI_NODATA: ['permanent', 'dns-failure'],
  EAI_NONAME: ['permanent', 'dns-failure'],
  EBADNAME: ['permanent', 'dns-failure'],
  UND_ERR_HEADERS_OVERFLOW: ['permanent', 'protocol-error'],
  ERR_ASSERTION: ['permanent', 'protocol-error'], // the client library gave up on what the site sent
  UND_ERR_INVALID_ARG: ['permanent', 'bad-url'],
  EPROTO: ['permanent', 'tls-error'],
  HOSTNAME_MISMATCH: ['permanent', 'tls-error'],
  DEPTH_ZERO_SELF_SIGNED_CERT: ['permanent', 'tls-error'],
  SELF_SIGNED_CERT_IN_CHAIN: ['permanent', 'tls-error'],
  INVALID_CA: ['permanent', 'tls-error'],
  INVALID_PURPOSE: ['permanent', 'tls-error'],
  PATH_LENGTH_EXCEEDED: ['permanent', 'tls-error'],
};

const BY_PREFIX: readonly (readonly [string, Meaning])[] = [
  ['ERR_TLS_', ['permanent', 'tls-error']],
  ['ERR_SSL_', ['permanent', 'tls-error']],
  ['CERT_', ['permanent', 'tls-error']],
  ['CRL_', ['permanent', 'tls-error']],
  ['UNABLE_TO_', ['permanent', 'tls-error']],
];

function meaningOf(code: string): Meaning | undefined {
  return BY_CODE[code] ?? BY_PREFIX.find(([prefix]) => code.startsWith(prefix))?.[1];
}

/** The first error with a meaning among a thrown value, the errors it gathers, and their causes. */
function findMeaning(thrown: unknown, depth: number): { problem: FetchProblem } | { meaning: Meaning } | undefined {
  if (thrown instanceof FetchProblem) return { problem: thrown };
  if (typeof thrown !== 'object' || thrown === null || depth > 4) return undefined;
  const { code, name, cause, errors } = thrown as Readonly<Record<'code' | 'name' | 'cause' | 'errors', unknown>>;
  // undici's parser errors carry no code of their own.
  if (name === 'HTTPParserError') return { meaning: ['permanent', 'protocol-error'] };
  const meaning = typeof code === 'string' ? meaningOf(code) : undefined;
  if (meaning !== undefined) return { meaning };
  for (const inner of Array.isArray(errors) ? [...errors, cause] : [cause]) {
    const found = findMeaning(inner, depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}

/**
 * Names an error of the network, TLS, DNS or HTTP layer.
 *
 * @param bodyStarted whether the answer's head had arrived: a connection lost after it is a `truncated-body`
 * @returns null for anything that is not such an error (a bug, a full disk, an abort), which the caller passes on
 */
export function classify(thrown: unknown, bodyStarted = false): FetchProblem | null {
  const found = findMeaning(thrown, 0);
  if (found === undefined) return null;
  if ('problem' in found) return found.problem;
  const [kind, reason] = found.meaning;
  const detail = thrown instanceof Error && thrown.message !== '' ? thrown.message : reason;
  const options = { detail, cause: thrown };
  if (bodyStarted && reason === 'connection-reset') return new FetchProblem('transient', 'truncated-body', options);
  // A length that is wrong before any body is a head that contradicts itself.
  if (!bodyStarted && reason === 'truncated-body') return new FetchProblem('permanent', 'protocol-error', options);
  return new FetchProblem(kind, reason, options);
}
