import { useEffect, useState } from 'react';
import { isOffline } from '../../stores/live.ts';
import { toastError } from '../../stores/toasts.ts';
import { BrowseSession } from './browse-session.ts';
import { coreSource } from './core-source.ts';
import { useDecisionToasts } from './use-decision-toasts.ts';
import { useSampleChanges } from './use-sample-changes.ts';

/** The browsing session of a dataset; another dataset, another session. Undefined for the first moment only. */
export function useBrowseSession(datasetId: number): BrowseSession | undefined {
  const [session, setSession] = useState<BrowseSession>();
  const { onDecided, onFailed } = useDecisionToasts(datasetId);
  useEffect(() => {
    const own = new BrowseSession({
      datasetId,
      source: coreSource,
      onDecided,
      onFailed,
      onUnread: toastError,
      isAway: isOffline,
    });
    setSession(own);
    return () => own.close();
  }, [datasetId, onDecided, onFailed]);
  useSampleChanges(datasetId, () => session?.refreshSoon());
  return session?.datasetId === datasetId ? session : undefined;
}
