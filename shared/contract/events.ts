import { eventIterator } from '@orpc/contract';
import { z } from 'zod';
import { id, procedure } from './common.ts';
import { holds, jobProgress } from './jobs.ts';

/** Past-tense facts with ids and counts. */
const coreEvent = z.discriminatedUnion('type', [
  /** What was asked for and what came of it is told by `jobs.get`: read it when the state is another one. */
  z.object({ type: z.literal('job.updated'), eventId: z.int(), job: jobProgress }),
  z.object({ type: z.literal('samples.added'), eventId: z.int(), datasetId: id, jobId: id, count: z.int() }),
  z.object({ type: z.literal('samples.updated'), eventId: z.int(), datasetId: id, count: z.int() }),
  /** Made, renamed, moved, labelled, put into the trash, brought back or removed. */
  z.object({ type: z.literal('dataset.changed'), eventId: z.int(), datasetId: id }),
  z.object({ type: z.literal('project.changed'), eventId: z.int(), projectId: id }),
  /** Made, undone or done again. */
  z.object({ type: z.literal('decision.changed'), eventId: z.int(), datasetId: id, decisionId: id }),
  /** Jobs rest for other reasons than before, or may run again. */
  z.object({ type: z.literal('holds.changed'), eventId: z.int(), holds }),
  z.object({ type: z.literal('settings.changed'), eventId: z.int(), name: z.string() }),
  /** Events were lost; read again what is shown. */
  z.object({ type: z.literal('events.missed'), eventId: z.int() }),
]);
export type CoreEvent = z.infer<typeof coreEvent>;

const tags = ['events'];

export const events = {
  watch: procedure
    .route({
      method: 'GET',
      path: '/events',
      tags,
      summary: 'Live facts, at most 4 a second for one job; resumes after `afterEventId` while it is still remembered.',
    })
    .input(z.object({ afterEventId: z.int().nonnegative().optional() }))
    .output(eventIterator(coreEvent)),
};
