import { useQuery } from '@tanstack/react-query';
import { useCallback, useEffect, useRef } from 'react';
import type { SampleStatus } from '../../../shared/vocabulary.ts';
import { api } from '../../api/query.ts';

export interface ReviewDecision {
  readonly sampleId: number;
  readonly status: SampleStatus;
}

/**
 * Follows what becomes of decisions that were made in a review: they may be undone and done again from anywhere.
 * @returns a function that remembers a decision which the core has confirmed
 */
export function useUndoneDecisions(
  datasetId: number,
  onUndone: (decisions: readonly ReviewDecision[]) => void,
  onRedone: (decisions: readonly ReviewDecision[]) => void,
): (decisionId: number, decision: ReviewDecision) => void {
  const made = useRef(new Map<number, ReviewDecision & { undone: boolean }>());
  const latest = useRef({ onUndone, onRedone });
  latest.current = { onUndone, onRedone };
  const { data } = useQuery(api.decisions.state.queryOptions({ input: { datasetId } }));
  // Decisions are undone from the last one back, so those from the next to redo on are undone.
  const firstUndone = data?.redo?.id ?? Number.POSITIVE_INFINITY;
  useEffect(() => {
    const undone: ReviewDecision[] = [];
    const redone: ReviewDecision[] = [];
    for (const [decisionId, decision] of made.current) {
      const isUndone = decisionId >= firstUndone;
      if (isUndone === decision.undone) continue;
      decision.undone = isUndone;
      (isUndone ? undone : redone).push(decision);
    }
    if (undone.length > 0) latest.current.onUndone(undone);
    if (redone.length > 0) latest.current.onRedone(redone);
  }, [firstUndone]);
  return useCallback((decisionId, decision) => {
    made.current.set(decisionId, { ...decision, undone: false });
  }, []);
}
