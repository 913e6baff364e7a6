/** Export drafts by dataset, kept by the browser. */

import { create } from 'zustand';
import { persist } from 'zustand/middleware';
import { mostRecent } from '../crawls/kept-drafts.ts';
import { EMPTY_EXPORT, type ExportDraft, type KeptExports, readKeptExports } from './export-draft.ts';

interface Exports extends KeptExports {
  change(datasetId: number, change: Partial<ExportDraft>): void;
  setFolder(folder: string): void;
}

export const useExports = create<Exports>()(
  persist(
    (set) => ({
      drafts: {},
      folder: null,
      change: (datasetId, change) =>
        set(({ drafts }) => ({
          drafts: mostRecent(drafts, datasetId, { ...(drafts[datasetId] ?? EMPTY_EXPORT), ...change }),
        })),
      setFolder: (folder) => set({ folder }),
    }),
    {
      name: 'pixcrawler-exports',
      version: 1,
      partialize: ({ drafts, folder }) => ({ drafts, folder }),
      merge: (stored, current) => ({ ...current, ...readKeptExports(stored) }),
    },
  ),
);
