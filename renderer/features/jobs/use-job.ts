import type { Job } from '../../../shared/contract/jobs.ts';
import { useLive } from '../../stores/live.ts';

/** The job as events last told it, or as it was read. */
export function useLatestJob(read: Job): Job;
export function useLatestJob(read: Job | undefined): Job | undefined;
export function useLatestJob(read: Job | undefined): Job | undefined {
  return useLive((state) => (read === undefined ? undefined : (state.jobs[read.id] ?? read)));
}
