/** Files on their way from this window to the core. */

import { create } from 'zustand';
import type { OfferedFile, TakenFiles } from '../../shared/host-bridge.ts';
import { host } from '../api/host.ts';

export interface Upload {
  readonly id: number;
  /** What they are for. */
  readonly name: string;
  readonly sentBytes: number;
  readonly totalBytes: number;
  readonly cancel: () => void;
}

export const useUploads = create<{ readonly uploads: readonly Upload[] }>()(() => ({ uploads: [] }));

let nextId = 1;

/**
 * Hands files to the core, in sight of the user, who may cancel it.
 * @param name the dataset they are for
 * @throws AppError as `HostBridge.takeFiles` does
 */
export async function takeFiles(name: string, files: readonly OfferedFile<Blob>[]): Promise<TakenFiles> {
  const abort = new AbortController();
  const id = nextId++;
  const totalBytes = files.reduce((sum, { file }) => sum + file.size, 0);
  const upload: Upload = { id, name, sentBytes: 0, totalBytes, cancel: () => abort.abort() };
  useUploads.setState(({ uploads }) => ({ uploads: [...uploads, upload] }));
  const update = (change: (uploads: readonly Upload[]) => readonly Upload[]) => {
    useUploads.setState(({ uploads }) => ({ uploads: change(uploads) }));
  };
  try {
    return await host.takeFiles(files, {
      signal: abort.signal,
      onProgress: (sentBytes) =>
        update((uploads) => uploads.map((each) => (each.id === id ? { ...each, sentBytes } : each))),
    });
  } finally {
    update((uploads) => uploads.filter((each) => each.id !== id));
  }
}
