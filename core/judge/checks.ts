/** What each rule sees in an image: its value beside the threshold, whether or not it is a finding. */

import type { SampleDetails } from '../../shared/contract/samples.ts';
import { unreachable } from '../../shared/errors.ts';
import type { Finding } from '../../shared/vocabulary.ts';
import { type JudgedFacts, judge, relativeSharpness } from './judge.ts';
import { LEVEL_FINDINGS, type RuleSet, ruleSetSchema } from './rule-set.ts';

export type RuleCheck = SampleDetails['checks'][number];

/** Distance of the near-duplicate that an image is quarantined as; null when it is none. */
type NearDuplicate = { readonly distance: number } | null;

/** Every rule of the rule set's level, in the order of FINDINGS; a rule with two thresholds is there twice. */
export function checksOf(facts: JudgedFacts, nearDuplicate: NearDuplicate, rules: RuleSet): RuleCheck[] {
  const found = new Set(judge(facts, rules).findings.map((finding) => finding.code));
  return LEVEL_FINDINGS[rules.level].flatMap((finding) => checksOfFinding(finding, facts, nearDuplicate, rules, found));
}

function checksOfFinding(
  finding: Finding,
  facts: JudgedFacts,
  nearDuplicate: NearDuplicate,
  rules: RuleSet,
  found: ReadonlySet<Finding>,
): RuleCheck[] {
  const { measurements } = facts;
  const passed = !found.has(finding);
  const check = (rule: keyof RuleSet, value: number, bad: 'below' | 'above', unit: string): RuleCheck => ({
    finding,
    rule,
    passed,
    value,
    threshold: rules[rule] as number,
    bad,
    unit,
    description: descriptionOf(rule),
  });
  switch (finding) {
    case 'damaged':
      return [
        {
          finding,
          rule: null,
          passed,
          value: null,
          threshold: null,
          bad: null,
          unit: '',
          description: 'Every pixel can be decoded.',
        },
      ];
    case 'too-few-bytes':
      return [check('minSizeBytes', facts.sizeBytes, 'below', 'bytes')];
    case 'short-side':
      return [check('minShortSidePx', Math.min(facts.width, facts.height), 'below', 'px')];
    case 'aspect-ratio': {
      const shortSide = Math.max(1, Math.min(facts.width, facts.height));
      return [check('maxAspectRatio', Math.max(facts.width, facts.height) / shortSide, 'above', '')];
    }
    case 'flat': {
      const { contrast, entropy } = measurements;
      return [
        { ...check('minContrast', contrast, 'below', ''), passed: !(contrast < rules.minContrast) },
        { ...check('minEntropyBits', entropy, 'below', 'bits'), passed: !(entropy < rules.minEntropyBits) },
      ];
    }
    case 'blurred': {
      const { full, half } = relativeSharpness(measurements);
      return [check('minSharpness', full, 'below', ''), check('minSharpnessHalf', half, 'below', '')];
    }
    case 'under-exposed':
      return [check('minBrightnessP99', measurements.brightnessP99, 'below', '')];
    case 'over-exposed':
      return [check('maxBrightnessP5', measurements.brightnessP5, 'above', '')];
    case 'near-duplicate':
      return [
        {
          finding,
          rule: 'maxNearDuplicateDistance',
          // Not `judge`'s to find: it sees one image alone.
          passed: nearDuplicate === null || nearDuplicate.distance > rules.maxNearDuplicateDistance,
          value: nearDuplicate?.distance ?? null,
          // Images at the rule's distance count as the same.
          threshold: rules.maxNearDuplicateDistance + 1,
          bad: 'below',
          unit: 'bits',
          description: descriptionOf('maxNearDuplicateDistance'),
        },
      ];
    default:
      return unreachable(finding);
  }
}

function descriptionOf(rule: keyof RuleSet): string {
  return String(ruleSetSchema.shape[rule].meta()?.description ?? '');
}
