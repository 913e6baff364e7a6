import { Pause, Play, RotateCcw, X } from 'lucide-react';
import type { Job } from '../../../shared/contract/jobs.ts';
import { useCommands } from '../../keyboard/commands.ts';
import { t } from '../../messages/index.ts';
import { isUnfinished, useOffline } from '../../stores/live.ts';
import { Button } from '../../ui/button.tsx';
import { cancelJob, pauseJob, resumeJob, retryJob } from './job-control.ts';
import { isRetryable } from './job-words.ts';

/** What can be done with a job as it stands. */
export function JobActions({ job }: { readonly job: Job }) {
  const isOffline = useOffline();
  const isRunning = job.state === 'active' || job.state === 'waiting';
  const isPaused = job.state === 'paused';
  const retryTitle = t.jobs.retry(job);
  useCommands('jobs', [
    {
      id: 'jobs.pause',
      title: isPaused ? t.jobs.resume : t.jobs.pause,
      isEnabled: !isOffline && isUnfinished(job),
      run: () => void (isPaused ? resumeJob(job) : pauseJob(job)),
    },
    {
      id: 'jobs.cancel',
      title: t.jobs.cancel,
      isEnabled: !isOffline && isUnfinished(job),
      run: () => void cancelJob(job),
    },
    {
      id: 'jobs.retry',
      title: retryTitle,
      isEnabled: !isOffline && isRetryable(job),
      run: () => void retryJob(job),
    },
  ]);
  return (
    <>
      {isRunning && (
        <Button disabled={isOffline} onClick={() => void pauseJob(job)}>
          <Pause size={14} aria-hidden /> {t.jobs.pause}
        </Button>
      )}
      {isPaused && (
        <Button variant="primary" disabled={isOffline} onClick={() => void resumeJob(job)}>
          <Play size={14} aria-hidden /> {t.jobs.resume}
        </Button>
      )}
      {isUnfinished(job) && (
        <Button disabled={isOffline} onClick={() => void cancelJob(job)}>
          <X size={14} aria-hidden /> {t.jobs.cancel}
        </Button>
      )}
      {isRetryable(job) && (
        <Button disabled={isOffline} onClick={() => void retryJob(job)}>
          <RotateCcw size={14} aria-hidden /> {retryTitle}
        </Button>
      )}
    </>
  );
}
