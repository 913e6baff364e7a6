/**
 * Fetches one address at a time over HTTP/1.1: guarded on every hop, capped in bytes and time, hashed while stored.
 * No cookies are kept, no credentials sent, no proxy variables read; certificates are always verified.
 */

import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Agent } from 'undici';
import { AppError } from '../../shared/errors.ts';
import type { AddressGuard } from './address-guard.ts';
import { ACCEPTED_ENCODINGS } from './body-decoder.ts';
import { FetchProblem, statusProblem } from './fetch-problem.ts';
import { createGuardedConnect, type GuardedConnect, type Resolve, systemResolve } from './guarded-connect.ts';
import { parseRetryAfter } from './retry.ts';
import { type Answer, DEFAULT_FETCH_LIMITS, type FetchLimits, Transfer } from './transfer.ts';

export const DEFAULT_MAX_REDIRECTS = 10;
const DEFAULT_CONNECTIONS_PER_ORIGIN = 16;
const MAX_HEADER_BYTES = 32 * 1024;
const REDIRECT_STATUSES: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** Where a body goes. */
export type Destination =
  /** A new file in an existing folder on the store's disk, made with `wx`; making it durable is the caller's part. */
  | { readonly kind: 'file'; readonly directory: string; readonly fileName?: string }
  /** For small documents such as robots.txt. */
  | { readonly kind: 'memory' };

export interface FetchOptions {
  readonly destination: Destination;
  /** Of the body, both as sent and as decoded. */
  readonly maxBytes: number;
  /** What a longer body means: a refusal (default), or a cut body that counts. */
  readonly onTooLarge?: 'refuse' | 'truncate';
  /** For all hops together, without the time spent in `beforeRequest`. */
  readonly timeoutMs: number;
  /** The Accept header. */
  readonly accept: string;
  /** Whether compression is offered (documents) or not (images, the default). It is undone in either case. */
  readonly compressed?: boolean;
  /** Further headers, in lower case, such as `if-none-match`. An `authorization` goes to the first origin alone. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Default 10. */
  readonly maxRedirects?: number;
  /** Asked before each request, with its address and how many redirects led to it; may wait, may throw FetchProblem. */
  readonly beforeRequest?: (url: string, hop: number) => Promise<void>;
  /** Called with the address of each request once it is written to its connection, which may have taken a while to open. */
  readonly onSent?: (url: string) => void;
  /** Sees the headers of a 2xx answer before its body is read; throws FetchProblem when the body is not wanted. */
  readonly onHeaders?: (headers: Readonly<Record<string, string>>) => void;
  readonly signal?: AbortSignal;
}

export interface Hop {
  readonly url: string;
  readonly status: number;
}

export interface Fetched {
  /** Where the body finally came from, without fragment and credentials. */
  readonly url: string;
  /** The redirects that led there, in order. */
  readonly hops: readonly Hop[];
  /** 200 to 299. */
  readonly status: number;
  /** Names in lower case; repeated ones joined by commas. */
  readonly headers: Readonly<Record<string, string>>;
  /** Of the decoded body. */
  readonly sizeBytes: number;
  /** Of the decoded body, lower-case hex. */
  readonly sha256: string;
  /** True when `onTooLarge` is `truncate` and the body was cut. */
  readonly truncated: boolean;
  /** Absolute; null for a memory destination. */
  readonly path: string | null;
  /** null for a file destination. */
  readonly body: Uint8Array | null;
  /** The address of the newest connection to that site; null when unknown. */
  readonly remoteAddress: string | null;
}

export interface Fetcher {
  /**
   * Fetches one address, following redirects. An https address may redirect to http: the bytes are judged by what they
   * are, and the final address is recorded.
   *
   * @throws FetchProblem for everything a site, a network or a policy can do; `signal.reason` when aborted; the file
   *   system's error when the body could not be stored. No file is left in any of these cases.
   */
  fetch(url: string, options: FetchOptions): Promise<Fetched>;
  /** Ends what is under way (it rejects with AppError `cancelled`) and closes every connection. */
  close(): Promise<void>;
}

export interface FetcherOptions {
  /** Names the product and a contact. */
  readonly userAgent: string;
  readonly guard: AddressGuard;
  /** Connections per origin; further requests wait. Default 16. */
  readonly connections?: number;
  readonly limits?: Partial<FetchLimits>;
  /** Default the operating system's resolver. */
  readonly resolve?: Resolve;
}

interface Client {
  readonly agent: Agent;
  readonly remoteAddressOf: GuardedConnect['remoteAddressOf'];
}

function checkOptions(options: FetcherOptions, limits: FetchLimits): void {
  const wrong = (message: string): AppError => new AppError('bad-request', message);
  if (!/^[\x20-\x7e]+$/.test(options.userAgent)) {
    throw wrong(`The user agent must be printable ASCII, but is ${JSON.stringify(options.userAgent)}.`);
  }
  for (const [name, value] of Object.entries({ connections: options.connections ?? 1, ...limits })) {
    if (!(value > 0 && Number.isFinite(value))) throw wrong(`${name} must be a number above 0, but is ${value}.`);
  }
}

function parseUrl(text: string, base: string | undefined): URL {
  const url = URL.parse(text, base);
  if (url === null) {
    const reason = base === undefined ? 'bad-url' : 'bad-redirect';
    throw new FetchProblem('permanent', reason, { detail: `not an address: ${text.slice(0, 200)}` });
  }
  url.hash = '';
  url.username = '';
  url.password = '';
  return url;
}

/** Header bytes arrive as Latin-1; a Location is UTF-8 in practice. */
function decodeLocation(location: string): string {
  const bytes = Buffer.from(location, 'latin1');
  const text = bytes.toString('utf8');
  return text.includes('\ufffd') ? location : text;
}

