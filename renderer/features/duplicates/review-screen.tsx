import './review.css';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { CircleCheck, ImagePlus, SearchX } from 'lucide-react';
import { useCallback, useRef } from 'react';
import { useLocation, useSearch } from 'wouter';
import type { SampleFilter } from '../../../shared/contract/samples.ts';
import { api } from '../../api/query.ts';
import { useCommands } from '../../keyboard/commands.ts';
import { formatCount } from '../../messages/format.ts';
import { t } from '../../messages/index.ts';
import { Button } from '../../ui/button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { ErrorState } from '../../ui/error-state.tsx';
import { SearchField } from '../samples/search-field.tsx';
import { useSampleChanges } from '../samples/use-sample-changes.ts';
import { GroupReview } from './group-review.tsx';
import { ReasonReview } from './reason-review.tsx';

/** What is under review, as the address says it: one reason, all reasons, or the duplicate groups. */
type Queue =
  | { readonly kind: 'groups'; readonly groupId: number | null }
  | { readonly kind: 'reason'; readonly reason: string | null };

interface ReviewScreenProps {
  readonly datasetId: number;
}

/** What the rules found, for a person to decide: one image at a time, one group at a time. */
export default function ReviewScreen({ datasetId }: ReviewScreenProps) {
  const [path, navigate] = useLocation();
  const search = useSearch();
  const text = new URLSearchParams(search).get('q') ?? '';
  const jobId = jobOf(search);
  const field = useRef<HTMLInputElement>(null);
  const filter: SampleFilter = {
    datasetId,
    statuses: ['quarantined'],
    ...(text !== '' && { text }),
    ...(jobId !== null && { jobId }),
  };
  const facets = useQuery({
    ...api.samples.facets.queryOptions({ input: { filter } }),
    placeholderData: keepPreviousData,
  });
  useSampleChanges(datasetId, () => undefined);
  const groups = useQuery(api.duplicates.list.queryOptions({ input: { datasetId, limit: 1 } }));
  const dataset = useQuery(api.datasets.get.queryOptions({ input: { id: datasetId } }));
  const reasons = facets.data?.facets.reason.filter(({ count }) => count > 0) ?? [];
  const quarantined = facets.data?.count ?? 0;
  const groupTotal = groups.data?.total ?? 0;
  const queue = queueOf(search, quarantined === 0 && text === '' && jobId === null && groupTotal > 0);

  const go = useCallback(
    (to: Record<string, string>, replace = false) => {
      const next = new URLSearchParams(to).toString();
      navigate(next === '' ? path : `${path}?${next}`, { replace });
    },
    [navigate, path],
  );
  const words: Record<string, string> = text === '' ? {} : { q: text };
  const ofJob: Record<string, string> = jobId === null ? {} : { job: String(jobId) };
  const goReason = (reason: string | null) => go({ ...words, ...ofJob, ...(reason !== null && { reason }) });
  const goGroups = () => go({ ...words, ...ofJob, queue: 'groups' });
  const find = useCallback(
    (next: string) => {
      const before = new URLSearchParams(search);
      for (const name of ['q', 'queue', 'group']) before.delete(name);
      go({ ...(next.trim() !== '' && { q: next }), ...Object.fromEntries(before) }, true);
    },
    [go, search],
  );
  const screen = queue.kind === 'groups' ? 'groups' : 'review';
  useCommands(screen, [{ id: `${screen}.search`, run: () => field.current?.focus() }]);
  /** The queue after this one, where there is another. */
  const next = () => {
    const names = [...reasons.map(({ value }) => value), ...(groupTotal > 0 ? ['groups'] : [])];
    const here = queue.kind === 'reason' && queue.reason !== null ? names.indexOf(queue.reason) : -1;
    const to = names[here + 1];
    if (to === 'groups') goGroups();
    else goReason(to ?? null);
  };

  if (facets.isError && !facets.data) {
    return <ErrorState title={t.duplicates.loadFailed} error={facets.error} onRetry={() => void facets.refetch()} />;
  }
  return (
    <div className="review">
      <nav className="review-queues" aria-label={t.duplicates.queues}>
        <SearchField
          value={text}
          onValue={find}
          field={field}
          onLeave={() => document.getElementById('content')?.focus()}
        />
        <h2>{t.duplicates.quarantined}</h2>
        {jobId !== null && (
          <p className="review-job">
            {t.duplicates.ofJob(jobId)}
            <Button size="small" onClick={() => go(words)}>
              {t.duplicates.ofAll}
            </Button>
          </p>
        )}
        <QueueButton
          name={t.duplicates.everything}
          count={quarantined}
          current={queue.kind === 'reason' && queue.reason === null}
          onChoose={() => goReason(null)}
        />
        {reasons.map(({ value, count }) => (
          <QueueButton
            key={value}
            name={t.samples.reasonName(value)}
            count={count}
            current={queue.kind === 'reason' && queue.reason === value}
            onChoose={() => goReason(value)}
          />
        ))}
        <h2>{t.duplicates.groups}</h2>
        {jobId !== null && <p className="review-job">{t.duplicates.groupsOfAll}</p>}
        <QueueButton
          name={t.duplicates.allGroups}
          count={groupTotal}
          current={queue.kind === 'groups'}
          onChoose={goGroups}
        />
      </nav>
      <div className="review-work">
        {!facets.data || !groups.data ? (
          <div className="review-loading" aria-busy />
        ) : queue.kind === 'groups' ? (
          <GroupReview
            datasetId={datasetId}
            total={groupTotal}
            groupId={queue.groupId}
            scope={jobId === null ? null : t.duplicates.groupsOfAll}
          />
        ) : quarantined === 0 && text !== '' ? (
          <EmptyState icon={SearchX} title={t.duplicates.nothingFound} text={t.duplicates.nothingFoundText}>
            <Button onClick={() => find('')}>{t.samples.clearSearch}</Button>
          </EmptyState>
        ) : dataset.data?.sampleCount === 0 ? (
          <div className="review-empty">
            <div className="review-ghost" aria-hidden>
              <span className="ghost" />
              <span className="ghost-lines">
                <span />
                <span />
                <span />
                <span />
              </span>
            </div>
            <EmptyState icon={ImagePlus} title={t.samples.emptyTitle} text={t.duplicates.nothingText}>
              <Button variant="primary" onClick={() => navigate(`/datasets/${datasetId}/collect`)}>
                {t.samples.emptyAction}
              </Button>
            </EmptyState>
          </div>
        ) : quarantined === 0 ? (
          <EmptyState
            icon={CircleCheck}
            title={jobId === null ? t.duplicates.nothingTitle : t.duplicates.nothingOfJob(jobId)}
            text={t.duplicates.nothingText}
          >
            <Button onClick={() => navigate(`/datasets/${datasetId}/browse`)}>{t.duplicates.toBrowse}</Button>
          </EmptyState>
        ) : (
          <ReasonReview
            key={`${queue.reason} ${jobId} ${text}`}
            filter={queue.reason === null ? filter : { ...filter, reasons: [queue.reason] }}
            onNextQueue={next}
          />
        )}
      </div>
    </div>
  );
}

function QueueButton(props: {
  readonly name: string;
  readonly count: number;
  readonly current: boolean;
  readonly onChoose: () => void;
}) {
  return (
    <button
      type="button"
      className="review-queue"
      aria-current={props.current ? 'page' : undefined}
      onClick={props.onChoose}
    >
      <span className="truncate">{props.name}</span>
      <span className="review-count">{formatCount(props.count)}</span>
    </button>
  );
}

/** The job whose samples alone are reviewed; null for all. */
function jobOf(searchText: string): number | null {
  const jobId = Number(new URLSearchParams(searchText).get('job') ?? Number.NaN);
  return Number.isSafeInteger(jobId) && jobId > 0 ? jobId : null;
}

function queueOf(searchText: string, groupsFirst: boolean): Queue {
  const search = new URLSearchParams(searchText);
  const groupId = Number(search.get('group') ?? Number.NaN);
  if (Number.isSafeInteger(groupId) && groupId > 0) return { kind: 'groups', groupId };
  const reason = search.get('reason');
  if (search.get('queue') === 'groups' || (groupsFirst && reason === null)) return { kind: 'groups', groupId: null };
  return { kind: 'reason', reason };
}
