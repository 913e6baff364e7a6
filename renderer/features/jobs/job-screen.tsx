import './jobs.css';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import type { Job } from '../../../shared/contract/jobs.ts';
import { api } from '../../api/query.ts';
import { Screen } from '../../app/screen.tsx';
import { formatDateTime, formatDuration, formatPercent, formatRate } from '../../messages/format.ts';
import { t } from '../../messages/index.ts';
import { useLive } from '../../stores/live.ts';
import { ErrorState } from '../../ui/error-state.tsx';
import { Progress } from '../../ui/progress.tsx';
import { JobActions } from './job-actions.tsx';
import { JobCounters } from './job-counters.tsx';
import { JobProblems } from './job-problems.tsx';
import { JobStateBadge } from './job-state.tsx';
import { imagesPerSecond, remainingMs } from './job-words.ts';

/** The newest entries of a log that are shown. */
const LOG_ENTRIES = 500;
const LOG_EVERY_MS = 3_000;

/** One job: how far it is, what came, what went wrong, what was noted. */
export default function JobScreen({ jobId }: { readonly jobId: number }) {
  const query = useQuery(api.jobs.get.queryOptions({ input: { id: jobId } }));
  const live = useLive((state) => state.jobs[jobId]);
  const job = live ?? query.data;
  return (
    <Screen
      title={job === undefined ? '' : t.jobs.titleOf(job)}
      trail={[{ title: t.shell.jobs, href: '/jobs' }]}
      actions={job !== undefined && <JobActions job={job} />}
    >
      {job === undefined ? (
        query.isError && (
          <ErrorState title={t.jobs.jobFailed} error={query.error} onRetry={() => void query.refetch()} />
        )
      ) : (
        <JobDetails job={job} />
      )}
    </Screen>
  );
}

function JobDetails({ job }: { readonly job: Job }) {
  const isCollection = job.kind === 'crawl' || job.kind === 'import';
  const leftMs = remainingMs(job);
  const rate = imagesPerSecond(job);
  return (
    <div className="page">
      <div className="job-head">
        <JobStateBadge state={job.state} />
        <Link href={`/datasets/${job.datasetId}/browse`} className="button" data-variant="ghost" data-size="small">
          {t.jobs.showDataset}
        </Link>
        <span className="ml-auto text-ink-quiet numeric">
          {[
            job.startedAt === null ? null : `${t.jobs.started}: ${formatDateTime(job.startedAt)}`,
            `${t.jobs.took}: ${formatDuration(job.durationMs)}`,
            rate === null ? null : formatRate(rate, t.jobs.images),
            leftMs === null ? null : t.jobs.remaining(leftMs),
          ]
            .filter((part) => part !== null)
            .join(' · ')}
        </span>
      </div>
      <div className="mb-6 flex items-center gap-3">
        <div className="flex-1">
          <Progress label={t.jobs.progress} value={job.progress} tone={job.state === 'active' ? 'accent' : 'quiet'} />
        </div>
        <span className="numeric">{formatPercent(job.progress)}</span>
      </div>
      {job.error !== null && (
        <p className="notice mb-6" data-tone={job.state === 'failed' ? 'error' : undefined}>
          {t.jobs.error}: {job.error.message}
        </p>
      )}
      {isCollection && <JobCounters job={job} />}
      {job.kind === 'crawl' && (
        <p className="mt-2 text-12 text-ink-quiet">{t.jobs.pages(job.counts.pagesDone, job.counts.pagesDiscovered)}</p>
      )}
      <JobProblems job={job} />
      <JobLog job={job} />
    </div>
  );
}

function JobLog({ job }: { readonly job: Job }) {
  const { data } = useQuery({
    ...api.jobs.log.queryOptions({ input: { id: job.id, limit: LOG_ENTRIES } }),
    refetchInterval: job.state === 'active' ? LOG_EVERY_MS : false,
  });
  return (
    <section className="part" aria-labelledby="job-log">
      <h2 id="job-log">{t.jobs.log}</h2>
      {data?.items.length === 0 ? (
        <p className="text-ink-quiet">{t.jobs.logEmpty}</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
        <div className="log" tabIndex={0} role="log" aria-labelledby="job-log">
          {data?.items.map(({ id, at, level, message }) => (
            <div key={id} className="log-row" data-level={level}>
              <time className="numeric text-ink-quiet">{formatDateTime(at)}</time>
              <span>{message}</span>
            </div>
          ))}
        </div>
      )}
    </section>
  );
}
