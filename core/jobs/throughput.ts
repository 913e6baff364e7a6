import type { JobCounts, ThroughputPoint } from '../../shared/contract/jobs.ts';

/** Seconds remembered of one job. */
const POINTS = 600;
/** Jobs remembered, the ones that were seen last. */
const JOBS = 20;
/** The ledger says when something came, not when the job ran: for longer than this without anything, it is taken to have rested. */
const SILENCE_MS = 30_000;

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
 * What jobs have fetched in each second that they ran, from their counts as they are seen several times a second. What came
 * before the core was started is read from the ledger, once for a job: reading it takes long, and it is asked for every
 * other second.
 */
export class Throughput {
  readonly #series = new Map<number, Series>();
  readonly #earlier = new Map<number, Promise<ThroughputPoint[]>>();
  readonly #readEarlier: ReadArrivals;

  constructor(readEarlier: ReadArrivals) {
    this.#readEarlier = readEarlier;
  }

  /** Takes down a running job's counts; what came since the last time counts for the second of `now`. */
  record(jobId: number, counts: Pick<JobCounts, 'fetched' | 'bytes'>, now: number): void {
    const series = this.#series.get(jobId) ?? { points: [], fetched: counts.fetched, bytes: counts.bytes };
    this.#series.delete(jobId);
    this.#series.set(jobId, series);
    const fetched = Math.max(0, counts.fetched - series.fetched);
    const bytes = Math.max(0, counts.bytes - series.bytes);
    series.fetched = counts.fetched;
    series.bytes = counts.bytes;
    const at = secondOf(now);
    const last = series.points.at(-1);
    if (last?.at === at)
      series.points.splice(-1, 1, { at, fetched: last.fetched + fetched, bytes: last.bytes + bytes });
    else series.points.push({ at, fetched, bytes });
    if (series.points.length > POINTS) series.points.shift();
    forgetOldest(this.#series, (oldest) => this.#earlier.delete(oldest));
  }

  /** The last seconds that the job ran, oldest first; those at rest are left out. */
  async of(jobId: number, now: number): Promise<ThroughputPoint[]> {
    const points = this.#series.get(jobId)?.points ?? [];
    if (points.length >= POINTS) return [...points];
    let reading = this.#earlier.get(jobId);
    if (reading === undefined) {
      reading = this.#readEarlier(jobId, points[0]?.at ?? secondOf(now), POINTS).then(withSilence);
      this.#earlier.set(jobId, reading);
      forgetOldest(this.#earlier);
      reading.catch(() => this.#earlier.delete(jobId));
    }
    return [...(await reading), ...points].slice(-POINTS);
  }
}

/** Adds the seconds between arrivals in which nothing came and the job still ran. */
function withSilence(arrivals: readonly ThroughputPoint[]): ThroughputPoint[] {
  return arrivals.flatMap((point, index) => {
    const before = arrivals[index - 1]?.at ?? point.at;
    const silent = point.at - before > SILENCE_MS ? 0 : Math.max(0, (point.at - before) / 1000 - 1);
    const zeros = Array.from({ length: silent }, (_, step) => ({
      at: before + (step + 1) * 1000,
      fetched: 0,
      bytes: 0,
    }));
    return [...zeros, point];
  });
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
