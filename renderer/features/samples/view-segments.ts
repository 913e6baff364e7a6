import type { SampleFilter, SampleSort } from '../../../shared/contract/samples.ts';
import type { BrowseView } from './browse-view.ts';
import { dateSegments, type FacetCounts, facetSegments, oneSegment, type Segment, type TimeBin } from './segments.ts';

/** What sections are made from. */
export interface SegmentSource {
  facets(filter: SampleFilter, signal: AbortSignal): Promise<FacetCounts>;
  /** How many samples arrived when. */
  arrivals(filter: SampleFilter, signal: AbortSignal): Promise<readonly TimeBin[]>;
}

export function filterOf(datasetId: number, view: BrowseView): SampleFilter {
  return { datasetId, ...view.filter };
}

/** Sections by date follow the time of arrival, so nothing else can be the order. */
export function orderOf(view: BrowseView): SampleSort {
  return view.grouping === 'date' && view.sort.by !== 'added'
    ? { by: 'added', direction: view.sort.direction }
    : view.sort;
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
    case 'label':
    case 'split':
    case 'status':
    case 'source':
      return source.facets(filter, signal).then((facets) => facetSegments(filter, grouping, facets));
  }
}
