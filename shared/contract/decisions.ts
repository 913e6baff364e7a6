import { z } from 'zod';
import { SAMPLE_STATUSES, SPLITS } from '../vocabulary.ts';
import { id, name, pageInput, pageOf, procedure, timestamp } from './common.ts';
import { sampleFilter } from './samples.ts';

const tag = z.string().trim().min(1).max(100);

/** What is decided about samples; fields that are absent stay as they are. */
const sampleChange = z
  .object({
    status: z.enum(SAMPLE_STATUSES),
    /** Made in the dataset when it is missing; null takes the label away. */
    label: name.nullable(),
    split: z.enum(SPLITS).nullable(),
    caption: z.string().max(10_000).nullable(),
    addTags: z.array(tag).max(100),
    removeTags: z.array(tag).max(100),
  })
  .partial()
  .refine((change) => Object.keys(change).length > 0, 'expected at least one of status, label, split, caption, tags');
export type SampleChange = z.infer<typeof sampleChange>;

/** Which samples of a dataset. */
export const decisionTarget = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ids'), ids: z.array(id).min(1).max(1_000_000) }),
  /** Everything that matches when it is done, but for `exceptIds`. */
  z.object({
    kind: z.literal('matching'),
    filter: sampleFilter.omit({ datasetId: true }),
    exceptIds: z.array(id).max(100_000).default([]),
  }),
]);
export type DecisionTarget = z.infer<typeof decisionTarget>;

const decision = z.object({
  id,
  datasetId: id,
  kind: z.enum(['change', 'choose-keeper', 'keep-all']),
  /** What was decided; for the two about duplicates the statuses that follow are in the samples. */
  change: z.record(z.string(), z.unknown()),
  /** Samples that it changed. */
  count: z.int(),
  undone: z.boolean(),
  at: timestamp,
});
export type Decision = z.infer<typeof decision>;

/** What Ctrl-Z and its opposite would do now; null when there is nothing. */
const undoState = z.object({ undo: decision.nullable(), redo: decision.nullable() });
export type UndoState = z.infer<typeof undoState>;

const tags = ['decisions'];
const step = z.object({
  datasetId: id,
  /** Exactly this one; `conflict` when another is next. */
  decisionId: id.optional(),
});

export const decisions = {
  apply: procedure
    .route({
      method: 'POST',
      path: '/decisions',
      tags,
      summary:
        'Changes samples as a person wants; what a person decided, rules leave alone. Forgets what could be redone.',
    })
    .input(z.object({ datasetId: id, target: decisionTarget, change: sampleChange }))
    .output(decision),
  undo: procedure
    .route({
      method: 'POST',
      path: '/decisions/undo',
      tags,
      summary: 'Takes the last decision back. `conflict` when there is none.',
    })
    .input(step)
    .output(decision),
  redo: procedure
    .route({
      method: 'POST',
      path: '/decisions/redo',
      tags,
      summary: 'Does again what was taken back last. `conflict` when there is none.',
    })
    .input(step)
    .output(decision),
  state: procedure
    .route({ method: 'GET', path: '/decisions/state', tags, summary: 'What undo and redo would do next.' })
    .input(z.object({ datasetId: id }))
    .output(undoState),
  list: procedure
    .route({ method: 'GET', path: '/decisions', tags, summary: 'Newest first.' })
    .input(pageInput.extend({ datasetId: id }))
    .output(pageOf(decision)),
};
