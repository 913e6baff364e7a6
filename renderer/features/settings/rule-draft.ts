/** Rules while they are being changed: what differs, what is sent, and where each belongs on the screen. */

import { MEASURED_RULES, type MeasuredRule, type RuleField } from '../../../shared/contract/rules.ts';

export type RuleValue = RuleField['value'];
export type RuleDraft = Readonly<Record<string, RuleValue>>;

/** What the draft changes; values that are as they were are left out. */
export function changedRules(fields: readonly RuleField[], draft: RuleDraft): RuleDraft {
  const changed = fields.filter(({ name, value }) => Object.hasOwn(draft, name) && draft[name] !== value);
  return Object.fromEntries(changed.map(({ name }) => [name, draft[name] as RuleValue]));
}

/** Changes as they are saved: null puts a rule back to its default, so that it follows a later one. */
export function rulesToSave(fields: readonly RuleField[], changed: RuleDraft): Record<string, RuleValue | null> {
  const defaults = new Map(fields.map(({ name, defaultValue }) => [name, defaultValue]));
  return Object.fromEntries(
    Object.entries(changed).map(([name, value]) => [name, value === defaults.get(name) ? null : value]),
  );
}

const GROUPS = {
  integrity: ['allowDamaged', 'minSizeBytes'],
  size: ['minShortSidePx', 'maxAspectRatio'],
  content: ['minContrast', 'minEntropyBits'],
  sharpness: ['minSharpness', 'minSharpnessHalf'],
  exposure: ['minBrightnessP99', 'maxBrightnessP5'],
  duplicates: ['maxNearDuplicateDistance', 'maxNearDuplicateConfirmDistance'],
} as const satisfies Record<string, readonly string[]>;
type RuleGroup = keyof typeof GROUPS | 'other';

/** Rules by what they look at; those that a newer core has besides come last. */
export function groupedRules(fields: readonly RuleField[]): { group: RuleGroup; rules: RuleField[] }[] {
  const known = new Map<string, RuleGroup>(
    Object.entries(GROUPS).flatMap(([group, names]) => names.map((name) => [name, group as RuleGroup] as const)),
  );
  const groups = Map.groupBy(fields, ({ name }) => known.get(name) ?? 'other');
  const order: readonly RuleGroup[] = [...(Object.keys(GROUPS) as RuleGroup[]), 'other'];
  return order.flatMap((group) => {
    const rules = groups.get(group);
    return rules === undefined ? [] : [{ group, rules }];
  });
}

/** Decimals that a threshold is put to by hand; those of the rest are whole numbers. */
const DECIMALS: Readonly<Record<string, number>> = { maxAspectRatio: 1, minContrast: 1, minEntropyBits: 1 };

/** A value from a histogram as a rule takes it. */
export function thresholdOf(rule: MeasuredRule, value: number): number {
  return Number(value.toFixed(DECIMALS[rule] ?? 0));
}

export function isMeasured(rule: string): rule is MeasuredRule {
  return (MEASURED_RULES as readonly string[]).includes(rule);
}
