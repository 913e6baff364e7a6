import { useQuery } from '@tanstack/react-query';
import { useEffect, useId } from 'react';
import { Link } from 'wouter';
import type { Dataset } from '../../../shared/contract/datasets.ts';
import type { Job } from '../../../shared/contract/jobs.ts';
import { api, queryClient } from '../../api/query.ts';
import { formatDuration, formatPercent } from '../../messages/format.ts';
import { t } from '../../messages/index.ts';
import { isUnfinished } from '../../stores/live.ts';
import { loadedLater } from '../../ui/loaded-later.tsx';
import { Progress } from '../../ui/progress.tsx';
import { JobActions } from '../jobs/job-actions.tsx';
import { JobCounters } from '../jobs/job-counters.tsx';
import { JobProblems } from '../jobs/job-problems.tsx';
import { JobStateBadge } from '../jobs/job-state.tsx';
import { imagesPerSecond } from '../jobs/job-words.ts';
import { useSampleChanges } from '../samples/use-sample-changes.ts';
import { CoverageBoard } from './coverage-board.tsx';
import { Filmstrip } from './filmstrip.tsx';
import { SiteBoard } from './site-board.tsx';

const JobThroughput = loadedLater(() => import('../jobs/job-throughput.tsx'), { isOptional: true });

const NEWEST = 20;

interface RunningProps {
  readonly dataset: Dataset;
  readonly job: Job;
  /** Puts what it was asked for into the form; null where the form cannot say it. */
  readonly onAgain: (() => void) | null;
}

/** A collection while it runs, or as it ended. */
export function Running({ dataset, job, onAgain }: RunningProps) {
  const { id, state } = job;
  const newestId = useId();
  const isOver = !isUnfinished(job);
  const browseHref = `/datasets/${dataset.id}/browse?${new URLSearchParams({ job: String(id), sort: '-added' })}`;

  // Reads what no event brings once more when the job comes to rest or goes on.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the state is what it waits for
  useEffect(() => {
    for (const part of [api.jobs.failures, api.jobs.throughput, api.jobs.sites]) {
      void queryClient.invalidateQueries({ queryKey: part.key() });
    }
  }, [id, state]);

  return (
    <section aria-label={t.jobs.titleOf(job)}>
      <RunHead job={job} />
      {job.error !== null && (
        <p className="notice my-4" role="alert" data-tone={state === 'failed' ? 'error' : undefined}>
          {t.jobs.errorOf(job.error)}
        </p>
      )}
      {isOver && <Ended dataset={dataset} job={job} browseHref={browseHref} onAgain={onAgain} />}
      <div className="mt-4">
        <JobCounters job={job} />
        {job.kind === 'crawl' && job.counts.pagesDiscovered > 0 && <p className="hint mt-2">{t.jobs.pages(job)}</p>}
      </div>
      <section className="part" aria-labelledby={newestId}>
        <h2 id={newestId}>{t.crawls.newest}</h2>
        <Filmstrip datasetId={job.datasetId} jobId={id} count={NEWEST} isRunning={!isOver} href={browseHref} />
      </section>
      <div className="run-grid">
        <JobThroughput job={job} />
        <CoverageBoard job={job} />
      </div>
      {job.kind === 'crawl' && state === 'active' && <SiteBoard jobId={id} />}
      <JobProblems job={job} />
      <p className="mt-4">
        <Link href={`/jobs/${id}`} className="text-accent-ink underline">
          {t.crawls.details}
        </Link>
      </p>
    </section>
  );
}

function RunHead({ job }: { readonly job: Job }) {
  const leftMs = job.remainingMs;
  const rate = imagesPerSecond(job);
  const facts = [
    formatPercent(job.progress),
    ...(job.durationMs === 0 ? [] : [formatDuration(job.durationMs)]),
    ...(rate === null ? [] : [t.jobs.rate(rate)]),
    ...(leftMs === null ? [] : [t.jobs.remaining(leftMs)]),
  ];
  return (
    <>
      <div className="job-head">
        <JobStateBadge state={job.state} />
        <span className="numeric text-ink-quiet">{facts.join(' · ')}</span>
        <span className="ml-auto flex gap-2">
          <JobActions job={job} />
        </span>
      </div>
      <Progress label={t.jobs.progress} value={job.progress} tone={job.state === 'active' ? 'accent' : 'quiet'} />
    </>
  );
}

interface EndedProps extends RunningProps {
  readonly browseHref: string;
}

/** What came, and what one would do next. */
function Ended({ dataset, job, browseHref, onAgain }: EndedProps) {
  const { accepted, quarantined, duplicates } = job.counts;
  // How many of this run still wait: some may have been decided on, and other runs have theirs.
  const facets = useQuery(
    api.samples.facets.queryOptions({
      input: { filter: { datasetId: dataset.id, statuses: ['quarantined'], jobId: job.id } },
    }),
  );
  useSampleChanges(dataset.id, () => undefined);
  const waiting = facets.data?.count ?? 0;
  return (
    <div className="run-ended">
      <p className="estimate-main" role="status">
        {t.crawls.came(accepted + quarantined, accepted, quarantined, duplicates)}
      </p>
      <nav className="flex flex-wrap gap-2" aria-label={t.crawls.next}>
        {waiting > 0 && (
          <Link href={`/datasets/${dataset.id}/review?job=${job.id}`} className="button" data-variant="primary">
            {t.crawls.reviewNext(waiting)}
          </Link>
        )}
        {accepted + quarantined > 0 && (
          <Link href={browseHref} className="button">
            {t.crawls.browseRun}
          </Link>
        )}
        {dataset.statusCounts.accepted > 0 && (
          <Link href={`/datasets/${dataset.id}/export`} className="button">
            {t.crawls.exportNext}
          </Link>
        )}
        {onAgain !== null && (
          <button type="button" className="button" data-variant="ghost" onClick={onAgain}>
            {t.crawls.again}
          </button>
        )}
      </nav>
    </div>
  );
}
