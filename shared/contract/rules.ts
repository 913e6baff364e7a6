import { z } from 'zod';
import { procedure } from './common.ts';

const ruleValue = z.union([z.string(), z.number(), z.boolean()]);
const ruleField = z.object({
  name: z.string(),
  value: ruleValue,
  defaultValue: ruleValue,
  unit: z.string(),
  /** Completes the sentence "Expected …". */
  expected: z.string(),
  description: z.string(),
});
export type RuleField = z.infer<typeof ruleField>;

const tags = ['rules'];

/** The thresholds that new images are judged by; `validations.start` judges again what is there. */
export const rules = {
  get: procedure
    .route({ method: 'GET', path: '/rules', tags, summary: 'The rule set that new images are judged by.' })
    .output(z.array(ruleField)),
  set: procedure
    .route({
      method: 'PUT',
      path: '/rules',
      tags,
      summary: 'Thresholds that are named change; null puts one back to its default.',
    })
    .input(z.object({ rules: z.record(z.string(), ruleValue.nullable()) }))
    .output(z.array(ruleField)),
};
