import './review.css';
import { useQuery } from '@tanstack/react-query';
import { CircleCheck } from 'lucide-react';
import { useCallback } from 'react';
import { useLocation, useSearch } from 'wouter';
import { api } from '../../api/query.ts';
import { formatCount } from '../../messages/format.ts';
import { t } from '../../messages/index.ts';
import { Button } from '../../ui/button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { ErrorState } from '../../ui/error-state.tsx';
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
  const facets = useQuery(
    api.samples.facets.queryOptions({ input: { filter: { datasetId, statuses: ['quarantined'] } } }),
  );
  useSampleChanges(datasetId, () => undefined);
  const groups = useQuery(api.duplicates.list.queryOptions({ input: { datasetId, limit: 1 } }));
  const reasons = facets.data?.facets.reason.filter(({ count }) => count > 0) ?? [];
  const quarantined = facets.data?.count ?? 0;
  const groupTotal = groups.data?.total ?? 0;
  const queue = queueOf(search, quarantined === 0 && groupTotal > 0);

  const go = useCallback((to: string) => navigate(to === '' ? path : `${path}?${to}`), [navigate, path]);
  const goReason = (reason: string | null) => go(reason === null ? '' : new URLSearchParams({ reason }).toString());
  /** The queue after this one, where there is another. */
  const next = () => {
    const names = [...reasons.map(({ value }) => value), ...(groupTotal > 0 ? ['groups'] : [])];
    const here = queue.kind === 'reason' && queue.reason !== null ? names.indexOf(queue.reason) : -1;
    const to = names[here + 1];
    if (to === 'groups') go('queue=groups');
    else goReason(to ?? null);
  };

  if (facets.isError && !facets.data) {
    return <ErrorState title={t.duplicates.loadFailed} error={facets.error} onRetry={() => void facets.refetch()} />;
  }
  return (
    <div className="review">
      <nav className="review-queues" aria-label={t.duplicates.queues}>
        <h2>{t.duplicates.quarantined}</h2>
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
        <QueueButton
          name={t.duplicates.allGroups}
          count={groupTotal}
          current={queue.kind === 'groups'}
          onChoose={() => go('queue=groups')}
        />
      </nav>
      <div className="review-work">
        {!facets.data || !groups.data ? (
          <div className="review-loading" aria-busy />
        ) : queue.kind === 'groups' ? (
          <GroupReview datasetId={datasetId} total={groupTotal} groupId={queue.groupId} />
        ) : quarantined === 0 ? (
          <EmptyState icon={CircleCheck} title={t.duplicates.nothingTitle} text={t.duplicates.nothingText}>
            <Button onClick={() => navigate(`/datasets/${datasetId}/browse`)}>{t.duplicates.toBrowse}</Button>
          </EmptyState>
        ) : (
          <ReasonReview key={queue.reason} datasetId={datasetId} reason={queue.reason} onNextQueue={next} />
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

function queueOf(searchText: string, groupsFirst: boolean): Queue {
  const search = new URLSearchParams(searchText);
  const groupId = Number(search.get('group') ?? Number.NaN);
  if (Number.isSafeInteger(groupId) && groupId > 0) return { kind: 'groups', groupId };
  const reason = search.get('reason');
  if (search.get('queue') === 'groups' || (groupsFirst && reason === null)) return { kind: 'groups', groupId: null };
  return { kind: 'reason', reason };
}
