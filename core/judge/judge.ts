/** Verdicts from stored facts. Pure: the same facts under the same rule set give the same verdict, today and later. */

import type { Measurements } from '../../shared/inspection.ts';
import { FINDINGS, type Finding } from '../../shared/vocabulary.ts';
import { LEVEL_FINDINGS, type RuleSet } from './rule-set.ts';

/** What is stored about an image that rules look at. */
export interface JudgedFacts {
  readonly integrity: 'ok' | 'damaged';
  readonly sizeBytes: number;
  /** Pixels after orientation is applied. */
  readonly width: number;
  readonly height: number;
  readonly measurements: Measurements;
}

/** One reason to set an image aside. */
interface VerdictFinding {
  readonly code: Finding;
  /** What was measured, in the unit of the threshold; null where there is nothing to measure. */
  readonly measured: number | null;
  /** The rule set's threshold; null where there is none. */
  readonly threshold: number | null;
  /** A sentence for people. */
  readonly message: string;
}

export interface Verdict {
  readonly status: 'accepted' | 'quarantined';
  /** In the order of FINDINGS; empty when accepted. */
  readonly findings: readonly VerdictFinding[];
}

/** Below this standard deviation of luma there is nothing that could be sharp. */
export const LEAST_CONTRAST_TO_BE_BLURRED = 2;

const ACCEPTED: Verdict = Object.freeze({ status: 'accepted', findings: Object.freeze([]) });

/** At most one decimal, and none where it says nothing. */
function round(value: number): number {
  return Math.round(value * 10) / 10;
}

/** Two numbers of which the first failed the second, with no more decimals than tell them apart. */
function compared(measured: number, threshold: number): readonly [string, string] {
  for (const decimals of [1, 2, 4]) {
    const scale = 10 ** decimals;
    const rounded = Math.round(measured * scale) / scale;
    const limit = Math.round(threshold * scale) / scale;
    if (rounded !== limit && limit === threshold) return [String(rounded), String(limit)];
  }
  return [String(measured), String(threshold)];
}

function under(code: Finding, words: string, unit: string, measured: number, threshold: number): VerdictFinding | null {
  if (!(measured < threshold)) return null;
  const [value, limit] = compared(measured, threshold);
  return { code, measured, threshold, message: `${words} ${value}${unit} is under ${limit}${unit}` };
}

function over(code: Finding, words: string, measured: number, threshold: number): VerdictFinding | null {
  if (!(measured > threshold)) return null;
  const [value, limit] = compared(measured, threshold);
  return { code, measured, threshold, message: `${words} ${value} is over ${limit}` };
}

/**
 * Sharpness in thousandths of squared contrast, at full and at half size. A variance over a variance: neither exposure nor
 * haze changes it, only the size of the finest detail does.
 */
export function relativeSharpness(measurements: Measurements): { readonly full: number; readonly half: number } {
  const { contrast, sharpness, sharpnessHalf } = measurements;
  // What has less contrast is not judged by it; the quotient stays a number.
  const scale = 1_000 / Math.max(contrast, LEAST_CONTRAST_TO_BE_BLURRED) ** 2;
  return { full: sharpness * scale, half: sharpnessHalf * scale };
}

function judgeBlur(measurements: Measurements, ruleSet: RuleSet): VerdictFinding | null {
  if (measurements.contrast < LEAST_CONTRAST_TO_BE_BLURRED) return null;
  const { full, half } = relativeSharpness(measurements);
  if (!(half < ruleSet.minSharpnessHalf)) return null;
  const finding = under('blurred', 'sharpness', '', full, ruleSet.minSharpness);
  if (finding === null) return null;
  return {
    ...finding,
    message: `${finding.message}, and ${round(half)} is under ${ruleSet.minSharpnessHalf} at half size`,
  };
}

/** Applies one rule; null when the image passes. */
function look(code: Finding, facts: JudgedFacts, ruleSet: RuleSet): VerdictFinding | null {
  const { measurements } = facts;
  const shortSidePx = Math.min(facts.width, facts.height);
  switch (code) {
    case 'damaged':
      return facts.integrity === 'ok' || ruleSet.allowDamaged
        ? null
        : { code, measured: null, threshold: null, message: 'the file is damaged; only a part of it can be decoded' };
    case 'too-few-bytes':
      return under(code, 'file size', ' bytes', facts.sizeBytes, ruleSet.minSizeBytes);
    case 'short-side':
      return under(code, 'short side', ' px', shortSidePx, ruleSet.minShortSidePx);
    case 'aspect-ratio':
      return over(
        code,
        'aspect ratio',
        Math.max(facts.width, facts.height) / Math.max(1, shortSidePx),
        ruleSet.maxAspectRatio,
      );
    case 'flat':
      return (
        under(code, 'contrast', '', measurements.contrast, ruleSet.minContrast) ??
        under(code, 'entropy', ' bits', measurements.entropy, ruleSet.minEntropyBits)
      );
    case 'blurred':
      return judgeBlur(measurements, ruleSet);
    case 'under-exposed':
      return under(
        code,
        'brightness of all but the lightest 1 %:',
        '',
        measurements.brightnessP99,
        ruleSet.minBrightnessP99,
      );
    case 'over-exposed':
      return over(code, 'brightness of all but the darkest 5 %:', measurements.brightnessP5, ruleSet.maxBrightnessP5);
    case 'near-duplicate':
      // One image alone cannot show it: `duplicates/` compares those of a whole dataset.
      return null;
  }
}

/** What the rules of the rule set's level say about an image. */
export function judge(facts: JudgedFacts, ruleSet: RuleSet): Verdict {
  const wanted = LEVEL_FINDINGS[ruleSet.level];
  const findings: VerdictFinding[] = [];
  for (const code of FINDINGS) {
    const finding = wanted.includes(code) ? look(code, facts, ruleSet) : null;
    if (finding !== null) findings.push(finding);
  }
  return findings.length === 0 ? ACCEPTED : { status: 'quarantined', findings };
}
