/** How long a job still takes, as every host tells it. */

import type { Job } from './contract/jobs.ts';

/** With less progress than this a guess would be wild. */
const LEAST_PROGRESS = 2;
const LEAST_DURATION_MS = 3_000;

/** Milliseconds until an active job ends, if it goes on as it has; null where that cannot be told. */
export function remainingMs({
  state,
  progress,
  durationMs,
}: Pick<Job, 'state' | 'progress' | 'durationMs'>): number | null {
  if (state !== 'active' || progress < LEAST_PROGRESS || durationMs < LEAST_DURATION_MS) return null;
  return Math.round((durationMs / progress) * (100 - progress));
}
