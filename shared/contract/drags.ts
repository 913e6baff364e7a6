import { eventIterator } from '@orpc/contract';
import { z } from 'zod';
import { id, procedure, sha256 } from './common.ts';
import { decisionTarget } from './decisions.ts';

/**
 * How images leave the window. `files`: the images alone, named as they were found; `imagefolder`, `csv` and `jsonl`: a
 * folder as an export writes it; `zip` and `tar`: an ImageFolder in one file.
 */
export const DRAG_LAYOUTS = ['files', 'imagefolder', 'csv', 'jsonl', 'zip', 'tar'] as const;
export type DragLayout = (typeof DRAG_LAYOUTS)[number];

/** What is dragged: chosen samples of any status, the accepted ones of a dataset, or what an export wrote. */
export const dragRequest = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('samples'),
    datasetId: id,
    target: decisionTarget,
    layout: z.enum(DRAG_LAYOUTS),
  }),
  z.strictObject({ kind: z.literal('dataset'), datasetId: id, layout: z.enum(DRAG_LAYOUTS) }),
  z.strictObject({ kind: z.literal('export'), jobId: id }),
]);
export type DragRequest = z.infer<typeof dragRequest>;

/** `key` tells what is staged: the same while its images, their labels and what is written of them are the same. */
const stagingState = z.discriminatedUnion('state', [
  z.object({
    state: z.literal('staging'),
    key: z.string(),
    /** 0 to 100, never falling. */
    progress: z.number().min(0).max(100),
  }),
  z.object({
    state: z.literal('ready'),
    key: z.string(),
    /** Absolute, of what is to be dragged: a folder or an archive, or a few images. Whoever takes them copies them. */
    paths: z.array(z.string()),
    /** An image to show under the pointer; null when there is none. */
    iconSha256: sha256.nullable(),
  }),
  z.object({
    state: z.literal('failed'),
    key: z.string(),
    error: z.object({ code: z.string(), message: z.string() }),
  }),
]);
export type StagingState = z.infer<typeof stagingState>;

const tags = ['drags'];

export const drags = {
  stage: procedure
    .route({
      method: 'POST',
      path: '/drags',
      tags,
      summary:
        'Lays out what is to be dragged as files, and tells how far it is, until it is `ready` or has `failed`. Staged files are reused, and removed after a day. Ending the stream cancels.',
    })
    .input(dragRequest)
    .output(eventIterator(stagingState)),
};
