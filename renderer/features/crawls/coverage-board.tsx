import { useQuery } from '@tanstack/react-query';
import { useEffect, useId, useMemo } from 'react';
import type { Job } from '../../../shared/contract/jobs.ts';
import { api } from '../../api/query.ts';
import { formatCount } from '../../messages/format.ts';
import { t } from '../../messages/index.ts';
import { type CoverageBar, coverageOf, wantedLabels } from './coverage.ts';

const LOOK_AGAIN_MS = 2_000;
const MOST_LABELS = 12;

/** What came by source and label, as small multiples of one scale. */
export function CoverageBoard({ job }: { readonly job: Job }) {
  const id = useId();
  const { data, refetch } = useQuery({
    ...api.jobs.coverage.queryOptions({ input: { id: job.id } }),
    refetchInterval: job.state === 'active' ? LOOK_AGAIN_MS : false,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: what came last is known when the state changes
  useEffect(() => {
    void refetch();
  }, [job.state, refetch]);
  const coverage = useMemo(
    () => coverageOf(data ?? [], MOST_LABELS, wantedLabels(job.parameters)),
    [data, job.parameters],
  );
  if (coverage.panels.length === 0) return null;
  const { panels, most, others } = coverage;
  return (
    <section className="part" aria-labelledby={id}>
      <h2 id={id}>{t.crawls.coverage}</h2>
      {panels.length > 1 && <p className="hint">{t.crawls.coverageHint}</p>}
      <div className="multiples">
        {panels.map(({ source, total, bars }) => (
          <figure key={source}>
            <figcaption>
              {t.samples.sourceName(source)} <span className="hint numeric">{formatCount(total)}</span>
            </figcaption>
            <ul>
              {bars.map((bar) => (
                <Bar key={bar.label ?? ''} bar={bar} most={most} />
              ))}
            </ul>
          </figure>
        ))}
      </div>
      {others.labels > 0 && <p className="hint">{t.crawls.coverageOthers(others.labels, others.images)}</p>}
    </section>
  );
}

const PARTS = ['accepted', 'quarantined', 'rejected'] as const;

function Bar({ bar, most }: { readonly bar: CoverageBar; readonly most: number }) {
  const name = bar.label ?? t.crawls.unlabelled;
  return (
    <li className="coverage-row" title={t.crawls.coverageBar(bar.accepted, bar.quarantined, bar.rejected)}>
      <span className="truncate" data-quiet={bar.label === null || undefined}>
        {name}
      </span>
      <span className="coverage-track" aria-hidden>
        {PARTS.map((part) => (
          <span
            key={part}
            className="coverage-part"
            data-status={part}
            style={{ width: `${(100 * bar[part]) / most}%` }}
          />
        ))}
      </span>
      <span className="numeric">
        {formatCount(bar.total)}
        <span className="sr-only">: {t.crawls.coverageBar(bar.accepted, bar.quarantined, bar.rejected)}</span>
      </span>
    </li>
  );
}
