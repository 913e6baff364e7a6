/** Drafts by dataset, kept by the browser: a reload loses nothing. */

import { create } from 'zustand';
import { persist } from 'zustand/middleware';
import { type CollectDraft, EMPTY_DRAFT } from './draft.ts';
import { type KeptDrafts, mostRecent, readDrafts, type Trial } from './kept-drafts.ts';

interface Drafts extends KeptDrafts {
  change(datasetId: number, change: Partial<CollectDraft>): void;
  replace(datasetId: number, draft: CollectDraft): void;
  /** null when the trial is over. */
  setTrial(datasetId: number, trial: Trial | null): void;
}

export const useDrafts = create<Drafts>()(
  persist(
    (set) => ({
      drafts: {},
      trials: {},
      change: (datasetId, change) =>
        set(({ drafts }) => ({
          drafts: mostRecent(drafts, datasetId, { ...(drafts[datasetId] ?? EMPTY_DRAFT), ...change }),
        })),
      replace: (datasetId, draft) => set(({ drafts }) => ({ drafts: mostRecent(drafts, datasetId, draft) })),
      setTrial: (datasetId, trial) => set(({ trials }) => ({ trials: mostRecent(trials, datasetId, trial) })),
    }),
    {
      name: 'pixcrawler-drafts',
      version: 2,
      partialize: ({ drafts, trials }) => ({ drafts, trials }),
      migrate: (stored) => stored as KeptDrafts,
      // What is stored may be of another version, or broken.
      merge: (stored, current) => ({ ...current, ...readDrafts(stored) }),
    },
  ),
);
