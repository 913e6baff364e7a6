import type { Sample, SampleDetails } from '../../../shared/contract/samples.ts';
import type { Finding } from '../../../shared/vocabulary.ts';

const NEAR_DUPLICATE: Finding = 'near-duplicate';

export type RuleCheck = SampleDetails['checks'][number];

/**
 * Chosen: a person set it aside for an image that is further from it than the rule asks. Excused: the value is beyond its
 * threshold, which alone is no finding. The worst first.
 */
export const CHECK_OUTCOMES = ['failed', 'chosen', 'excused', 'passed'] as const;
export type CheckOutcome = (typeof CHECK_OUTCOMES)[number];

type Judged = Pick<Sample, 'status' | 'decidedBy'> & { readonly reasons: readonly string[] };

/** @param sample whose check it is */
export function outcomeOf({ finding, passed, value, threshold, bad }: RuleCheck, sample: Judged): CheckOutcome {
  if (!passed) return 'failed';
  const isByHand = sample.decidedBy === 'user' && sample.status !== 'accepted';
  if (finding === NEAR_DUPLICATE && isByHand && sample.reasons.includes(finding)) return 'chosen';
  if (value === null || threshold === null || bad === null) return 'passed';
  return (bad === 'below' ? value < threshold : value > threshold) ? 'excused' : 'passed';
}
