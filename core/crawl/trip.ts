/** One request on its way through the sites that its redirects lead to: at any moment it has a place at one of them. */

import { FetchProblem } from '../fetch/fetch-problem.ts';
import { DEFAULT_MAX_REDIRECTS, type Fetcher } from '../fetch/fetcher.ts';
import type { RequestOutcome } from '../sites/site.ts';
import type { Frontier } from './frontier.ts';
import type { LedgerRequest } from './ledger-request.ts';
import { siteOf } from './url-rules.ts';

/** Ends an attempt whose next request may not start yet: it takes its turn among those of that site. */
export class Detour extends Error {
  readonly url: string;
  readonly hop: number;

  constructor(url: string, hop: number) {
    super(`${url} has to wait for its turn.`);
    this.url = url;
    this.hop = hop;
  }
}

export class Trip {
  readonly request: LedgerRequest;
  readonly #frontier: Frontier;
  readonly #beganMs = performance.now();
  #hopBeganMs = this.#beganMs;
  #site: string | null;
  /** How often the site had been started when this got its place there. */
  #starts = 0;
  #isSent = false;

  /** @param site the one whose schedule has started the request; null for this machine */
  constructor(frontier: Frontier, request: LedgerRequest, site: string | null) {
    this.#frontier = frontier;
    this.request = request;
    this.#site = site;
    if (site !== null) this.#starts = frontier.starts(site);
  }

  /** The site that answers for what happens now; null for this machine. */
  get site(): string | null {
    return this.#site;
  }

  /** Whether the place was used up by something else, or pushed behind it by a gap. */
  get isOvertaken(): boolean {
    return this.#site !== null && this.#frontier.isOvertaken(this.#site, this.#starts);
  }

  /** The request has been written. @returns whether another one to its site may start, now or later */
  sent(): boolean {
    return this.#left(true);
  }

  #left(isSent: boolean): boolean {
    if (this.#site === null || this.#isSent) return false;
    this.#isSent = true;
    return this.#frontier.left(this.#site, isSent);
  }

  /** A redirect was answered, so its site is done with; the next one is asked for a place. @throws Detour */
  leadTo(url: string, hop: number): void {
    const nowMs = performance.now();
    if (this.#site !== null) {
      this.#left(false);
      const outcome = { kind: 'success', durationMs: nowMs - this.#hopBeganMs } as const;
      this.#frontier.finished(this.#site, outcome, Date.now());
    }
    this.#hopBeganMs = nowMs;
    this.#enter(url, hop);
  }

  /** Asks for another place when it is overtaken. @throws Detour */
  enterAgain(url: string, hop: number): void {
    this.#leave();
    this.#enter(url, hop);
  }

  #enter(url: string, hop: number): void {
    const site = siteOf(url);
    this.#site = null;
    if (!this.#frontier.enter(site, Date.now())) throw new Detour(url, hop);
    this.#site = site;
    this.#starts = this.#frontier.starts(site);
    this.#isSent = false;
  }

  #leave(): void {
    if (this.#site !== null) this.#frontier.release(this.#site);
    this.#site = null;
  }

  /** Lets the request wait in the queue of the site that it asks next. @returns why it does not */
  wait({ url, hop }: Detour): FetchProblem | null {
    this.#leave();
    const site = siteOf(url);
    if (this.#frontier.isGivenUp(site)) {
      return new FetchProblem('permanent', 'site-in-trouble', { detail: `It leads to ${site}, which did not answer.` });
    }
    const redirects = (this.request.underWay?.redirects ?? 0) + hop;
    this.#frontier.requeue(site, { ...this.request, underWay: { url, redirects } });
    return null;
  }

  /** A fetcher that begins where the request had to wait, and whose redirects keep to the schedule even unasked. */
  fetcher(fetcher: Fetcher): Fetcher {
    const { underWay } = this.request;
    const maxRedirects = DEFAULT_MAX_REDIRECTS - (underWay?.redirects ?? 0);
    const beforeRequest = async (url: string, hop: number): Promise<void> => {
      if (hop > 0) this.leadTo(url, hop);
    };
    return {
      fetch: (url, options) => fetcher.fetch(underWay?.url ?? url, { beforeRequest, ...options, maxRedirects }),
      close: () => fetcher.close(),
    };
  }

  /**
   * The site that was asked last has the outcome: those on the way have ended theirs well. What was refused before it was
   * sent says nothing of how the site answers.
   * @param durationMs of the whole trip; undefined for until now
   * @returns whether that site is given up for now
   */
  end(kind: RequestOutcome['kind'], durationMs: number | undefined, retryAfterMs: number | null): boolean {
    if (this.#site === null) return false;
    if (kind === 'permanent' && !this.#isSent) {
      this.#frontier.refused(this.#site);
      return false;
    }
    this.#left(false);
    const wholeMs = durationMs ?? performance.now() - this.#beganMs;
    const hopMs = Math.max(0, wholeMs - (this.#hopBeganMs - this.#beganMs));
    return this.#frontier.finished(this.#site, { kind, durationMs: hopMs, retryAfterMs }, Date.now());
  }
}
