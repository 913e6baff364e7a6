import { Pause, Play, RotateCcw, X } from 'lucide-react';
import { Link } from 'wouter';
import type { Job } from '../../../shared/contract/jobs.ts';
import { formatAgo, formatDateTime, formatDuration, formatPercent } from '../../messages/format.ts';
import { t } from '../../messages/index.ts';
import { isUnfinished, useOffline } from '../../stores/live.ts';
import { IconButton } from '../../ui/icon-button.tsx';
import { Progress } from '../../ui/progress.tsx';
import { cancelJob, pauseJob, resumeJob, retryJob } from './job-control.ts';
import { JOB_ICONS, JobStateBadge } from './job-state.tsx';
import { isRetryable } from './job-words.ts';
import { useLatestJob } from './use-job.ts';

/** One job in the list: what it is, how far it is, what came of it, what can be done. */
export function JobRow({ job: read }: { readonly job: Job }) {
  const job = useLatestJob(read);
  const Icon = JOB_ICONS[job.kind];
  const remaining = job.remainingMs;
  const at = job.finishedAt ?? job.startedAt ?? job.createdAt;
  const title = t.jobs.titleOf(job);
  return (
    <li className="job-row">
      <Icon size={16} aria-hidden className="job-row-icon" />
      <div className="job-row-main">
        <Link href={`/jobs/${job.id}`} className="job-row-title" title={title}>
          {title}
        </Link>
        <span className="job-row-facts">{job.error === null ? t.jobs.outcome(job) : t.jobs.errorOf(job.error)}</span>
      </div>
      <div className="job-row-state">
        <JobStateBadge state={job.state} />
        {isUnfinished(job) ? (
          <>
            <Progress label={title} value={job.progress} thin tone={job.state === 'active' ? 'accent' : 'quiet'} />
            <span className="job-row-facts">
              {formatPercent(job.progress)}
              {job.phase !== null && `, ${t.jobs.phases[job.phase]}`}
              {remaining !== null && `, ${t.jobs.remaining(remaining)}`}
            </span>
          </>
        ) : (
          <span className="job-row-facts">
            <time dateTime={new Date(at).toISOString()} title={formatDateTime(at)}>
              {formatAgo(at)}
            </time>
            {` · ${t.jobs.tookFor(formatDuration(job.durationMs))}`}
          </span>
        )}
      </div>
      <RowActions job={job} />
    </li>
  );
}

function RowActions({ job }: { readonly job: Job }) {
  const isOffline = useOffline();
  const title = t.jobs.titleOf(job);
  const isRunning = job.state === 'active' || job.state === 'waiting';
  return (
    <div className="job-row-actions">
      {isRunning && (
        <IconButton
          label={t.jobs.of(t.jobs.pause, title)}
          icon={Pause}
          disabled={isOffline}
          onClick={() => void pauseJob(job)}
        />
      )}
      {job.state === 'paused' && (
        <IconButton
          label={t.jobs.of(t.jobs.resume, title)}
          icon={Play}
          disabled={isOffline}
          onClick={() => void resumeJob(job)}
        />
      )}
      {isRetryable(job) && (
        <IconButton
          label={t.jobs.of(t.jobs.retry(job), title)}
          icon={RotateCcw}
          disabled={isOffline}
          onClick={() => void retryJob(job)}
        />
      )}
      {isUnfinished(job) && (
        <IconButton
          label={t.jobs.of(t.jobs.cancel, title)}
          icon={X}
          disabled={isOffline}
          onClick={() => void cancelJob(job)}
        />
      )}
    </div>
  );
}
