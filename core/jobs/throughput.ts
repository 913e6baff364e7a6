import type { JobCounts, ThroughputPoint } from '../../shared/contract/jobs.ts';

/** Seconds remembered of one job. */
const POINTS = 600;
/** Jobs remembered, the ones that were seen last. */
const JOBS = 20;

interface Series {
  readonly points: ThroughputPoint[];
  fetched: number;
  bytes: number;
}

/**
 * Reads the last seconds of a job, oldest first, in which something came before a moment.
 * @param beforeMs the start of a second
 */
export type ReadArrivals = (jobId: number, beforeMs: number, limit: number) => Promise<ThroughputPoint[]>;

/**
 * What jobs have fetched in each second, from their counts as they are seen now and then. What came before the core was
 * started is read from the ledger, once for a job: reading it takes long, and it is asked for every other second.
 */
export class Throughput {
  readonly #series = new Map<number, Series>();
  readonly #earlier = new Map<number, Promise<ThroughputPoint[]>>();
  readonly #readEarlier: ReadArrivals;

  constructor(readEarlier: ReadArrivals) {
    this.#readEarlier = readEarlier;
  }

  /** Takes down a job's counts; what came since the last time counts for the second of `now`. */
  record(jobId: number, counts: Pick<JobCounts, 'fetched' | 'bytes'>, now: number): void {
    const series = this.#series.get(jobId) ?? { points: [], fetched: counts.fetched, bytes: counts.bytes };
    this.#series.delete(jobId);
    this.#series.set(jobId, series);
    const fetched = Math.max(0, counts.fetched - series.fetched);
    const bytes = Math.max(0, counts.bytes - series.bytes);
    series.fetched = counts.fetched;
    series.bytes = counts.bytes;
    if (fetched + bytes > 0) {
      const at = secondOf(now);
      const last = series.points.at(-1);
      if (last?.at === at)
        series.points.splice(-1, 1, { at, fetched: last.fetched + fetched, bytes: last.bytes + bytes });
      else series.points.push({ at, fetched, bytes });
      if (series.points.length > POINTS) series.points.shift();
    }
    forgetOldest(this.#series, (oldest) => this.#earlier.delete(oldest));
  }

  /** The last seconds in which something came, oldest first. */
  async of(jobId: number, now: number): Promise<ThroughputPoint[]> {
    const points = this.#series.get(jobId)?.points ?? [];
    if (points.length >= POINTS) return [...points];
    let reading = this.#earlier.get(jobId);
    if (reading === undefined) {
      reading = this.#readEarlier(jobId, points[0]?.at ?? secondOf(now), POINTS);
      this.#earlier.set(jobId, reading);
      forgetOldest(this.#earlier);
      reading.catch(() => this.#earlier.delete(jobId));
    }
    return [...(await reading), ...points].slice(-POINTS);
  }
}

function secondOf(timeMs: number): number {
  return Math.floor(timeMs / 1000) * 1000;
}

function forgetOldest(map: Map<number, unknown>, onForgotten?: (jobId: number) => void): void {
  for (const oldest of map.keys()) {
    if (map.size <= JOBS) return;
    map.delete(oldest);
    onForgotten?.(oldest);
  }
}
