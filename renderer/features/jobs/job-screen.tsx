import './jobs.css';
import '../crawls/crawls.css';
import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { Link } from 'wouter';
import type { Job } from '../../../shared/contract/jobs.ts';
import { api, queryClient } from '../../api/query.ts';
import { Screen } from '../../app/screen.tsx';
import { formatDateTime, formatPercent } from '../../messages/format.ts';
import { t } from '../../messages/index.ts';
import { ErrorState } from '../../ui/error-state.tsx';
import { loadedLater } from '../../ui/loaded-later.tsx';
import { Progress } from '../../ui/progress.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { SiteBoard } from '../crawls/site-board.tsx';
import { readExportDraft } from '../exports/export-draft.ts';
import { useExports } from '../exports/export-store.ts';
import { HoldNotices } from './hold-notices.tsx';
import { JobActions } from './job-actions.tsx';
import { JobCounters } from './job-counters.tsx';
import { JobRequest, JobResult } from './job-facts.tsx';
import { JobLog } from './job-log.tsx';
import { JobProblems } from './job-problems.tsx';
import { JobStateBadge } from './job-state.tsx';
import { imagesPerSecond, mustBeChanged } from './job-words.ts';
import { useLatestJob } from './use-job.ts';

const JobThroughput = loadedLater(() => import('./job-throughput.tsx'), { isOptional: true });

/** One job: how far it is, what came, what went wrong, what was noted. */
export default function JobScreen({ jobId }: { readonly jobId: number }) {
  const query = useQuery(api.jobs.get.queryOptions({ input: { id: jobId } }));
  const job = useLatestJob(query.data);
  return (
    <Screen
      title={job === undefined ? t.jobs.numbered(jobId) : t.jobs.titleOf(job)}
      trail={[{ title: t.shell.jobs, href: '/jobs' }]}
      actions={
        job !== undefined && (
          <>
            {mustBeChanged(job) && <ChangeExport job={job} />}
            <JobActions job={job} />
          </>
        )
      }
    >
      {job !== undefined && <JobDetails job={job} />}
      {job === undefined && query.isError && (
        <ErrorState title={t.jobs.jobFailed} error={query.error} onRetry={() => void query.refetch()} />
      )}
      {job === undefined && !query.isError && (
        <div className="page grid gap-4">
          <Skeleton heightPx={28} />
          <Skeleton heightPx={64} />
          <Skeleton heightPx={160} />
        </div>
      )}
    </Screen>
  );
}

/** Leads to the form of exports, which has then what this one was asked, and a name that nothing of the dataset has. */
function ChangeExport({ job: { datasetId, parameters } }: { readonly job: Job }) {
  const asked = readExportDraft(parameters);
  return (
    <Link
      href={`/datasets/${datasetId}/export`}
      className="button"
      data-variant="primary"
      onClick={() => useExports.getState().change(datasetId, asked)}
    >
      {t.jobs.changeExport}
    </Link>
  );
}

function JobDetails({ job }: { readonly job: Job }) {
  const isCollection = job.kind === 'crawl' || job.kind === 'import';
  const { id, state } = job;

  // Reads what no event brings once more when the job comes to rest or goes on.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the state is what it waits for
  useEffect(() => {
    for (const part of [api.jobs.log, api.jobs.failures, api.jobs.throughput, api.jobs.sites]) {
      void queryClient.invalidateQueries({ queryKey: part.key() });
    }
  }, [id, state]);

  return (
    <div className="page">
      {state === 'waiting' && <HoldNotices />}
      <JobProgress job={job} />
      {job.error !== null && (
        <p className="notice mb-6" role="alert" data-tone={state === 'failed' ? 'error' : undefined}>
          {t.jobs.errorOf(job.error)}
        </p>
      )}
      {isCollection && <JobCounters job={job} />}
      {job.kind === 'crawl' && job.counts.pagesDiscovered > 0 && <p className="hint mt-2">{t.jobs.pages(job)}</p>}
      <JobResult job={job} />
      {isCollection && <JobThroughput job={job} />}
      <JobProblems job={job} />
      {job.kind === 'crawl' && state === 'active' && <SiteBoard jobId={id} />}
      <JobLog job={job} />
      <JobRequest job={job} />
    </div>
  );
}

function JobProgress({ job }: { readonly job: Job }) {
  const remaining = job.remainingMs;
  const rate = imagesPerSecond(job);
  const facts = [
    job.phase === null ? null : t.jobs.phases[job.phase],
    rate === null ? null : t.jobs.rate(rate),
    job.durationMs === 0 ? null : t.jobs.took(job.durationMs),
    remaining === null ? null : t.jobs.remaining(remaining),
  ].filter((fact) => fact !== null);
  return (
    <div className="job-progress">
      <div className="job-head">
        <JobStateBadge state={job.state} />
        <span className="hint numeric">
          {facts.join(' · ')}
          {job.startedAt !== null && (
            <time dateTime={new Date(job.startedAt).toISOString()} title={formatDateTime(job.startedAt)}>
              {facts.length > 0 && ' · '}
              {t.jobs.started(job.startedAt)}
            </time>
          )}
        </span>
        <Link
          href={`/datasets/${job.datasetId}/browse`}
          className="button ml-auto"
          data-variant="plain"
          data-size="small"
        >
          {t.jobs.showDataset}
        </Link>
      </div>
      {job.progress < 100 && (
        <div className="flex items-center gap-3">
          <div className="flex-1">
            <Progress label={t.jobs.progress} value={job.progress} tone={job.state === 'active' ? 'accent' : 'quiet'} />
          </div>
          <span className="numeric">{formatPercent(job.progress)}</span>
        </div>
      )}
    </div>
  );
}
