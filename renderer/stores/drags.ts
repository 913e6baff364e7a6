/** Files on their way out of this window. */

import { create } from 'zustand';
import type { DragLayout, DragRequest } from '../../shared/contract/drags.ts';
import { AppError } from '../../shared/errors.ts';
import type { DragState } from '../../shared/host-bridge.ts';
import { host } from '../api/host.ts';
import { t } from '../messages/index.ts';
import { toast, toastError } from './toasts.ts';

/** Those that are being laid out, and those that wait to be dragged again. */
export const useDrags = create<{ readonly drags: readonly DragState[] }>()(() => ({ drags: [] }));

/** Whether the files that hover over the window, if any, come from it. */
let isOwnDrag = false;

/** Begins a drag, in the event that starts one. */
export function startDrag(request: DragRequest): void {
  isOwnDrag = true;
  host.desktop?.startDrag(request);
}

/** Asks for a folder and copies the files there. */
export async function copyOut(request: DragRequest): Promise<void> {
  try {
    const folder = (await host.desktop?.copyOut(request)) ?? null;
    if (folder !== null) toast(t.drags.copied(folder));
  } catch (error) {
    toastError(error);
  }
}

export function dismissDrag(key: string): void {
  host.desktop?.cancelDrag(key);
  useDrags.setState(({ drags }) => ({ drags: drags.filter((each) => each.key !== key) }));
}

/** What can be dragged of a dataset, in a layout. */
export function datasetDrag(datasetId: number, layout: DragLayout): DragRequest {
  return { kind: 'dataset', datasetId, layout };
}

/** Follows drags on the desktop; does nothing in a browser. @returns what ends it */
export function followDrags(): () => void {
  const { desktop } = host;
  if (desktop === undefined) return () => undefined;
  const stop = new AbortController();
  const options = { capture: true, signal: stop.signal };
  window.addEventListener(
    'pointerdown',
    () => {
      isOwnDrag = false;
    },
    options,
  );
  // Whoever lets go too early has not asked for an import.
  const refuse = (event: DragEvent) => {
    if (!isOwnDrag) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (event.dataTransfer !== null) event.dataTransfer.dropEffect = 'none';
  };
  window.addEventListener('dragenter', refuse, options);
  window.addEventListener('dragover', refuse, options);
  window.addEventListener('drop', refuse, options);
  const unfollow = desktop.onDrag(take);
  return () => {
    stop.abort();
    unfollow();
  };
}

function take(state: DragState): void {
  const isShown = state.state === 'staging' || state.state === 'ready';
  const known = useDrags.getState().drags;
  const others = known.filter(({ key }) => key !== state.key);
  useDrags.setState({ drags: isShown ? [...others, state] : others });
  if (state.state === 'failed') toastError(new AppError('unavailable', t.drags.failed(state.message)));
  if (state.state === 'ready') toast(t.drags.ready);
}
