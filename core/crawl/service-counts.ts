/** What search services say they have, asked no more often than a crawl would: estimates are made while somebody types. */

import type { SearchServiceId, SourcePage } from '../../workers/documents/search/types.ts';
import { FetchProblem } from '../fetch/fetch-problem.ts';

/** Requests that may follow each other at once, after a rest. */
const BURST = 3;
/** What a service said stays about right for so long. */
const KEPT_MS = 10 * 60_000;
const KEPT_ANSWERS = 500;
/** A service that does not answer, or asks to be left alone without saying for how long, is left alone for this long. */
const TROUBLE_MS = 30_000;

interface Pace {
  /** Requests that may start now. */
  tokens: number;
  /** When the tokens were counted last. */
  countedAtMs: number;
  /** Why it is left alone, and until when. */
  trouble: { readonly error: unknown; readonly untilMs: number } | null;
}

export interface ServiceCountsOptions {
  /** Milliseconds between two requests to the service at this address. */
  readonly gapMs: (service: SearchServiceId, url: string) => number;
  /** Default `Date.now`. */
  readonly now?: () => number;
}

export class ServiceCounts {
  readonly #gapMs: ServiceCountsOptions['gapMs'];
  readonly #now: () => number;
  readonly #paces = new Map<SearchServiceId, Pace>();
  /** Oldest first. */
  readonly #answers = new Map<string, { readonly page: SourcePage; readonly atMs: number }>();
  readonly #asking = new Map<string, Promise<SourcePage>>();

  constructor({ gapMs, now = Date.now }: ServiceCountsOptions) {
    this.#gapMs = gapMs;
    this.#now = now;
  }

  /**
   * The first page that a service gives at an address, from memory where it was asked lately.
   * @param ask asks the service
   * @returns null while its turn has not come
   * @throws what `ask` throws, also while the service is left alone for that
   */
  async get(service: SearchServiceId, url: string, ask: () => Promise<SourcePage>): Promise<SourcePage | null> {
    const now = this.#now();
    const known = this.#answers.get(url);
    if (known !== undefined && now - known.atMs < KEPT_MS) return known.page;
    const asking = this.#asking.get(url);
    if (asking !== undefined) return asking;
    const pace = this.#paceOf(service, url, now);
    if (pace.trouble !== null && pace.trouble.untilMs > now) throw pace.trouble.error;
    if (pace.tokens < 1) return null;
    pace.tokens -= 1;
    const answer = this.#remember(pace, url, ask());
    this.#asking.set(url, answer);
    return answer.finally(() => this.#asking.delete(url));
  }

  #paceOf(service: SearchServiceId, url: string, now: number): Pace {
    const pace = this.#paces.get(service) ?? { tokens: BURST, countedAtMs: now, trouble: null };
    const gapMs = this.#gapMs(service, url);
    pace.tokens = gapMs <= 0 ? BURST : Math.min(BURST, pace.tokens + Math.max(0, now - pace.countedAtMs) / gapMs);
    pace.countedAtMs = now;
    this.#paces.set(service, pace);
    return pace;
  }

  async #remember(pace: Pace, url: string, answer: Promise<SourcePage>): Promise<SourcePage> {
    try {
      const page = await answer;
      this.#answers.delete(url);
      this.#answers.set(url, { page, atMs: this.#now() });
      const [oldest] = this.#answers.keys();
      if (this.#answers.size > KEPT_ANSWERS && oldest !== undefined) this.#answers.delete(oldest);
      pace.trouble = null;
      return page;
    } catch (error) {
      if (error instanceof FetchProblem && error.kind === 'transient') {
        pace.trouble = { error, untilMs: this.#now() + (error.retryAfterMs ?? TROUBLE_MS) };
      }
      throw error;
    }
  }
}
