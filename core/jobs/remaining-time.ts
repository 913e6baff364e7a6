/** How long a running job still takes, from what is left of it and how fast it went of late. */

import type { JobWork } from './job-tally.ts';

/** The pace is that of so many milliseconds, or of longer where too little was done in them. */
const WINDOW_MS = 30_000;
const LEAST_WINDOW_MS = 3_000;
const LEAST_DONE = 5;
/** Whether pages lead to more pages is told from so many that were read last. */
const LAST_PAGES = 3;
const BETWEEN_POINTS_MS = 500;
const MOST_POINTS = 600;

type Point = Pick<JobWork, 'done' | 'pages' | 'pagesDone' | 'kept'> & { readonly atMs: number };

export class RemainingTime {
  /** How far the job was, oldest first. */
  readonly #points: Point[] = [];

  /** Takes down how far the job is, several times a second. */
  note({ done, kept, pages, pagesDone }: JobWork, nowMs: number): void {
    const [first, second] = this.#points;
    // Nothing was done at first: when that began says nothing of the pace.
    if (second === undefined && first?.done === done) this.#points.length = 0;
    const last = this.#points.at(-1);
    if (last !== undefined && nowMs - last.atMs < BETWEEN_POINTS_MS) return;
    this.#points.push({ atMs: nowMs, done, kept, pages, pagesDone });
    if (this.#points.length > MOST_POINTS) this.#points.shift();
  }

  /**
   * Milliseconds until the job ends; null while that is not known well enough: too little was done, or
   * pages still lead to pages.
   * @param endsNotBeforeMs before when it cannot end, in milliseconds since 1970
   */
  of(work: JobWork, endsNotBeforeMs: number, nowMs: number): number | null {
    const since =
      this.#points.findLast(({ atMs, done }) => nowMs - atMs >= WINDOW_MS && work.done - done >= LEAST_DONE) ??
      this.#points[0];
    if (since === undefined || work.left <= 0) return null;
    const elapsedMs = nowMs - since.atMs;
    const done = work.done - since.done;
    if (elapsedMs < LEAST_WINDOW_MS || done < LEAST_DONE) return null;
    const before = this.#points.findLast(({ pagesDone }) => pagesDone <= work.pagesDone - LAST_PAGES) ?? since;
    const areMorePages = work.pages > work.pagesDone;
    const isGrowing = areMorePages && (work.pages - before.pages) * 2 > work.pagesDone - before.pagesDone;
    const allMs = Math.max((work.left * elapsedMs) / done, endsNotBeforeMs - nowMs);

    const kept = work.kept - since.kept;
    const wanted = work.maxKept - work.kept;
    const wantedMs = kept < LEAST_DONE ? Number.POSITIVE_INFINITY : (wanted * elapsedMs) / kept;
    // What is known of is enough, whatever else may be found.
    const isEnough = work.imagesLeft * kept >= wanted * done;
    if (work.isKnown && !isGrowing) return Math.round(Math.min(allMs, wantedMs));
    return isEnough && Number.isFinite(wantedMs) ? Math.round(wantedMs) : null;
  }
}
