import { useQuery } from '@tanstack/react-query';
import { useCallback, useEffect, useRef } from 'react';
import { api } from '../../api/query.ts';

/**
 * Follows what becomes of decisions that were made in a review: they may be undone and done again from anywhere.
 * @returns a function that remembers a decision which the core has confirmed, with what it was about
 */
export function useUndoneDecisions<Subject>(
  datasetId: number,
  onUndone: (subjects: readonly Subject[]) => void,
  onRedone: (subjects: readonly Subject[]) => void,
): (decisionId: number, subject: Subject) => void {
  const made = useRef(new Map<number, { readonly subject: Subject; undone: boolean }>());
  const latest = useRef({ onUndone, onRedone });
  latest.current = { onUndone, onRedone };
  const { data } = useQuery(api.decisions.state.queryOptions({ input: { datasetId } }));
  // Decisions are undone from the last one back, so those from the next to redo on are undone.
  const firstUndone = data?.redo?.id ?? Number.POSITIVE_INFINITY;
  const lastDone = data?.undo?.id ?? 0;
  const lastSeen = useRef(0);
  useEffect(() => {
    // One that is newer than all that were seen: what was undone before it can never be done again.
    if (lastDone > lastSeen.current) {
      for (const [decisionId, { undone }] of made.current) if (undone) made.current.delete(decisionId);
    }
    lastSeen.current = Math.max(lastSeen.current, lastDone, Number.isFinite(firstUndone) ? firstUndone : 0);
    const undone: Subject[] = [];
    const redone: Subject[] = [];
    for (const [decisionId, decision] of made.current) {
      const isUndone = decisionId >= firstUndone;
      if (isUndone === decision.undone) continue;
      decision.undone = isUndone;
      (isUndone ? undone : redone).push(decision.subject);
    }
    if (undone.length > 0) latest.current.onUndone(undone);
    if (redone.length > 0) latest.current.onRedone(redone);
  }, [firstUndone, lastDone]);
  return useCallback((decisionId, subject) => {
    made.current.set(decisionId, { subject, undone: false });
  }, []);
}
