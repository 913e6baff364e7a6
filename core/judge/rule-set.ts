/**
 * The versioned rule set: every threshold that decides whether an image is accepted or quarantined, with its unit,
 * default and reason. Measurements are stored, so changed thresholds re-judge a library without decoding it.
 */

import { hash } from 'node:crypto';
import { z } from 'zod';
import { VALIDATION_LEVELS } from '../../shared/contract/validations.ts';
import { AppError } from '../../shared/errors.ts';
import type { Finding } from '../../shared/vocabulary.ts';

/** What a threshold tells about itself; `expected` completes the sentence "Expected …". */
interface ThresholdFacts {
  readonly unit: string;
  readonly expected: string;
  readonly description: string;
}

function about(unit: string, expected: string, description: string): ThresholdFacts & Record<string, unknown> {
  return { unit, expected, description };
}

function number(min: number, max: number, byDefault: number, unit: string, description: string) {
  return z
    .number()
    .min(min)
    .max(max)
    .default(byDefault)
    .meta(about(unit, `a number from ${min} to ${max} (${unit})`, description));
}

function wholeNumber(min: number, max: number, byDefault: number, unit: string, description: string) {
  return z
    .int()
    .min(min)
    .max(max)
    .default(byDefault)
    .meta(about(unit, `a whole number from ${min} to ${max} (${unit})`, description));
}

export const ruleSetSchema = z.strictObject({
  version: z
    .literal(1)
    .default(1)
    .meta(about('version', '1', 'Version of this format. A later one may know other rules.')),
  name: z
    .string()
    .min(1)
    .max(100)
    .default('standard')
    .meta(about('text', 'a text of 1 to 100 characters', 'For people.')),
  level: z
    .enum(VALIDATION_LEVELS)
    .default('slow')
    .meta(
      about(
        'level',
        `one of ${VALIDATION_LEVELS.join(', ')}`,
        'fast: integrity, bytes, size and aspect ratio. medium: also flat, blurred and exposure. slow: also near-duplicates.',
      ),
    ),
  allowDamaged: z
    .boolean()
    .default(false)
    .meta(about('yes or no', 'true or false', 'Accepts images that decode in part only.')),
  minSizeBytes: wholeNumber(
    0,
    1_073_741_824,
    1_024,
    'bytes',
    'Smaller files are quarantined: a photograph of 100 px takes over 3 kB, spacers and tracking pixels under 1 kB. 0 switches it off.',
  ),
  minShortSidePx: wholeNumber(
    0,
    100_000,
    100,
    'px',
    'Images with a shorter short side are quarantined. 0 switches it off.',
  ),
  maxAspectRatio: number(
    1,
    100_000,
    5,
    'long side / short side',
    'Longer images are quarantined: banners have 7 and more, panoramas rarely over 4.',
  ),
  minContrast: number(
    0,
    127.5,
    4,
    'standard deviation of luma, 0 to 127.5',
    'Lower is flat. Photographs have 15 and more. 0 switches it off.',
  ),
  minEntropyBits: number(
    0,
    8,
    1,
    'bits, 0 to 8',
    'Entropy of the luma histogram; lower is near-empty. Photographs have 4 and more, line drawings about 2. 0 switches it off.',
  ),
  minSharpness: number(
    0,
    10_000,
    50,
    'thousandths of squared contrast',
    'Variance of the Laplacian of luma at 256 px, in thousandths of the variance of luma, so that dark and hazy pictures are not taken for blurred ones. Blurred is what is lower here and at half size. 0 switches it off.',
  ),
  minSharpnessHalf: number(
    0,
    10_000,
    300,
    'thousandths of squared contrast',
    'The same at half the size, 128 px. A picture that is soft at 256 px and crisp at 128 px is small, not blurred. 0 switches it off.',
  ),
  minBrightnessP99: number(
    0,
    255,
    64,
    'luma, 0 to 255',
    'Under-exposed when all but the brightest hundredth is darker than this. 0 switches it off.',
  ),
  maxBrightnessP5: number(
    0,
    255,
    220,
    'luma, 0 to 255',
    'Over-exposed when all but the darkest twentieth is brighter than this. 255 switches it off.',
  ),
  maxNearDuplicateDistance: wholeNumber(
    0,
    16,
    6,
    'bits of a 64-bit pHash',
    'Images as near as this to a larger one are quarantined as near-duplicates of it. 0 finds equal hashes only.',
  ),
  maxNearDuplicateConfirmDistance: wholeNumber(
    0,
    64,
    16,
    'bits of a 64-bit dHash',
    'A near-duplicate must be as near as this by its gradient hash too; unrelated pictures are 32 apart. 64 switches it off.',
  ),
});

/** See the descriptions in `ruleSetSchema`. */
export type RuleSet = Readonly<z.infer<typeof ruleSetSchema>>;

export const DEFAULT_RULE_SET: RuleSet = Object.freeze(ruleSetSchema.parse({}));

/** Findings that a level looks for; each level holds those of the one before. */
export const LEVEL_FINDINGS: Readonly<Record<RuleSet['level'], readonly Finding[]>> = (() => {
  const fast: readonly Finding[] = ['damaged', 'too-few-bytes', 'short-side', 'aspect-ratio'];
  const medium: readonly Finding[] = [...fast, 'flat', 'blurred', 'under-exposed', 'over-exposed'];
  return { fast, medium, slow: [...medium, 'near-duplicate'] };
})();

function describeValue(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}

function describeIssue(issue: z.core.$ZodIssue, overrides: Readonly<Record<string, unknown>>): string {
  if (issue.code === 'unrecognized_keys') {
    const known = Object.keys(ruleSetSchema.shape).join(', ');
    return `Unknown rule ${issue.keys.map((key) => `"${key}"`).join(', ')}. Expected one of ${known}.`;
  }
  const name = String(issue.path[0] ?? '');
  const field = Object.hasOwn(ruleSetSchema.shape, name)
    ? ruleSetSchema.shape[name as keyof typeof ruleSetSchema.shape]
    : undefined;
  return `Rule "${name}": expected ${String(field?.meta()?.expected ?? issue.message)}; got ${describeValue(overrides[name])}.`;
}

/**
 * A rule set from another and the rules that differ from it, as a rules file holds them:
 * `{ "name": "strict", "minShortSidePx": 256 }`.
 *
 * @param overrides parsed JSON
 * @param base the default rule set unless told
 * @throws AppError `bad-request` naming every rule that is unknown or out of range, what was expected and what came
 */
export function mergeRules(overrides: unknown, base: RuleSet = DEFAULT_RULE_SET): RuleSet {
  if (typeof overrides !== 'object' || overrides === null || Array.isArray(overrides)) {
    throw new AppError(
      'bad-request',
      `Expected rules as a JSON object such as {"minShortSidePx": 256}; got ${describeValue(overrides)}.`,
    );
  }
  const given = overrides as Readonly<Record<string, unknown>>;
  const parsed = ruleSetSchema.safeParse({ ...base, ...given });
  if (parsed.success) return Object.freeze(parsed.data);
  const problems = parsed.error.issues.map((issue) => describeIssue(issue, given));
  throw new AppError('bad-request', problems.join(' '), { details: { problems } });
}

/** SHA-256 (lower-case hex) of the rule set as JSON with sorted keys: equal rules have equal digests, whatever their order. */
export function ruleSetDigest(ruleSet: RuleSet): string {
  const entries = Object.entries(ruleSet).sort(([left], [right]) => (left < right ? -1 : 1));
  return hash('sha256', JSON.stringify(Object.fromEntries(entries)));
}
