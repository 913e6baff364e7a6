/** Ctrl-Z and its opposite, for the decisions of the dataset in front. */

import { AppError } from '../../shared/errors.ts';
import { client } from '../api/client.ts';
import { t } from '../messages/index.ts';
import { toast, toastError } from '../stores/toasts.ts';

/** Takes the last decision back. @param decisionId exactly that one; whichever is last by default */
export async function undoDecision(datasetId: number, decisionId?: number): Promise<void> {
  try {
    const input = decisionId === undefined ? { datasetId } : { datasetId, decisionId };
    const { count } = await client.decisions.undo(input);
    toast(t.shell.undone(count), { label: t.shell.redoAction, run: () => void redoDecision(datasetId) });
  } catch (error) {
    tell(error, t.shell.nothingToUndo);
  }
}

/** That there is nothing is no error. */
function tell(error: unknown, nothing: string): void {
  if (error instanceof AppError && error.code === 'conflict') toast(nothing);
  else toastError(error);
}

export async function redoDecision(datasetId: number): Promise<void> {
  try {
    const { count } = await client.decisions.redo({ datasetId });
    toast(t.shell.redone(count), { label: t.ui.undo, run: () => void undoDecision(datasetId) });
  } catch (error) {
    tell(error, t.shell.nothingToRedo);
  }
}
