import { useMemo } from 'react';
import type { Decision } from '../../../shared/contract/decisions.ts';
import { AppError } from '../../../shared/errors.ts';
import { undoDecision } from '../../app/undo.ts';
import { t } from '../../messages/index.ts';
import { isOffline } from '../../stores/live.ts';
import { toast, toastError, toastMendable } from '../../stores/toasts.ts';
import { decidedText } from './decided-text.ts';
import { offerOnceBack } from './unkept-decisions.ts';

export interface DecisionToasts {
  readonly onDecided: (decision: Decision) => void;
  /** Says why a decision was not kept. @param again makes it once more, where the core could not be reached */
  readonly onFailed: (error: unknown, again: (() => void) | null) => void;
  /** Says it in other words than the decision's own. */
  readonly said: (text: string, decisionId: number) => void;
}

/** Says what was decided, with Undo; says what could not be saved. */
export function useDecisionToasts(datasetId: number): DecisionToasts {
  return useMemo(() => {
    const said = (text: string, decisionId: number) => {
      toast(text, { label: t.ui.undo, run: () => void undoDecision(datasetId, decisionId) });
    };
    return {
      said,
      onDecided: (decision) => {
        if (decision.count === 0) toast(decidedText(decision));
        else said(decidedText(decision), decision.id);
      },
      onFailed: (error, again) => {
        if (!(error instanceof AppError && error.code === 'unavailable')) return toastError(error);
        if (again !== null && isOffline()) return offerOnceBack(again, error);
        const action = again === null ? null : { label: t.samples.decideAgain(1), run: again };
        toastMendable(new AppError('unavailable', t.samples.notKept, { cause: error }), action);
      },
    };
  }, [datasetId]);
}
