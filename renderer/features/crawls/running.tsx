import { useQuery } from '@tanstack/react-query';
import { useEffect, useMemo } from 'react';
import { Link } from 'wouter';
import type { CoverageRow, Job } from '../../../shared/contract/jobs.ts';
import { api } from '../../api/query.ts';
import { formatDuration, formatPercent, formatRate } from '../../messages/format.ts';
import { t } from '../../messages/index.ts';
import { Bars } from '../../ui/bars.tsx';
import { Sparkline } from '../../ui/chart.tsx';
import { Progress } from '../../ui/progress.tsx';
import { JobActions } from '../jobs/job-actions.tsx';
import { JobCounters } from '../jobs/job-counters.tsx';
import { JobProblems } from '../jobs/job-problems.tsx';
import { JobStateBadge } from '../jobs/job-state.tsx';
import { imagesPerSecond, remainingMs } from '../jobs/job-words.ts';
import { Filmstrip } from './filmstrip.tsx';
import { SiteBoard } from './site-board.tsx';
import { throughputSeries } from './throughput-series.ts';

const LOOK_AGAIN_MS = 2_000;
const NEWEST = 20;

/** A collection while it runs, or as it ended. */
export function Running({ job }: { readonly job: Job }) {
  const leftMs = remainingMs(job);
  const rate = imagesPerSecond(job);
  const isActive = job.state === 'active';
  return (
    <section aria-label={t.jobs.titleOf(job)}>
      <div className="job-head">
        <JobStateBadge state={job.state} />
        <span className="numeric text-ink-quiet">
          {[
            formatPercent(job.progress),
            formatDuration(job.durationMs),
            rate === null ? null : formatRate(rate, t.jobs.images),
            leftMs === null ? null : t.jobs.remaining(leftMs),
          ]
            .filter((part) => part !== null)
            .join(' · ')}
        </span>
        <span className="ml-auto flex gap-2">
          <JobActions job={job} />
        </span>
      </div>
      <Progress label={t.jobs.progress} value={job.progress} tone={isActive ? 'accent' : 'quiet'} />
      {job.error !== null && (
        <p className="notice mt-4" data-tone={job.state === 'failed' ? 'error' : undefined}>
          {job.error.message}
        </p>
      )}
      <div className="mt-4">
        <JobCounters job={job} />
      </div>
      <section className="part" aria-labelledby="newest">
        <h2 id="newest">{t.crawls.newest}</h2>
        <Filmstrip datasetId={job.datasetId} jobId={job.id} count={NEWEST} />
      </section>
      <div className="run-grid">
        <ThroughputPart job={job} />
        <CoveragePart job={job} />
      </div>
      {job.kind === 'crawl' && isActive && <SiteBoard jobId={job.id} />}
      <JobProblems job={job} />
      <p className="mt-4">
        <Link href={`/jobs/${job.id}`} className="text-accent-ink underline">
          {t.crawls.details}
        </Link>
      </p>
    </section>
  );
}

function ThroughputPart({ job }: { readonly job: Job }) {
  const isActive = job.state === 'active';
  const { data } = useQuery({
    ...api.jobs.throughput.queryOptions({ input: { id: job.id } }),
    refetchInterval: isActive ? LOOK_AGAIN_MS : false,
  });
  const series = useMemo(() => throughputSeries(data ?? [], isActive ? Date.now() : null), [data, isActive]);
  if (series.times.length < 2) return null;
  return (
    <section className="part" aria-labelledby="throughput">
      <h2 id="throughput">{t.crawls.throughput}</h2>
      <Sparkline
        label={t.crawls.throughput}
        times={series.times}
        values={series.values}
        format={(value) => formatRate(value, '')}
      />
    </section>
  );
}

function CoveragePart({ job }: { readonly job: Job }) {
  const { data, refetch } = useQuery({
    ...api.jobs.coverage.queryOptions({ input: { id: job.id } }),
    refetchInterval: job.state === 'active' ? LOOK_AGAIN_MS : false,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: what came last is known when the state changes
  useEffect(() => {
    void refetch();
  }, [job.state, refetch]);
  if (data === undefined || data.length === 0) return null;
  const sources = Map.groupBy(data, ({ source }) => source);
  return (
    <section className="part" aria-labelledby="coverage">
      <h2 id="coverage">{t.crawls.coverage}</h2>
      <div className="multiples">
        {[...sources].map(([source, rows]) => (
          <div key={source}>
            <h3>{t.samples.sourceName(source)}</h3>
            <Bars rows={rows.map(barOf)} />
          </div>
        ))}
      </div>
    </section>
  );
}

function barOf({ label, accepted, quarantined, rejected }: CoverageRow) {
  return { key: label ?? '', label: label ?? t.crawls.unlabelled, count: accepted + quarantined + rejected };
}
