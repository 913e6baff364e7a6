import { useQuery } from '@tanstack/react-query';
import { useId, useMemo } from 'react';
import type { Job } from '../../../shared/contract/jobs.ts';
import { api } from '../../api/query.ts';
import { formatRateNumber } from '../../messages/format.ts';
import { t } from '../../messages/index.ts';
import { Sparkline } from '../../ui/chart.tsx';
import { throughputSeries } from '../crawls/throughput-series.ts';

const LOOK_AGAIN_MS = 2_000;
/** Fewer points make no line. */
const LEAST_POINTS = 3;

/** How fast images arrived in the last ten minutes that the job ran. */
export default function JobThroughput({ job }: { readonly job: Job }) {
  const id = useId();
  const isActive = job.state === 'active';
  const { data } = useQuery({
    ...api.jobs.throughput.queryOptions({ input: { id: job.id } }),
    refetchInterval: isActive ? LOOK_AGAIN_MS : false,
  });
  const series = useMemo(() => throughputSeries(data ?? []), [data]);
  if (series.times.length < LEAST_POINTS) return null;
  return (
    <section className="part" aria-labelledby={id}>
      <h2 id={id}>{t.jobs.throughput}</h2>
      <p className="hint">{t.jobs.throughputHint}</p>
      <Sparkline label={t.jobs.throughput} times={series.times} values={series.values} format={formatRateNumber} />
    </section>
  );
}
