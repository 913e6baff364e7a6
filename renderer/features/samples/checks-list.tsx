import { Check, Minus, User, X } from 'lucide-react';
import type { Sample } from '../../../shared/contract/samples.ts';
import { t } from '../../messages/index.ts';
import { CHECK_OUTCOMES, type CheckOutcome, outcomeOf, type RuleCheck } from './check-outcome.ts';
import { formatNumber } from './format-measure.ts';

const MARKS = { failed: X, chosen: User, excused: Minus, passed: Check } as const satisfies Record<
  CheckOutcome,
  unknown
>;

/** What each rule measured and where its threshold is, as a bar: what fails comes first. */
export function ChecksList({ sample, checks }: { readonly sample: Sample; readonly checks: readonly RuleCheck[] }) {
  const sorted = checks
    .map((check) => ({ check, outcome: outcomeOf(check, sample) }))
    .sort((left, right) => CHECK_OUTCOMES.indexOf(left.outcome) - CHECK_OUTCOMES.indexOf(right.outcome));
  return (
    <ul className="rule-checks">
      {sorted.map(({ check, outcome }) => {
        const Mark = MARKS[outcome];
        return (
          <li key={check.rule ?? check.finding} className="rule-check" data-outcome={outcome} title={check.description}>
            <span className="rule-check-mark">
              <Mark size={14} aria-label={t.samples.checkOutcomes[outcome]} />
            </span>
            <span className="rule-check-name">{t.samples.checkName(check.rule ?? check.finding)}</span>
            <span className="rule-check-value">{checkText(check)}</span>
            <CheckBar check={check} />
            {outcome === 'excused' && <span className="rule-check-note">{t.samples.noReasonHere}</span>}
            {outcome === 'chosen' && <span className="rule-check-note">{t.samples.furtherThanRule}</span>}
          </li>
        );
      })}
    </ul>
  );
}

/** "312 · at least 256 px": the unit is said once. */
function checkText({ value, threshold, bad, unit }: RuleCheck): string {
  if (value === null) return '';
  const withUnit = (number: number) => t.samples.amount(formatNumber(number), unit);
  if (threshold === null || bad === null) return withUnit(value);
  const limit = bad === 'below' ? t.samples.atLeast(withUnit(threshold)) : t.samples.atMost(withUnit(threshold));
  return `${formatNumber(value)} · ${limit}`;
}

/** The threshold is in the middle of the bar, so that all bars are read alike. */
function CheckBar({ check: { value, threshold } }: { readonly check: RuleCheck }) {
  if (value === null || threshold === null || threshold <= 0) return null;
  const width = Math.min(100, Math.max(0, (value / (2 * threshold)) * 100));
  return (
    <span className="rule-check-bar" aria-hidden>
      <span className="rule-check-bar-value" style={{ width: `${width}%` }} />
      <span className="rule-check-bar-threshold" />
    </span>
  );
}
