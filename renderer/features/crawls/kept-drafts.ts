/** Drafts and trials as the browser keeps them. */

import { type CollectDraft, readDraft } from './draft.ts';

/** A trial that is still to be looked at. */
export interface Trial {
  /** Of what is collected and of what is imported. */
  readonly jobIds: readonly number[];
  /** What was tried, so that it can be told when the draft says something else by now. */
  readonly request: string;
}

type ByDataset<Value> = Readonly<Record<number, Value>>;

export interface KeptDrafts {
  readonly drafts: ByDataset<CollectDraft>;
  readonly trials: ByDataset<Trial>;
}

/** Datasets whose drafts are kept; the store of a browser is small. */
const MOST_DATASETS = 100;

/** With another value for a dataset, or none; where there are too many the oldest datasets give way. */
export function mostRecent<Value>(values: ByDataset<Value>, datasetId: number, value: Value | null): ByDataset<Value> {
  // Ids grow with time, and an object has its keys that are numbers in their order.
  const others = Object.entries(values).filter(([id]) => Number(id) !== datasetId);
  const room = value === null ? MOST_DATASETS : MOST_DATASETS - 1;
  const kept = Object.fromEntries(others.slice(Math.max(0, others.length - room)));
  return value === null ? kept : { ...kept, [datasetId]: value };
}

/** What was stored; what is not as expected is left out. Never throws. */
export function readDrafts(stored: unknown): KeptDrafts {
  const { drafts, trials } = (stored ?? {}) as { drafts?: unknown; trials?: unknown };
  return {
    drafts: Object.fromEntries(entries(drafts).map(([id, draft]) => [id, readDraft(draft)])),
    trials: Object.fromEntries(
      entries(trials).flatMap(([id, trial]) => {
        const { jobIds, request } = (trial ?? {}) as Partial<Trial>;
        const ids = Array.isArray(jobIds) ? jobIds.filter((jobId) => Number.isSafeInteger(jobId) && jobId > 0) : [];
        if (ids.length === 0) return [];
        return [[id, { jobIds: ids, request: typeof request === 'string' ? request : '' }]];
      }),
    ),
  };
}

function entries(value: unknown): [string, unknown][] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).filter(([id]) => /^[1-9]\d{0,15}$/.test(id));
}