/**
 * Makes a fetcher. undici is loaded by the first fetch.
 *
 * @throws AppError `bad-request` for options out of range
 */
export function createFetcher(options: FetcherOptions): Fetcher {
  const limits: FetchLimits = { ...DEFAULT_FETCH_LIMITS, ...options.limits };
  checkOptions(options, limits);
  const { userAgent, guard } = options;
  const active = new Set<Transfer>();
  const namePrefix = randomBytes(6).toString('hex');
  let nameCount = 0;
  let client: Promise<Client> | null = null;
  let ticker: NodeJS.Timeout | null = null;
  let closed = false;

  const shortestMs = Math.min(
    limits.connectTimeoutMs,
    limits.headersTimeoutMs,
    limits.idleTimeoutMs,
    limits.slowWindowMs,
  );
  const tickMs = Math.min(250, Math.max(5, shortestMs / 8));

  const openClient = async (): Promise<Client> => {
    const { Agent, buildConnector } = await import('undici');
    const guarded = createGuardedConnect(
      buildConnector,
      guard,
      options.resolve ?? systemResolve,
      limits.connectTimeoutMs,
    );
    const agent = new Agent({
      connect: guarded.connect,
      connections: options.connections ?? DEFAULT_CONNECTIONS_PER_ORIGIN,
      pipelining: 1,
      allowH2: false,
      maxHeaderSize: MAX_HEADER_BYTES,
      // Kept by `Transfer.tick`, which also counts the time that a flood of 1xx answers takes.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    return { agent, remoteAddressOf: guarded.remoteAddressOf };
  };

  const tick = (): void => {
    const nowMs = performance.now();
    for (const transfer of active) transfer.tick(nowMs);
    if (active.size === 0 && ticker !== null) {
      clearInterval(ticker);
      ticker = null;
    }
  };

  const cancelled = (): AppError => new AppError('cancelled', 'The fetcher was closed. Start the crawl again.');

  const transferOnce = async (agent: Agent, url: URL, transfer: Transfer, headers: string[]): Promise<Answer> => {
    active.add(transfer);
    // Sockets and resolutions under way keep the process alive; what they leave behind need not.
    ticker ??= setInterval(tick, tickMs).unref();
    try {
      agent.dispatch({ origin: url.origin, path: url.pathname + url.search, method: 'GET', headers }, transfer);
      return await transfer.answer;
    } finally {
      active.delete(transfer);
    }
  };

  const fetch = async (text: string, want: FetchOptions): Promise<Fetched> => {
    const { destination, signal } = want;
    const maxRedirects = want.maxRedirects ?? DEFAULT_MAX_REDIRECTS;
    const path =
      destination.kind === 'memory'
        ? null
        : join(destination.directory, destination.fileName ?? `${namePrefix}-${(nameCount++).toString(36)}.part`);
    const encodings = want.compressed === true ? ACCEPTED_ENCODINGS : 'identity';
    const common = ['user-agent', userAgent, 'accept', want.accept, 'accept-encoding', encodings];
    const further = Object.entries(want.headers ?? {});
    const hops: Hop[] = [];
    const seen = new Set<string>();
    let leftMs = want.timeoutMs;
    let url = parseUrl(text, undefined);
    const firstOrigin = url.origin;
    for (;;) {
      const href = url.href;
      // A credential is for the site it was given for, not for where that site sends us.
      const sent = further.filter(([name]) => name !== 'authorization' || url.origin === firstOrigin);
      const headers = [...common, ...sent.flat()];
      guard.checkUrl(url);
      await want.beforeRequest?.(href, hops.length);
      signal?.throwIfAborted();
      if (closed) throw cancelled();
      client ??= openClient();
      const { agent, remoteAddressOf } = await client;
      if (leftMs <= 0) {
        throw new FetchProblem('transient', 'timeout', { detail: `${hops.length} redirects took longer than allowed` });
      }
      const startMs = performance.now();
      const transfer = new Transfer({
        path,
        maxBytes: want.maxBytes,
        onTooLarge: want.onTooLarge ?? 'refuse',
        deadlineMs: startMs + leftMs,
        limits,
        onSent: want.onSent === undefined ? undefined : () => want.onSent?.(href),
        onHeaders: want.onHeaders,
        signal,
      });
      const answer = await transferOnce(agent, url, transfer, headers);
      leftMs -= performance.now() - startMs;
      const { status, stored } = answer;
      if (stored !== null) {
        return {
          url: href,
          hops,
          status,
          headers: answer.headers,
          sizeBytes: stored.sizeBytes,
          sha256: stored.sha256,
          truncated: answer.truncated,
          path,
          body: stored.body,
          remoteAddress: remoteAddressOf(url.origin),
        };
      }
      if (!REDIRECT_STATUSES.has(status)) {
        throw statusProblem(status, parseRetryAfter(answer.headers['retry-after'], Date.now()));
      }
      seen.add(href);
      hops.push({ url: href, status });
      const location = answer.headers.location;
      if (location === undefined || location === '') {
        throw new FetchProblem('permanent', 'bad-redirect', { status, detail: 'a redirect without a Location' });
      }
      url = parseUrl(decodeLocation(location), href);
      // Without cookies the same address answers the same, so coming back to it is a loop.
      if (hops.length > maxRedirects || seen.has(url.href)) {
        const detail = seen.has(url.href) ? `a loop back to ${url.href}` : `more than ${maxRedirects} redirects`;
        throw new FetchProblem('permanent', 'too-many-redirects', { status, detail });
      }
    }
  };

  return {
    fetch,
    async close() {
      closed = true;
      for (const transfer of active) transfer.fail(cancelled());
      const opened = client === null ? null : await client;
      await opened?.agent.destroy();
    },
  };
}
