/** What can be done to a job, and what is said when it was done. */

import type { Job } from '../../../shared/contract/jobs.ts';
import { client } from '../../api/client.ts';
import { api, queryClient } from '../../api/query.ts';
import { t } from '../../messages/index.ts';
import { useLive } from '../../stores/live.ts';
import { toast, toastError } from '../../stores/toasts.ts';

/** Finishes what is in flight, then rests. */
export async function pauseJob(job: Job): Promise<void> {
  const paused = await done(job, client.jobs.pause({ id: job.id }));
  if (paused === null) return;
  toast(t.jobs.paused(t.jobs.titleOf(job)), { label: t.jobs.resume, run: () => void resumeJob(job) }, paused);
}

export async function resumeJob(job: Job): Promise<void> {
  await done(job, client.jobs.resume({ id: job.id }));
}

/** Ends it; the way back is beside it. */
export async function cancelJob(job: Job): Promise<void> {
  const cancelled = await done(job, client.jobs.cancel({ id: job.id }));
  if (cancelled === null) return;
  toast(t.jobs.cancelled(t.jobs.titleOf(job)), { label: t.jobs.goOn, run: () => void retryJob(job) }, cancelled);
}

/** Runs again what failed. @param only those with this reason; all by default */
export async function retryJob(job: Job, only?: string): Promise<void> {
  await done(job, client.jobs.retry(only === undefined ? { id: job.id } : { id: job.id, only }));
}

async function done({ id }: Job, call: Promise<Job>): Promise<Job | null> {
  const known = useLive.getState().jobs[id];
  try {
    const job = await call;
    useLive.getState().takeAnswer(job, known);
    void queryClient.invalidateQueries({ queryKey: api.jobs.key() });
    return job;
  } catch (error) {
    toastError(error);
    return null;
  }
}
