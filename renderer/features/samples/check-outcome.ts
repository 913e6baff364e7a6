import type { SampleDetails } from '../../../shared/contract/samples.ts';

export type RuleCheck = SampleDetails['checks'][number];

/** Excused: the value is beyond its threshold, which alone is no finding. The worst first. */
export const CHECK_OUTCOMES = ['failed', 'excused', 'passed'] as const;
export type CheckOutcome = (typeof CHECK_OUTCOMES)[number];

export function outcomeOf({ passed, value, threshold, bad }: RuleCheck): CheckOutcome {
  if (!passed) return 'failed';
  if (value === null || threshold === null || bad === null) return 'passed';
  return (bad === 'below' ? value < threshold : value > threshold) ? 'excused' : 'passed';
}
