import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo, useRef } from 'react';
import { api } from '../../api/query.ts';
import { useLive } from '../../stores/live.ts';
import { COUNTS, seldom } from '../../stores/seldom.ts';

/** Runs when samples of a dataset changed, and after a time without a connection; reads their counts again, too. */
export function useSampleChanges(datasetId: number, onChange: () => void): void {
  const changes = useLive((state) => state.sampleChanges[datasetId] ?? 0);
  const connected = useLive((state) => state.connection !== 'lost');
  const queries = useQueryClient();
  const counts = useMemo(
    () =>
      seldom(() => {
        for (const key of [api.samples.facets.key(), api.samples.histogram.key(), api.samples.details.key()]) {
          void queries.invalidateQueries({ queryKey: key });
        }
      }, COUNTS),
    [queries],
  );
  const latest = useRef(onChange);
  latest.current = onChange;
  const seen = useRef({ changes, connected });
  useEffect(() => {
    const before = seen.current;
    seen.current = { changes, connected };
    if (before.changes === changes && !(connected && !before.connected)) return;
    latest.current();
    counts.ask();
  }, [changes, connected, counts]);
  useEffect(() => counts.cancel, [counts]);
}
