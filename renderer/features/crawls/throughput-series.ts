/** Images a second over the last ten minutes, as a line without holes. */

import type { ThroughputPoint } from '../../../shared/contract/jobs.ts';

const WINDOW_S = 600;
/** A second alone is mostly noise. */
const SMOOTHED_S = 5;

export interface Series {
  /** Seconds since 1970, ascending, one apart. */
  readonly times: number[];
  /** Images a second, over the seconds up to that one. */
  readonly values: number[];
}

/** @param now in ms; the line ends there, or with the last point when the job has ended before */
export function throughputSeries(points: readonly ThroughputPoint[], now: number | null): Series {
  const first = points[0];
  const last = points.at(-1);
  if (first === undefined || last === undefined) return { times: [], values: [] };
  const end = Math.floor((now ?? last.at) / 1000);
  const start = Math.max(Math.floor(first.at / 1000), end - WINDOW_S);
  const fetched = new Map(points.map(({ at, fetched: count }) => [Math.floor(at / 1000), count]));
  const times: number[] = [];
  const values: number[] = [];
  for (let second = start; second <= end; second++) {
    let sum = 0;
    const from = Math.max(start, second - SMOOTHED_S + 1);
    for (let each = from; each <= second; each++) sum += fetched.get(each) ?? 0;
    times.push(second);
    values.push(sum / (second - from + 1));
  }
  return { times, values };
}
