import { useInfiniteQuery } from '@tanstack/react-query';
import { ChevronRight } from 'lucide-react';
import { useId, useState } from 'react';
import { Link } from 'wouter';
import type { Job } from '../../../shared/contract/jobs.ts';
import { api } from '../../api/query.ts';
import { formatCount } from '../../messages/format.ts';
import { t } from '../../messages/index.ts';
import { useOffline } from '../../stores/live.ts';
import { Button } from '../../ui/button.tsx';
import { ErrorState } from '../../ui/error-state.tsx';
import { retryJob } from './job-control.ts';
import { groupedReasons, type ReasonCount, type ReasonGroup } from './job-words.ts';

const PAGE = 50;

const GROUPS = [
  { group: 'failed', title: t.jobs.failedTitle, hint: t.jobs.failedHint },
  { group: 'refused', title: t.jobs.refusedTitle, hint: t.jobs.refusedHint },
  { group: 'quarantined', title: t.jobs.quarantinedTitle, hint: t.jobs.quarantinedHint },
] as const satisfies readonly { readonly group: ReasonGroup; readonly title: string; readonly hint: string }[];

/** What was not accepted by reason, with the addresses behind each; failures can be tried again. */
export function JobProblems({ job }: { readonly job: Job }) {
  const groups = groupedReasons(job.reasons);
  const id = useId();
  const most = Math.max(1, ...Object.values(job.reasons));
  if (Object.keys(job.reasons).length === 0) return null;
  return (
    <section className="part" aria-labelledby={id}>
      <h2 id={id}>{t.jobs.problems}</h2>
      {GROUPS.filter(({ group }) => groups[group].length > 0).map(({ group, title, hint }) => (
        <div key={group} className="reason-group">
          <h3>
            {title} <span className="hint">{hint}</span>
          </h3>
          <ul className="reason-list">
            {groups[group].map((each) => (
              <Reason key={each.reason} job={job} group={group} each={each} most={most} />
            ))}
          </ul>
        </div>
      ))}
    </section>
  );
}

interface ReasonProps {
  readonly job: Job;
  readonly group: ReasonGroup;
  readonly each: ReasonCount;
  /** The largest count of all, for the bar. */
  readonly most: number;
}

function Reason({ job, group, each: { reason, count }, most }: ReasonProps) {
  const [isOpen, setOpen] = useState(false);
  const isOffline = useOffline();
  const isResting = job.state !== 'active' && job.state !== 'waiting';
  const name = t.jobs.reason(reason);
  const hint = t.jobs.reasonHint(reason);
  return (
    <li>
      <div className="reason-row">
        {group === 'quarantined' ? (
          <span className="reason-name">{name}</span>
        ) : (
          <button
            type="button"
            className="reason-name reason-toggle"
            aria-expanded={isOpen}
            onClick={() => setOpen(!isOpen)}
          >
            <ChevronRight size={14} aria-hidden />
            {name}
          </button>
        )}
        <span className="bars-track" aria-hidden>
          <span className="bars-bar block" style={{ width: `${(100 * count) / most}%` }} />
        </span>
        <span className="numeric reason-count">{formatCount(count)}</span>
        <span className="reason-action">
          {group === 'failed' && isResting && (
            <Button size="small" disabled={isOffline} onClick={() => void retryJob(job, reason)}>
              {t.jobs.retryOnly}
            </Button>
          )}
          {group === 'quarantined' && (
            <Link
              href={`/datasets/${job.datasetId}/review?${new URLSearchParams({ job: String(job.id), reason })}`}
              className="button"
              data-variant="plain"
              data-size="small"
            >
              {t.jobs.reviewThem}
            </Link>
          )}
        </span>
      </div>
      {hint !== null && <p className="hint reason-hint">{hint}</p>}
      {isOpen && group !== 'quarantined' && <Addresses jobId={job.id} reason={reason} state={group} />}
    </li>
  );
}

interface AddressesProps {
  readonly jobId: number;
  readonly reason: string;
  readonly state: 'failed' | 'refused';
}

/** The addresses behind a reason, a page at a time. */
export function Addresses({ jobId, reason, state }: AddressesProps) {
  const query = useInfiniteQuery(
    api.jobs.failures.infiniteOptions({
      input: (after: number) => ({ id: jobId, state, reason, after, limit: PAGE }),
      initialPageParam: 0,
      getNextPageParam: (page) => page.next ?? undefined,
    }),
  );
  const items = query.data?.pages.flatMap((page) => page.items) ?? [];
  if (query.isError) {
    return <ErrorState title={t.jobs.addressesFailed} error={query.error} onRetry={() => void query.refetch()} />;
  }
  return (
    <div className="addresses">
      {query.isPending && <p className="hint">{t.ui.loading}</p>}
      {items.length === 0 && !query.isPending && <p className="hint">{t.jobs.noAddresses}</p>}
      <ul>
        {items.map(({ id, url, detail, attempts }) => (
          <li key={id}>
            {url}
            {(detail !== null || attempts > 1) && (
              <span className="hint block">
                {[detail, attempts > 1 ? t.jobs.attempts(attempts) : null].filter((part) => part !== null).join(' · ')}
              </span>
            )}
          </li>
        ))}
      </ul>
      {query.hasNextPage && (
        <Button size="small" disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          {t.jobs.showMore}
        </Button>
      )}
    </div>
  );
}
