/** Seconds with arrivals, as the core remembers them, become an even series that can be drawn. */

import type { ThroughputPoint } from '../../../shared/contract/jobs.ts';

/** How far the core remembers. */
export const WINDOW_S = 600;
/** Longer than a second, so that single answers do not look like bursts. */
const BUCKET_S = 5;

export interface ThroughputSeries {
  /** Seconds since 1970, ascending: the start of each bucket. */
  readonly times: readonly number[];
  /** Images a second. */
  readonly images: readonly number[];
}

/**
 * Arrivals a second in buckets of 5 seconds, from the first arrival to now or to the last arrival of a job that has ended; at
 * most the last 600 seconds.
 * @param nowMs the present; null once nothing more will arrive
 */
export function throughputSeries(points: readonly ThroughputPoint[], nowMs: number | null): ThroughputSeries {
  const first = points[0];
  const last = points.at(-1);
  if (first === undefined || last === undefined) return { times: [], images: [] };
  const bucketOf = (ms: number) => Math.floor(ms / 1000 / BUCKET_S);
  // The bucket that is being filled would always look like a drop.
  const end = nowMs === null ? bucketOf(last.at) : Math.max(bucketOf(first.at), bucketOf(nowMs) - 1);
  const start = Math.max(bucketOf(first.at), end - WINDOW_S / BUCKET_S + 1);
  const images = new Array<number>(end - start + 1).fill(0);
  for (const { at, fetched } of points) {
    const index = bucketOf(at) - start;
    if (index in images) images[index] = (images[index] ?? 0) + fetched / BUCKET_S;
  }
  return { times: images.map((_, index) => (start + index) * BUCKET_S), images };
}
