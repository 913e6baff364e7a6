/** What is done to projects and datasets: said, with the way back beside it and at Ctrl-Z. */

import { create } from 'zustand';
import type { Dataset } from '../../../shared/contract/datasets.ts';
import type { Project } from '../../../shared/contract/projects.ts';
import { client } from '../../api/client.ts';
import { t } from '../../messages/index.ts';
import { toast, toastError } from '../../stores/toasts.ts';
import { type Step, StepHistory } from './step-history.ts';

const history = new StepHistory();

/** What Ctrl-Z and its opposite would do in the library. */
export const useNextSteps = create<StepHistory['next']>()(() => history.next);

/** Says what is next now, and once it is done. */
async function following<Result>(doing: Promise<Result>): Promise<Result> {
  useNextSteps.setState(history.next);
  try {
    return await doing;
  } finally {
    useNextSteps.setState(history.next);
  }
}

/** Takes the last step back. @param step exactly that one */
export async function undoStep(step?: Step): Promise<void> {
  try {
    const undone = await following(history.undo(step));
    if (undone === null) toast(t.datasets.nothingToUndo);
    else toast(undone.text, { label: t.shell.redoAction, run: () => void redoStep(undone.step) });
  } catch (error) {
    toastError(error);
  }
}

/** Does again what was taken back last. @param step exactly that one */
export async function redoStep(step?: Step): Promise<void> {
  try {
    const redone = await following(history.redo(step));
    if (redone === null) toast(t.datasets.nothingToRedo);
    else say(redone.text, redone.step);
  } catch (error) {
    toastError(error);
  }
}

function say(text: string, step: Step): void {
  toast(text, { label: t.ui.undo, run: () => void undoStep(step) });
}

async function take(step: Step): Promise<void> {
  const text = await step.redo();
  history.add(step);
  useNextSteps.setState(history.next);
  say(text, step);
}

/** Into the trash. @throws AppError as the contract does, as all of these */
export function trashDataset({ id, name }: Pick<Dataset, 'id' | 'name'>): Promise<void> {
  return take({
    title: t.datasets.stepRemoved(name),
    redo: async () => {
      await client.datasets.trash({ id });
      return t.datasets.removed(name);
    },
    undo: async () => t.datasets.restored((await client.datasets.restore({ id })).name),
  });
}

export function trashProject({ id, name }: Pick<Project, 'id' | 'name'>): Promise<void> {
  return take({
    title: t.datasets.stepRemoved(name),
    redo: async () => {
      await client.projects.trash({ id });
      return t.datasets.removed(name);
    },
    undo: async () => t.datasets.restored((await client.projects.restore({ id })).name),
  });
}

export function renameDataset({ id, name: before }: Pick<Dataset, 'id' | 'name'>, name: string): Promise<void> {
  const rename = async (to: string) => t.datasets.renamed((await client.datasets.rename({ id, name: to })).name);
  return take({ title: t.datasets.stepRenamed(before, name), redo: () => rename(name), undo: () => rename(before) });
}

export function renameProject({ id, name: before }: Pick<Project, 'id' | 'name'>, name: string): Promise<void> {
  const rename = async (to: string) => t.datasets.renamed((await client.projects.rename({ id, name: to })).name);
  return take({ title: t.datasets.stepRenamed(before, name), redo: () => rename(name), undo: () => rename(before) });
}

export function moveDataset(
  { id, name: moved, projectId: before }: Pick<Dataset, 'id' | 'name' | 'projectId'>,
  projectId: number,
) {
  const move = async (to: number) => {
    const { name, projectName } = await client.datasets.move({ id, projectId: to });
    return t.datasets.moved(name, projectName);
  };
  return take({ title: t.datasets.stepMoved(moved), redo: () => move(projectId), undo: () => move(before) });
}
