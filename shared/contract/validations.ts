import { z } from 'zod';
import { id, procedure } from './common.ts';
import { job } from './jobs.ts';

export const VALIDATION_LEVELS = ['fast', 'medium', 'slow'] as const;

export const validateInput = z.object({
  datasetId: id,
  /** Default: that of `rules`, else `slow`. */
  level: z.enum(VALIDATION_LEVELS).optional(),
  /** Thresholds that differ from the level's, in the rule set's own words. */
  rules: z.record(z.string(), z.unknown()).default({}),
  /** Tells what would change and changes nothing. */
  dryRun: z.boolean().default(false),
});
export type ValidateInput = z.infer<typeof validateInput>;

const tags = ['validations'];

export const validations = {
  start: procedure
    .route({
      method: 'POST',
      path: '/validations',
      tags,
      summary: 'Judges every sample again from its stored measurements; samples a person decided on keep their status.',
    })
    .input(validateInput)
    .output(job),
};
