/** Files on their way from this window to the core: they go on whatever screen is in front. */

import { create } from 'zustand';
import { AppError } from '../../shared/errors.ts';
import type { OfferedFile, TakenFiles } from '../../shared/host-bridge.ts';
import { host } from '../api/host.ts';
import { t } from '../messages/index.ts';
import { toastError } from './toasts.ts';

export interface Upload {
  readonly id: number;
  readonly datasetId: number;
  /** The dataset's. */
  readonly name: string;
  readonly sentBytes: number;
  readonly totalBytes: number;
  /** Why it stopped, and how it is begun anew; null while it goes on. */
  readonly failure: { readonly text: string; readonly retry: () => void } | null;
  readonly cancel: () => void;
}

interface Uploads {
  readonly uploads: readonly Upload[];
}

export const useUploads = create<Uploads>()(() => ({ uploads: [] }));

useUploads.subscribe(({ uploads }) => {
  // On the desktop most stay where they are, and a window that asked would keep the program from ending.
  if (host.kind === 'browser' && uploads.length > 0) window.addEventListener('beforeunload', askFirst);
  else window.removeEventListener('beforeunload', askFirst);
});

/** Files that were not sent are lost with the window: the browser asks whether it may be closed. */
function askFirst(event: BeforeUnloadEvent): void {
  event.preventDefault();
}

let nextId = 1;

/**
 * Hands files to the core, in sight of the user, who may cancel it. What fails is told, and waits until the user
 * tries it again or gives it up.
 * @param dataset what they are for
 * @throws AppError `cancelled`
 */
export async function takeFiles(
  dataset: { readonly id: number; readonly name: string },
  files: readonly OfferedFile<Blob>[],
): Promise<TakenFiles> {
  const abort = new AbortController();
  const id = nextId++;
  const change = (changed: Partial<Upload>) =>
    useUploads.setState(({ uploads }) => ({
      uploads: uploads.map((each) => (each.id === id ? { ...each, ...changed } : each)),
    }));
  const upload: Upload = {
    id,
    datasetId: dataset.id,
    name: dataset.name,
    sentBytes: 0,
    totalBytes: files.reduce((sum, { file }) => sum + file.size, 0),
    failure: null,
    cancel: () => abort.abort(),
  };
  useUploads.setState(({ uploads }) => ({ uploads: [...uploads, upload] }));
  try {
    for (;;) {
      try {
        return await host.takeFiles(files, {
          signal: abort.signal,
          onProgress: (sentBytes) => change({ sentBytes }),
        });
      } catch (error) {
        abort.signal.throwIfAborted();
        toastError(error);
        await new Promise<void>((retry) => {
          change({ failure: { text: error instanceof Error ? error.message : String(error), retry } });
          abort.signal.addEventListener('abort', () => retry(), { once: true });
        });
        abort.signal.throwIfAborted();
        change({ failure: null, sentBytes: 0 });
      }
    }
  } catch (cause) {
    throw new AppError('cancelled', t.ui.uploadCancelled, { cause });
  } finally {
    useUploads.setState(({ uploads }) => ({ uploads: uploads.filter((each) => each.id !== id) }));
  }
}

/** Uploads for a dataset. */
export function useUploadsOf(datasetId: number): readonly Upload[] {
  return useUploads((state) => state.uploads).filter((upload) => upload.datasetId === datasetId);
}
