/** Drafts by dataset, kept by the browser: a reload loses nothing. */

import { create } from 'zustand';
import { persist } from 'zustand/middleware';
import { type CollectDraft, EMPTY_DRAFT } from './draft.ts';

interface Drafts {
  readonly drafts: Readonly<Record<number, CollectDraft>>;
  /** The trial of a dataset that is still to be looked at, by the id of its job. */
  readonly trials: Readonly<Record<number, number>>;
  change(datasetId: number, change: Partial<CollectDraft>): void;
  reset(datasetId: number): void;
  /** null when the trial is over. */
  setTrial(datasetId: number, jobId: number | null): void;
}

export const useDrafts = create<Drafts>()(
  persist(
    (set) => ({
      drafts: {},
      trials: {},
      change: (datasetId, change) =>
        set(({ drafts }) => ({
          drafts: { ...drafts, [datasetId]: { ...(drafts[datasetId] ?? EMPTY_DRAFT), ...change } },
        })),
      reset: (datasetId) => set(({ drafts }) => ({ drafts: { ...drafts, [datasetId]: EMPTY_DRAFT } })),
      setTrial: (datasetId, jobId) =>
        set(({ trials: { [datasetId]: _before, ...others } }) => ({
          trials: jobId === null ? others : { ...others, [datasetId]: jobId },
        })),
    }),
    { name: 'pixcrawler-drafts', version: 1 },
  ),
);
