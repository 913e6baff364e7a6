import { z } from 'zod';
import { id, procedure } from './common.ts';
import { histogramBins } from './samples.ts';

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

/** Rules that are a threshold of something measured in each image. */
export const MEASURED_RULES = [
  'minSizeBytes',
  'minShortSidePx',
  'maxAspectRatio',
  'minContrast',
  'minEntropyBits',
  'minSharpness',
  'minSharpnessHalf',
  'minBrightnessP99',
  'maxBrightnessP5',
] as const;
export type MeasuredRule = (typeof MEASURED_RULES)[number];

const ruleHistogram = z.object({
  bins: histogramBins,
  /** Whether the rule minds values below or above its threshold. */
  bad: z.enum(['below', 'above']),
});
export type RuleHistogram = z.infer<typeof ruleHistogram>;

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
  histogram: procedure
    .route({
      method: 'GET',
      path: '/rules/{rule}/histogram',
      tags,
      summary: 'How what a rule looks at is spread over the images of a dataset that it looks at. Bins do not overlap.',
    })
    .input(z.object({ rule: z.enum(MEASURED_RULES), datasetId: id }))
    .output(ruleHistogram),
};
