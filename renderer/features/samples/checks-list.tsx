import { Check, X } from 'lucide-react';
import type { SampleDetails } from '../../../shared/contract/samples.ts';
import { t } from '../../messages/index.ts';
import { formatNumber } from './format-measure.ts';

type RuleCheck = SampleDetails['checks'][number];

/** What each rule measured and where its threshold is, as a bar: what fails comes first. */
export function ChecksList({ checks }: { readonly checks: readonly RuleCheck[] }) {
  const sorted = checks.toSorted((left, right) => Number(left.passed) - Number(right.passed));
  return (
    <ul className="rule-checks">
      {sorted.map((check) => (
        <li
          key={check.rule ?? check.finding}
          className="rule-check"
          data-passed={check.passed || undefined}
          title={check.description}
        >
          <span className="rule-check-mark">
            {check.passed ? (
              <Check size={14} aria-label={t.samples.passed} />
            ) : (
              <X size={14} aria-label={t.samples.failed} />
            )}
          </span>
          <span className="rule-check-name">{t.samples.checkName(check.rule ?? check.finding)}</span>
          <span className="rule-check-value">{checkText(check)}</span>
          <CheckBar check={check} />
        </li>
      ))}
    </ul>
  );
}

/** "312 px, expected at least 256 px". */
function checkText({ value, threshold, bad, unit }: RuleCheck): string {
  if (value === null) return '';
  const withUnit = (number: number) => t.samples.amount(formatNumber(number), unit);
  if (threshold === null || bad === null) return withUnit(value);
  const limit = bad === 'below' ? t.samples.atLeast(withUnit(threshold)) : t.samples.atMost(withUnit(threshold));
  return `${withUnit(value)} · ${limit}`;
}

/** The threshold is in the middle of the bar, so that all bars are read alike. */
function CheckBar({ check: { value, threshold, passed } }: { readonly check: RuleCheck }) {
  if (value === null || threshold === null || threshold <= 0) return null;
  const width = Math.min(100, Math.max(0, (value / (2 * threshold)) * 100));
  return (
    <span className="rule-check-bar" aria-hidden>
      <span className="rule-check-bar-value" data-passed={passed || undefined} style={{ width: `${width}%` }} />
      <span className="rule-check-bar-threshold" />
    </span>
  );
}
