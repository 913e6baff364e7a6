import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { api } from '../../api/query.ts';
import { t } from '../../messages/index.ts';
import { useLive } from '../../stores/live.ts';
import { StatusMark } from '../../ui/status-mark.tsx';
import { Thumbnail } from '../../ui/thumbnail.tsx';

interface FilmstripProps {
  readonly datasetId: number;
  readonly jobId: number;
  readonly count: number;
}

/** The newest images of a job, as they come. */
export function Filmstrip({ datasetId, jobId, count }: FilmstripProps) {
  const changes = useLive((state) => state.sampleChanges[datasetId] ?? 0);
  const { data, refetch } = useQuery(
    api.samples.browse.queryOptions({
      input: { filter: { datasetId, jobId }, sort: { by: 'added', direction: 'descending' }, limit: count },
    }),
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: each change of samples is a reason to look again
  useEffect(() => {
    void refetch();
  }, [changes, refetch]);
  if (data?.items.length === 0) return <p className="text-ink-quiet">{t.crawls.newestEmpty}</p>;
  return (
    <div className="filmstrip">
      {data?.items.map((sample) => (
        <span key={sample.id} className="filmstrip-item" title={t.samples.tileLabel(sample)}>
          <Thumbnail sha256={sample.sha256} dominantColour={sample.dominantColour} alt={t.samples.tileLabel(sample)} />
          {sample.status !== 'accepted' && (
            <span className="filmstrip-mark">
              <StatusMark status={sample.status} />
            </span>
          )}
        </span>
      ))}
    </div>
  );
}
