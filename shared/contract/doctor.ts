import { z } from 'zod';
import { procedure } from './common.ts';

const doctorCheck = z.object({
  name: z.string(),
  state: z.enum(['ok', 'warning', 'error']),
  message: z.string(),
  /** What was put right; null when nothing was, or repairs were not asked for. */
  repaired: z.string().nullable(),
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
