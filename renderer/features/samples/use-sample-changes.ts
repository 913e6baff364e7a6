import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { api } from '../../api/query.ts';
import { useLive } from '../../stores/live.ts';

/** Counts are read again at most so often while samples arrive. */
const EVERY_MS = 1_500;
/** A single change, such as a decision, shows in the counts as soon as this. */
const SOON_MS = 150;

/** Runs when samples of a dataset changed, and after a time without a connection; reads their counts again, too. */
export function useSampleChanges(datasetId: number, onChange: () => void): void {
  const changes = useLive((state) => state.sampleChanges[datasetId] ?? 0);
  const connected = useLive((state) => state.connection !== 'lost');
  const queries = useQueryClient();
  const timer = useRef(0);
  const readAt = useRef(Number.NEGATIVE_INFINITY);
  const latest = useRef(onChange);
  latest.current = onChange;
  const seen = useRef({ changes, connected });
  useEffect(() => {
    const before = seen.current;
    seen.current = { changes, connected };
    if (before.changes === changes && !(connected && !before.connected)) return;
    latest.current();
    if (timer.current !== 0) return;
    const waitMs = Math.max(SOON_MS, readAt.current + EVERY_MS - performance.now());
    timer.current = window.setTimeout(() => {
      timer.current = 0;
      readAt.current = performance.now();
      for (const key of [api.samples.facets.key(), api.samples.histogram.key(), api.samples.details.key()]) {
        void queries.invalidateQueries({ queryKey: key });
      }
    }, waitMs);
  }, [changes, connected, queries]);
  useEffect(() => () => clearTimeout(timer.current), []);
}
