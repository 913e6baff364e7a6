/** What decisions change of a sample. */

import type { SampleStatus, Split } from '../../shared/vocabulary.ts';

export interface SampleFields {
  readonly status: SampleStatus;
  readonly decidedBy: 'rules' | 'user';
  /** Comma-separated findings. */
  readonly reasons: string;
  readonly keeperId: number | null;
  readonly keeperDistance: number | null;
  readonly labelId: number | null;
  readonly split: Split | null;
  readonly caption: string | null;
  readonly tags: readonly string[];
}

/** Columns of `samples` that hold them. */
export const FIELD_COLUMN: Readonly<Record<keyof SampleFields, string>> = {
  status: 'status',
  decidedBy: 'decided_by',
  reasons: 'reasons',
  keeperId: 'keeper_id',
  keeperDistance: 'keeper_distance',
  labelId: 'label_id',
  split: 'split',
  caption: 'caption',
  tags: 'tags',
};
export const FIELDS = Object.keys(FIELD_COLUMN) as (keyof SampleFields)[];

/** Fields that differ, as they are and as they become; null when none does. */
export function differences(
  now: SampleFields,
  wanted: Partial<SampleFields>,
): { before: Partial<SampleFields>; after: Partial<SampleFields> } | null {
  const changed = FIELDS.filter(
    (field) => wanted[field] !== undefined && JSON.stringify(now[field]) !== JSON.stringify(wanted[field]),
  );
  if (changed.length === 0) return null;
  const pick = (from: Partial<SampleFields>) => Object.fromEntries(changed.map((field) => [field, from[field]]));
  return { before: pick(now), after: pick(wanted) };
}
