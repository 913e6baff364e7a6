import { z } from 'zod';
import { name, procedure, sha256 } from './common.ts';

const affectedFile = z.object({
  sha256,
  problem: z.enum(['file-missing', 'file-damaged']),
  /** Those that have a sample of it. */
  datasets: z.array(z.object({ project: name, dataset: name })),
  /** What it was called where it came from; of several samples, in the first of the datasets. */
  name: z.string().nullable(),
  /** Address or path of its first origin, from where it may be had again. */
  from: z.string().nullable(),
});
export type AffectedFile = z.infer<typeof affectedFile>;

const doctorCheck = z.object({
  name: z.string(),
  state: z.enum(['ok', 'warning', 'error']),
  message: z.string(),
  /** What was put right; null when nothing was, or repairs were not asked for. */
  repaired: z.string().nullable(),
  /** Whether some of it would be put right if repairs were asked for; false when they were. */
  repairable: z.boolean(),
  /** What the user can do about what is left; null when there is nothing to do. */
  remedy: z.string().nullable(),
  /** Stored files of samples that are not as they should be, the first 20. */
  affected: z.array(affectedFile),
});
const doctorReport = z.object({ ok: z.boolean(), checks: z.array(doctorCheck) });
export type DoctorReport = z.infer<typeof doctorReport>;

const tags = ['doctor'];

export const doctor = {
  run: procedure
    .route({
      method: 'POST',
      path: '/doctor',
      tags,
      summary: 'Examines database, store, disk and workers, and repairs what is safe to repair when asked to.',
    })
    .input(
      z.object({
        /** Re-hash every stored image instead of a sample of 200. */
        all: z.boolean().default(false),
        repair: z.boolean().default(false),
      }),
    )
    .output(doctorReport),
};
