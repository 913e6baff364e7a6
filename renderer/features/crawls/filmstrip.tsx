import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { Link } from 'wouter';
import { api } from '../../api/query.ts';
import { t } from '../../messages/index.ts';
import { useLive } from '../../stores/live.ts';
import { StatusMark } from '../../ui/status-mark.tsx';
import { Thumbnail } from '../../ui/thumbnail.tsx';
import { useSlowly } from '../../ui/use-slowly.ts';

/** Events come up to four times a second; nobody sees that many thumbnails. */
const LOOK_AGAIN_MS = 1_000;

interface FilmstripProps {
  readonly datasetId: number;
  readonly jobId: number;
  readonly count: number;
  readonly isRunning: boolean;
  /** Where a click leads; nowhere by default. */
  readonly href?: string;
}

/** The newest images of a job, as they come. Its place is kept from the start, so that nothing below it jumps. */
export function Filmstrip({ datasetId, jobId, count, isRunning, href }: FilmstripProps) {
  const changes = useSlowly(
    useLive((state) => state.sampleChanges[datasetId] ?? 0),
    LOOK_AGAIN_MS,
  );
  const { data, refetch } = useQuery(
    api.samples.browse.queryOptions({
      input: { filter: { datasetId, jobId }, sort: { by: 'added', direction: 'descending' }, limit: count },
    }),
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: each change of samples and the end are reasons to look again
  useEffect(() => {
    void refetch();
  }, [changes, isRunning, refetch]);
  const items = data?.items ?? [];
  const isEmpty = data !== undefined && items.length === 0;
  if (isEmpty && !isRunning) return <p className="hint">{t.crawls.newestNone}</p>;
  return (
    <div className="filmstrip-frame">
      {isEmpty && <p className="filmstrip-hint">{t.crawls.newestEmpty}</p>}
      <ul className="filmstrip">
        {items.map((sample) => {
          const name = t.samples.tileLabel(sample);
          const image = (
            <>
              <Thumbnail sha256={sample.sha256} dominantColour={sample.dominantColour} alt={name} />
              {sample.status !== 'accepted' && (
                <span className="filmstrip-mark">
                  <StatusMark status={sample.status} />
                </span>
              )}
            </>
          );
          return (
            <li key={sample.id} className="filmstrip-item" title={name}>
              {href === undefined ? image : <Link href={href}>{image}</Link>}
            </li>
          );
        })}
        {isRunning &&
          Array.from({ length: Math.max(0, count - items.length) }, (_, place) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: empty places are all alike
            <li key={place} className="filmstrip-item filmstrip-place" aria-hidden />
          ))}
      </ul>
    </div>
  );
}
