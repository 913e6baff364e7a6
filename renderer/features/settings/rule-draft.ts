/** Rules while they are being changed: what differs, what is sent, and where each belongs on the screen. */

import type { RuleField } from '../../../shared/contract/rules.ts';
import type { SampleMeasure } from '../../../shared/contract/samples.ts';

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

/** Which measure of samples a rule is a threshold of, where there is one, and which side of it is quarantined. */
export const RULE_MEASURES: Readonly<
  Record<string, { readonly measure: SampleMeasure; readonly bad: 'below' | 'above'; readonly decimals: number }>
> = {
  minSizeBytes: { measure: 'sizeBytes', bad: 'below', decimals: 0 },
  minShortSidePx: { measure: 'shortSide', bad: 'below', decimals: 0 },
  maxAspectRatio: { measure: 'aspectRatio', bad: 'above', decimals: 1 },
  minContrast: { measure: 'contrast', bad: 'below', decimals: 1 },
  minEntropyBits: { measure: 'entropy', bad: 'below', decimals: 1 },
};
