import { z } from 'zod';
import { SAMPLE_STATUSES } from '../vocabulary.ts';
import { id, procedure } from './common.ts';
import { job } from './jobs.ts';

export const EXPORT_FORMATS = ['imagefolder', 'csv', 'jsonl'] as const;
export const ARCHIVES = ['none', 'zip', 'tar'] as const;

export const exportInput = z.object({
  datasetId: id,
  format: z.enum(EXPORT_FORMATS),
  archive: z.enum(ARCHIVES).default('none'),
  /** Absolute path that must not exist yet. */
  outPath: z.string().min(1).max(4096),
  /**
   * Whether images are hard links to the library's own files where they can be, instead of clones or copies: they then take
   * no further space, are read-only, and whatever changes one all the same damages the library. For folders alone.
   */
  hardLinks: z.boolean().default(false),
  statuses: z.array(z.enum(SAMPLE_STATUSES)).min(1).default(['accepted']),
});
export type ExportInput = z.infer<typeof exportInput>;

const tags = ['exports'];

export const exports = {
  start: procedure
    .route({
      method: 'POST',
      path: '/exports',
      tags,
      summary: "Writes a dataset, opens what was written and checks it; the job's result is the report.",
    })
    .input(exportInput)
    .output(job),
  estimate: procedure
    .route({
      method: 'POST',
      path: '/exports/estimate',
      tags,
      summary: 'What an export would write, without writing it.',
    })
    .input(exportInput)
    .output(
      z.object({
        images: z.int(),
        /** About; documents beside the images are guessed. */
        bytes: z.int(),
        /** Free where it would be written; null when that cannot be told. */
        freeBytes: z.int().nullable(),
        /** Why it could not start as asked, in words; null when it could. */
        problem: z.string().nullable(),
      }),
    ),
};
