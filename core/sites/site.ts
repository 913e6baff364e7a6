/** One site: what is known of it, and when that lets its next request start. */

import type { DueHeap } from './due-heap.ts';
import { ItemQueue } from './item-queue.ts';
import { ResponseStrain } from './response-strain.ts';

const THROTTLE_BASE_MS = 2_000;
const THROTTLE_MAX_MS = 60_000;
/** The gap that slow answers alone can lead to. */
const STRAINED_GAP_MAX_MS = 30_000;
/** Jitter only ever lengthens a wait, by up to this share. */
const JITTER_SHARE = 0.25;

/** What holds for every site; see SiteScheduleOptions. */
export interface SitePolicy {
  readonly perHost: number;
  readonly delayMs: number;
  readonly maxFailures: number;
  readonly maxTroubleMs: number;
  readonly probeDelayMs: number;
  readonly maxProbes: number;
  readonly random: () => number;
}

/**
 * - `open`: asked at its pace
 * - `waiting`: asked to be left alone for a while (429, 503, Retry-After)
 * - `parked`: in trouble; one request will be tried later
 * - `exhausted`: the trials failed too; its items stay until `drain` takes them
 */
export type SiteState = 'open' | 'waiting' | 'parked' | 'exhausted';

export interface RequestOutcome {
  /**
   * - `success`: an answer that was wanted - `permanent`: the site works, this request never will (404, wrong type)
   * - `transient`: no answer or a broken one (timeout, reset, 500, 502, 504) - `throttled`: 429 or 503
   */
  readonly kind: 'success' | 'permanent' | 'transient' | 'throttled';
  /** Milliseconds until the answer began. */
  readonly durationMs: number;
  /** What Retry-After asked for; null when absent or unreadable. */
  readonly retryAfterMs?: number | null;
}

/** Plain data that makes politeness survive a restart. */
export interface SavedSite {
  /** No request starts before this. */
  readonly nextStartAtMs: number;
  readonly crawlDelayMs: number;
  readonly failures: number;
  readonly throttles: number;
  /** When the present trouble began; null when there is none. */
  readonly troubleSinceMs: number | null;
  /** Failed trials; null when the site is not parked. */
  readonly failedProbes: number | null;
  /** Whether it has ever answered, as far as is remembered. */
  readonly hasAnswered?: boolean;
}

export class Site<Item> {
  readonly key: string;
  readonly queue = new ItemQueue<Item>();
  readonly strain = new ResponseStrain();
  dueMs = 0;
  order = 0;
  heapIndex = -1;
  heap: DueHeap<Site<Item>> | null = null;
  inFlight = 0;
  /** Of the latest start that was booked, which may be yet to come. */
  lastStartMs = Number.NEGATIVE_INFINITY;
  /** When the latest request was written. */
  lastSentMs = Number.NEGATIVE_INFINITY;
  /** Requests that were started and are not written yet: nobody knows from when the next gap counts. */
  unsent = 0;
  /** Counts the starts that were booked. */
  starts = 0;
  /** From Retry-After, back-off, a saved state, or a probe delay. */
  waitUntilMs = 0;
  crawlDelayMs = 0;
  failures = 0;
  throttles = 0;
  troubleSinceMs: number | null = null;
  /** null while the site is not parked. */
  failedProbes: number | null = null;
  probing = false;
  hasAnswered = false;

  readonly #policy: SitePolicy;

  constructor(key: string, policy: SitePolicy) {
    this.key = key;
    this.#policy = policy;
  }

  /** Milliseconds between two starts. */
  get gapMs(): number {
    const askedMs = Math.max(this.#policy.delayMs, this.crawlDelayMs);
    const { factor, recentMedianMs } = this.strain;
    if (factor === 1) return askedMs;
    // Without a gap of its own the site is given the time of its own answers.
    return Math.max(askedMs * factor, Math.min(recentMedianMs * factor, STRAINED_GAP_MAX_MS));
  }

  get nextStartMs(): number {
    return Math.max(this.waitUntilMs, Math.max(this.lastStartMs, this.lastSentMs) + this.gapMs);
  }

  get #isExhausted(): boolean {
    return this.failedProbes !== null && this.failedProbes > this.#policy.maxProbes;
  }

  /** Whether one more request may be in flight. */
  get hasRoom(): boolean {
    if (this.unsent > 0 && this.gapMs > 0) return false;
    return this.inFlight < (this.failedProbes === null ? this.#policy.perHost : 1) && !this.#isExhausted;
  }

  state(nowMs: number): SiteState {
    if (this.#isExhausted) return 'exhausted';
    if (this.failedProbes !== null) return 'parked';
    return this.waitUntilMs > nowMs ? 'waiting' : 'open';
  }

  recover(): void {
    this.hasAnswered = true;
    this.failures = 0;
    this.throttles = 0;
    this.troubleSinceMs = null;
    this.failedProbes = null;
  }

  fail(outcome: RequestOutcome, wasProbe: boolean, nowMs: number): void {
    const { maxFailures, maxTroubleMs, random } = this.#policy;
    this.troubleSinceMs ??= nowMs;
    if (outcome.kind === 'throttled') {
      this.throttles += 1;
      const backOffMs = Math.min(THROTTLE_MAX_MS, THROTTLE_BASE_MS * 2 ** Math.min(this.throttles - 1, 10));
      const waitMs = outcome.retryAfterMs ?? backOffMs * (1 + JITTER_SHARE * random());
      this.waitUntilMs = Math.max(this.waitUntilMs, nowMs + waitMs);
    } else {
      this.failures += 1;
    }
    const tripped = this.failures >= maxFailures || nowMs - this.troubleSinceMs >= maxTroubleMs;
    // What was still in flight when the site was parked says nothing new; only the trial does.
    if (wasProbe || (tripped && this.failedProbes === null)) this.#park(nowMs);
  }

  #park(nowMs: number): void {
    this.failedProbes = this.failedProbes === null ? 0 : this.failedProbes + 1;
    const waitMs = this.#policy.probeDelayMs * 2 ** Math.min(this.failedProbes, 10);
    this.waitUntilMs = Math.max(this.waitUntilMs, nowMs + waitMs);
  }

  save(): SavedSite {
    const { crawlDelayMs, failures, throttles, troubleSinceMs, failedProbes, hasAnswered } = this;
    const nextStartAtMs = Math.max(0, this.nextStartMs);
    return { nextStartAtMs, crawlDelayMs, failures, throttles, troubleSinceMs, failedProbes, hasAnswered };
  }

  /** A site that had been given up gets one more trial. */
  restore(saved: SavedSite): void {
    this.waitUntilMs = Math.max(this.waitUntilMs, saved.nextStartAtMs);
    this.crawlDelayMs = saved.crawlDelayMs;
    this.hasAnswered = saved.hasAnswered === true;
    this.failures = saved.failures;
    this.throttles = saved.throttles;
    this.troubleSinceMs = saved.troubleSinceMs;
    this.failedProbes = saved.failedProbes === null ? null : Math.min(saved.failedProbes, this.#policy.maxProbes);
  }
}
