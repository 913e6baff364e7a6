import { useInfiniteQuery } from '@tanstack/react-query';
import { useId } from 'react';
import type { Job } from '../../../shared/contract/jobs.ts';
import { api } from '../../api/query.ts';
import { formatDateTime, formatTime } from '../../messages/format.ts';
import { t } from '../../messages/index.ts';
import { Button } from '../../ui/button.tsx';
import { ErrorState } from '../../ui/error-state.tsx';

const PAGE = 200;
const LOOK_AGAIN_MS = 3_000;

/** What was noted on the way, the newest first, a page at a time. */
export function JobLog({ job }: { readonly job: Job }) {
  const headingId = useId();
  const query = useInfiniteQuery({
    ...api.jobs.log.infiniteOptions({
      input: (after: number) => ({ id: job.id, order: 'newest-first' as const, after, limit: PAGE }),
      initialPageParam: 0,
      getNextPageParam: (page) => page.next ?? undefined,
    }),
    refetchInterval: job.state === 'active' ? LOOK_AGAIN_MS : false,
  });
  const entries = query.data?.pages.flatMap((page) => page.items);
  return (
    <section className="part" aria-labelledby={headingId}>
      <h2 id={headingId}>{t.jobs.log}</h2>
      {entries === undefined && query.isError && (
        <ErrorState title={t.jobs.logFailed} error={query.error} onRetry={() => void query.refetch()} />
      )}
      {entries?.length === 0 && <p className="hint">{t.jobs.logEmpty}</p>}
      {entries !== undefined && entries.length > 0 && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
        <div className="log" tabIndex={0} role="log" aria-labelledby={headingId}>
          {entries.map(({ id, at, level, message }) => (
            <div key={id} className="log-row" data-level={level}>
              <time className="numeric" dateTime={new Date(at).toISOString()} title={formatDateTime(at)}>
                {formatTime(at)}
              </time>
              <span>{message}</span>
            </div>
          ))}
        </div>
      )}
      {query.hasNextPage && (
        <Button
          size="small"
          className="mt-2"
          disabled={query.isFetchingNextPage}
          onClick={() => void query.fetchNextPage()}
        >
          {t.jobs.logOlder}
        </Button>
      )}
    </section>
  );
}
