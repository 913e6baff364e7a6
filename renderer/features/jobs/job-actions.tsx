import { Pause, Play, RotateCcw, Square } from 'lucide-react';
import { useState } from 'react';
import type { Job } from '../../../shared/contract/jobs.ts';
import { client } from '../../api/client.ts';
import { t } from '../../messages/index.ts';
import { useLive } from '../../stores/live.ts';
import { toast, toastError } from '../../stores/toasts.ts';
import { Button } from '../../ui/button.tsx';
import { ConfirmDialog } from '../../ui/dialog.tsx';

/** What can be done with a job as it stands. */
export function JobActions({ job }: { readonly job: Job }) {
  const isLost = useLive((state) => state.connection === 'lost');
  const [isAsking, setAsking] = useState(false);
  const title = t.jobs.titleOf(job);
  const run = (action: Promise<Job>, done?: string) => {
    action.then((changed) => {
      useLive.getState().updateJob(changed);
      if (done !== undefined) toast(done, { label: t.jobs.resume, run: () => run(client.jobs.resume({ id: job.id })) });
    }, toastError);
  };
  const isRunning = job.state === 'active' || job.state === 'waiting';
  const isCollection = job.kind === 'crawl' || job.kind === 'import';
  const canRetry = job.state === 'failed' || job.state === 'cancelled' || (isCollection && job.counts.failed > 0);
  return (
    <>
      {isRunning && (
        <Button disabled={isLost} onClick={() => run(client.jobs.pause({ id: job.id }), t.jobs.paused(title))}>
          <Pause size={14} aria-hidden /> {t.jobs.pause}
        </Button>
      )}
      {job.state === 'paused' && (
        <Button variant="primary" disabled={isLost} onClick={() => run(client.jobs.resume({ id: job.id }))}>
          <Play size={14} aria-hidden /> {t.jobs.resume}
        </Button>
      )}
      {(isRunning || job.state === 'paused') && (
        <Button disabled={isLost} onClick={() => setAsking(true)}>
          <Square size={14} aria-hidden /> {t.jobs.cancel}
        </Button>
      )}
      {!isRunning && job.state !== 'paused' && canRetry && (
        <Button disabled={isLost} onClick={() => run(client.jobs.retry({ id: job.id }))}>
          <RotateCcw size={14} aria-hidden /> {t.jobs.retryAll}
        </Button>
      )}
      <ConfirmDialog
        title={t.jobs.cancelTitle}
        text={t.jobs.cancelText}
        action={t.jobs.cancel}
        open={isAsking}
        onOpenChange={setAsking}
        onConfirm={() => run(client.jobs.cancel({ id: job.id }))}
      />
    </>
  );
}
