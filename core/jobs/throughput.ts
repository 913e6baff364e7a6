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

/** What jobs have fetched in each second, from their counts as they are seen now and then. */
export class Throughput {
  readonly #series = new Map<number, Series>();

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
      const at = Math.floor(now / 1000) * 1000;
      const last = series.points.at(-1);
      if (last?.at === at)
        series.points.splice(-1, 1, { at, fetched: last.fetched + fetched, bytes: last.bytes + bytes });
      else series.points.push({ at, fetched, bytes });
      if (series.points.length > POINTS) series.points.shift();
    }
    for (const oldest of this.#series.keys()) {
      if (this.#series.size <= JOBS) break;
      this.#series.delete(oldest);
    }
  }

  /** Oldest first; empty for a job that was not seen. */
  of(jobId: number): ThroughputPoint[] {
    return [...(this.#series.get(jobId)?.points ?? [])];
  }
}
