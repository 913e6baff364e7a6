import './jobs.css';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Activity } from 'lucide-react';
import { Link, useSearchParams } from 'wouter';
import { api } from '../../api/query.ts';
import { Screen } from '../../app/screen.tsx';
import { t } from '../../messages/index.ts';
import { useStatusText } from '../../stores/status.ts';
import { Button } from '../../ui/button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { ErrorState } from '../../ui/error-state.tsx';
import { GhostRows } from '../../ui/ghost-rows.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { HoldNotices } from './hold-notices.tsx';
import { JobRow } from './job-row.tsx';
import { isShown, SHOWN_STATES, type Shown } from './shown-jobs.ts';

const PAGE = 50;

/** Whatever takes a while, newest first. */
export default function JobsScreen() {
  const [parameters, setParameters] = useSearchParams();
  const asked = parameters.get('show');
  const shown: Shown = isShown(asked) ? asked : 'all';
  const states = SHOWN_STATES[shown];
  const query = useInfiniteQuery(
    api.jobs.list.infiniteOptions({
      input: (after: number) => ({ after, limit: PAGE, ...(states === null ? {} : { states: [...states] }) }),
      initialPageParam: 0,
      getNextPageParam: (page) => page.next ?? undefined,
    }),
  );
  const jobs = query.data?.pages.flatMap((page) => page.items);
  useStatusText(jobs === undefined ? '' : t.jobs.shown(jobs.length, query.hasNextPage));
  return (
    <Screen
      title={t.jobs.list}
      actions={
        <Segmented
          label={t.jobs.filter}
          value={shown}
          onValueChange={(value) => setParameters(value === 'all' ? {} : { show: value }, { replace: true })}
          options={[
            { value: 'all', label: t.jobs.all },
            { value: 'unfinished', label: t.jobs.unfinished },
            { value: 'ended', label: t.jobs.ended },
          ]}
        />
      }
    >
      <HoldNotices />
      {jobs === undefined && query.isError && (
        <ErrorState title={t.jobs.loadFailed} error={query.error} onRetry={() => void query.refetch()} />
      )}
      {jobs === undefined && !query.isError && (
        <div className="page grid gap-2">
          {[1, 2, 3, 4].map((each) => (
            <Skeleton key={each} heightPx={60} />
          ))}
        </div>
      )}
      {jobs?.length === 0 && shown === 'all' && (
        <div className="page">
          <GhostRows count={3} />
        </div>
      )}
      {jobs?.length === 0 && (
        <EmptyState
          icon={Activity}
          title={shown === 'all' ? t.jobs.empty : t.jobs.noneShown[shown]}
          text={t.jobs.emptyText}
        >
          <Link href="/" className="button" data-variant={shown === 'all' ? 'primary' : 'plain'}>
            {t.shell.toLibrary}
          </Link>
        </EmptyState>
      )}
      {jobs !== undefined && jobs.length > 0 && (
        <div className="page">
          <ul className="job-list" aria-label={t.jobs.list}>
            {jobs.map((job) => (
              <JobRow key={job.id} job={job} />
            ))}
          </ul>
          {query.hasNextPage && (
            <div className="mt-4 text-center">
              <Button disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
                {t.jobs.showMore}
              </Button>
            </div>
          )}
        </div>
      )}
    </Screen>
  );
}
