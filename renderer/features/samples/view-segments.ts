import type { SampleFilter, SampleSort } from '../../../shared/contract/samples.ts';
import type { BrowseView } from './browse-view.ts';
import {
  dateSegments,
  duplicateSegments,
  type FacetCounts,
  facetSegments,
  oneSegment,
  type Segment,
  type TimeBin,
} from './segments.ts';

/** What sections are made from. */
export interface SegmentSource {
  facets(filter: SampleFilter, signal: AbortSignal): Promise<FacetCounts>;
  /** How many samples arrived when. */
  arrivals(filter: SampleFilter, signal: AbortSignal): Promise<readonly TimeBin[]>;
  /** How many samples each duplicate group has. */
  duplicates(filter: SampleFilter, signal: AbortSignal): Promise<{ counts: readonly number[]; total: number }>;
}

export function filterOf(datasetId: number, view: BrowseView): SampleFilter {
  return { datasetId, ...view.filter };
}

/** The order that the samples have: sections by date follow the time of arrival, groups of duplicates their keepers. */
export function orderOf({ grouping, sort }: BrowseView): SampleSort {
  if (grouping === 'duplicates') return { by: 'duplicates', direction: 'ascending' };
  return grouping === 'date' && sort.by !== 'added' ? { by: 'added', direction: sort.direction } : sort;
}

/** The stretches that a view's list is made of; without sections one, at once. */
export function segmentsOf(
  datasetId: number,
  view: BrowseView,
  source: SegmentSource,
  signal: AbortSignal,
): readonly Segment[] | Promise<readonly Segment[]> {
  const filter = filterOf(datasetId, view);
  const { grouping } = view;
  switch (grouping) {
    case 'none':
      return oneSegment(filter);
    case 'date':
      return source.arrivals(filter, signal).then((bins) => dateSegments(filter, orderOf(view), bins));
    case 'duplicates':
      return source.duplicates(filter, signal).then((groups) => duplicateSegments(filter, groups));
    case 'label':
    case 'split':
    case 'status':
    case 'source':
      return source.facets(filter, signal).then((facets) => facetSegments(filter, grouping, facets));
  }
}
