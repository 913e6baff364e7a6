/** What the desktop tells of jobs outside of its window. */

import type { Job } from '../shared/contract/jobs.ts';

/** Whether a job runs, waits or rests. */
export function isUnfinished({ state }: Pick<Job, 'state'>): boolean {
  return state === 'active' || state === 'waiting' || state === 'paused';
}

export interface Progress {
  /** 0 to 1; -1 when there is nothing to show. */
  readonly value: number;
  readonly mode: 'none' | 'normal' | 'paused' | 'error';
}

/** On a bar with less than that nothing is seen. */
const LEAST_SHOWN = 0.02;

/**
 * One bar for all jobs that have not ended.
 * @param hasFailed whether one has failed since a person looked
 */
export function overallProgress(jobs: readonly Pick<Job, 'state' | 'progress'>[], hasFailed: boolean): Progress {
  const active = jobs.filter(({ state }) => state === 'active');
  const shown = active.length > 0 ? active : jobs.filter(isUnfinished);
  if (shown.length === 0) return hasFailed ? { value: 1, mode: 'error' } : { value: -1, mode: 'none' };
  const mean = shown.reduce((sum, { progress }) => sum + progress, 0) / shown.length / 100;
  const value = Math.min(1, Math.max(LEAST_SHOWN, mean));
  if (hasFailed) return { value, mode: 'error' };
  return { value, mode: active.length > 0 ? 'normal' : 'paused' };
}
