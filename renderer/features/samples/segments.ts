import type { SampleFacet, SampleFilter, SampleSort } from '../../../shared/contract/samples.ts';
import { SAMPLE_STATUSES, type SampleStatus, SPLITS, type Split } from '../../../shared/vocabulary.ts';

/** What sections of the grid are made by. */
export const GROUPINGS = ['none', 'label', 'split', 'status', 'source', 'date', 'duplicates'] as const;
export type Grouping = (typeof GROUPINGS)[number];

/** A stretch of the grid with one filter of its own; without sections there is one. */
export interface Segment {
  /** Value of the facet, or the beginning of the time. */
  readonly key: string;
  readonly filter: SampleFilter;
  /** Null until it was counted. */
  readonly count: number | null;
  /** Samples of the sections that it is made of, in order; without them it is one. */
  readonly parts?: readonly number[];
  /** Both ends, for sections by date. */
  readonly from?: number;
  readonly to?: number;
}

export type FacetCounts = Readonly<Record<SampleFacet, readonly { readonly value: string; readonly count: number }[]>>;
export interface TimeBin {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/** The whole list as one stretch. */
export function oneSegment(filter: SampleFilter): readonly Segment[] {
  return [{ key: '', filter, count: null }];
}

/**
 * Sections by the values of a facet, in the order people expect: labels by name with "none" last, splits and statuses as the
 * vocabulary has them, sources by size. Counts are exact, as a facet's counts obey every other filter.
 */
export function facetSegments(
  filter: SampleFilter,
  grouping: 'label' | 'split' | 'status' | 'source',
  facets: FacetCounts,
): readonly Segment[] {
  const chosen = chosenValues(filter, grouping);
  return facets[grouping]
    .filter(({ value, count }) => count > 0 && (chosen === undefined || chosen.includes(value)))
    .toSorted(
      (left, right) => rank(grouping, left) - rank(grouping, right) || collator.compare(left.value, right.value),
    )
    .map(({ value, count }) => ({ key: value, filter: narrowed(filter, grouping, value), count }));
}

/** Sections by time of arrival, in the order of the sort. A bin that the filter cuts is counted anew. */
export function dateSegments(filter: SampleFilter, sort: SampleSort, bins: readonly TimeBin[]): readonly Segment[] {
  const chosen = filter.ranges?.createdAt ?? {};
  const segments = bins.flatMap(({ from, to, count }): Segment[] => {
    const min = Math.max(from, chosen.min ?? from);
    const max = Math.min(to - 1, chosen.max ?? to - 1);
    if (count === 0 || min > max) return [];
    const whole = min === from && max === to - 1;
    const ranges = { ...filter.ranges, createdAt: { min, max } };
    return [{ key: String(from), filter: { ...filter, ranges }, count: whole ? count : null, from, to }];
  });
  return sort.direction === 'ascending' ? segments : segments.toReversed();
}

/** Groups of near-duplicates, each a section, then what is in none. @param groups as the core tells them */
export function duplicateSegments(
  filter: SampleFilter,
  groups: { readonly counts: readonly number[]; readonly total: number },
): readonly Segment[] {
  const single: Segment = { key: NO_GROUP, filter: { ...filter, duplicates: 'single' }, count: null };
  if (groups.total === 0) return [single];
  return [{ key: '', filter: { ...filter, duplicates: 'grouped' }, count: groups.total, parts: groups.counts }, single];
}

/** Key of the section of what is in no duplicate group. */
export const NO_GROUP = 'single';
/** Key of the section of groups that have no section of their own. */
export const MORE_GROUPS = 'more';

/** A heading of the grid with what lies below it. */
export interface Section {
  /** Of its segment; of a part, its number from 1 on. */
  readonly key: string;
  readonly segment: Segment;
  readonly count: number;
}

/** The sections of segments. Samples may have come or gone since the parts were counted: then the last ones give way. */
export function sectionsOf(
  segments: readonly { readonly segment: Segment; readonly count: number }[],
): readonly Section[] {
  return segments.flatMap(({ segment, count }): readonly Section[] => {
    if (segment.parts === undefined) return [{ key: segment.key, segment, count }];
    const sections: Section[] = [];
    let left = count;
    for (const [at, part] of segment.parts.entries()) {
      if (left === 0) break;
      sections.push({ key: String(at + 1), segment, count: Math.min(part, left) });
      left -= Math.min(part, left);
    }
    return left === 0 ? sections : [...sections, { key: MORE_GROUPS, segment, count: left }];
  });
}

export function sameSections(left: readonly Section[], right: readonly Section[]): boolean {
  return (
    left.length === right.length &&
    left.every((section, at) => {
      const other = right[at] as Section;
      return section.key === other.key && section.count === other.count && section.segment.to === other.segment.to;
    })
  );
}

const collator = new Intl.Collator('en', { numeric: true });

function rank(grouping: Grouping, { value, count }: { value: string; count: number }): number {
  switch (grouping) {
    case 'split':
      return value === '' ? SPLITS.length : SPLITS.indexOf(value as Split);
    case 'status':
      return SAMPLE_STATUSES.indexOf(value as SampleStatus);
    case 'source':
      return -count;
    case 'label':
    case 'date':
    case 'duplicates':
    case 'none':
      return value === '' ? 1 : 0;
  }
}

function chosenValues(filter: SampleFilter, grouping: 'label' | 'split' | 'status' | 'source') {
  const chosen: readonly string[] | undefined = {
    label: filter.labels,
    split: filter.splits,
    status: filter.statuses,
    source: filter.sources,
  }[grouping];
  return chosen;
}

function narrowed(
  filter: SampleFilter,
  grouping: 'label' | 'split' | 'status' | 'source',
  value: string,
): SampleFilter {
  switch (grouping) {
    case 'label':
      return { ...filter, labels: [value] };
    case 'split':
      return { ...filter, splits: [value as Split | ''] };
    case 'status':
      return { ...filter, statuses: [value as SampleStatus] };
    case 'source':
      return { ...filter, sources: [value] };
  }
}
