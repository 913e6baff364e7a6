/** How fast a job goes, from the snapshots of it that arrive. */

import type { Job, SiteStatus } from '../shared/contract/jobs.ts';

/** Rise of a number a second, over the last `windowMs`. */
export class SlidingRate {
  readonly #windowMs: number;
  #points: { readonly timeMs: number; readonly value: number }[] = [];

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  add(value: number, nowMs: number): void {
    this.#points.push({ timeMs: nowMs, value });
    // The newest point at or before the window's start stays: it is where the window begins.
    const start = this.#points.findLastIndex((point) => point.timeMs <= nowMs - this.#windowMs);
    if (start > 0) this.#points = this.#points.slice(start);
  }

  /** null before a second of it was seen. A stall counts: the time since the last point is part of the window. */
  perSecond(nowMs: number): number | null {
    const first = this.#points.find((point) => point.timeMs >= nowMs - 2 * this.#windowMs) ?? this.#points.at(-1);
    const last = this.#points.at(-1);
    if (first === undefined || last === undefined || nowMs - first.timeMs < 1000) return null;
    return Math.max(0, ((last.value - first.value) * 1000) / (nowMs - first.timeMs));
  }
}

const RATE_WINDOW_MS = 10_000;
/** A job that has done nothing for so long waits for something. */
export const STILL_MS = 2000;

/** A site that is left alone for a while, and how many more are. */
export interface Resting {
  readonly site: string;
  /** Milliseconds since 1970. */
  readonly untilMs: number;
  readonly others: number;
}

/** One job that is being followed. */
export class JobMeter {
  readonly #images = new SlidingRate(RATE_WINDOW_MS);
  readonly #sinceMs: number;
  #job: Job;
  #movedAtMs: number;
  #sites: readonly SiteStatus[] = [];

  constructor(job: Job, nowMs: number) {
    this.#job = job;
    this.#sinceMs = nowMs;
    this.#movedAtMs = nowMs;
    this.update(job, nowMs);
  }

  get job(): Job {
    return this.#job;
  }

  update(job: Job, nowMs: number): void {
    const before = this.#job;
    this.#job = job;
    if (settledImages(job) !== settledImages(before) || job.counts.pagesDone !== before.counts.pagesDone) {
      this.#movedAtMs = nowMs;
    }
    this.#images.add(settledImages(job), nowMs);
  }

  /** Images settled a second over the last 10 s; null before that is known. */
  imagesPerSecond(nowMs: number): number | null {
    return this.#images.perSecond(nowMs);
  }

  /** Milliseconds since something was done last. */
  stillMs(nowMs: number): number {
    return nowMs - this.#movedAtMs;
  }

  /** How the sites of the job are doing, for as long as nothing moves. */
  noteSites(sites: readonly SiteStatus[]): void {
    this.#sites = sites;
  }

  /** The site that is asked again first among those left alone; null while the job moves. */
  resting(nowMs: number): Resting | null {
    if (this.stillMs(nowMs) < STILL_MS || this.#job.state !== 'active') return null;
    const resting = this.#sites
      .filter(({ trouble, nextDueAt }) => (trouble === 'resting' || trouble === 'parked') && (nextDueAt ?? 0) > nowMs)
      .sort((a, b) => (a.nextDueAt ?? 0) - (b.nextDueAt ?? 0));
    const [first] = resting;
    if (first === undefined) return null;
    return { site: first.site, untilMs: first.nextDueAt ?? 0, others: resting.length - 1 };
  }

  /** Milliseconds since the following began. */
  elapsedMs(nowMs: number): number {
    return nowMs - this.#sinceMs;
  }
}

/** Images that need nothing more. */
export function settledImages(job: Job): number {
  const { accepted, quarantined, duplicates, refused, failed } = job.counts;
  return accepted + quarantined + duplicates + refused + failed;
}

/** Reasons, the most frequent first. */
export function rankedReasons(reasons: Readonly<Record<string, number>>): (readonly [string, number])[] {
  return Object.entries(reasons).sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
}
