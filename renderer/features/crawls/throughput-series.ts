/** Images a second over the last ten minutes that a job ran: what it rested in between is left out. */

import type { ThroughputPoint } from '../../../shared/contract/jobs.ts';

/** A second alone is mostly noise. */
const SMOOTHED = 5;

export interface Series {
  /** Seconds since 1970, ascending, of those that it ran. */
  readonly times: number[];
  /** Images a second, over the last of them up to that one. */
  readonly values: number[];
}

/** @param points one for each second that it ran, oldest first */
export function throughputSeries(points: readonly ThroughputPoint[]): Series {
  return {
    times: points.map(({ at }) => Math.floor(at / 1000)),
    values: points.map((_, index) => {
      const smoothed = points.slice(Math.max(0, index - SMOOTHED + 1), index + 1);
      return smoothed.reduce((sum, { fetched }) => sum + fetched, 0) / smoothed.length;
    }),
  };
}
