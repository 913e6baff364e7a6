import {
  SAMPLE_MEASURES,
  SAMPLE_SORTS,
  type SampleFilter,
  type SampleMeasure,
  type SampleSort,
} from '../../../shared/contract/samples.ts';
import { IMAGE_FORMATS, SAMPLE_STATUSES, SPLITS } from '../../../shared/vocabulary.ts';
import { GROUPINGS, type Grouping } from './segments.ts';

/** A filter without its dataset, which the path names. */
export type BrowseFilter = Omit<SampleFilter, 'datasetId'>;

/** What the address of Browse says beside the dataset: which samples, in which order, in which sections. */
export interface BrowseView {
  readonly filter: BrowseFilter;
  readonly sort: SampleSort;
  readonly grouping: Grouping;
}

export const DEFAULT_VIEW: BrowseView = {
  filter: {},
  sort: { by: 'added', direction: 'ascending' },
  grouping: 'none',
};

/** Facets that hold a list of values, by their names in an address. */
const LISTS = {
  status: 'statuses',
  label: 'labels',
  split: 'splits',
  reason: 'reasons',
  source: 'sources',
  licence: 'licences',
  format: 'formats',
} as const satisfies Record<string, keyof BrowseFilter>;
export type ListFacet = keyof typeof LISTS;
export const LIST_FACETS = Object.keys(LISTS) as readonly ListFacet[];

const ALLOWED: Partial<Record<ListFacet, readonly string[]>> = {
  status: SAMPLE_STATUSES,
  split: [...SPLITS, ''],
  format: IMAGE_FORMATS,
};

/** Values that the filter chooses of a facet; empty is "no choice". */
export function facetChoice(filter: BrowseFilter, facet: ListFacet): readonly string[] {
  return filter[LISTS[facet]] ?? [];
}

/** The filter with another choice of a facet; none takes the facet away. */
export function withFacetChoice(filter: BrowseFilter, facet: ListFacet, values: readonly string[]): BrowseFilter {
  const { [LISTS[facet]]: _, ...others } = filter;
  return values.length === 0 ? others : { ...others, [LISTS[facet]]: [...values] };
}

/** The value chosen when it was not, and the other way round. */
export function toggledFacet(filter: BrowseFilter, facet: ListFacet, value: string): BrowseFilter {
  const chosen = facetChoice(filter, facet);
  return withFacetChoice(
    filter,
    facet,
    chosen.includes(value) ? chosen.filter((other) => other !== value) : [...chosen, value],
  );
}

/** The filter with another range of a measure; one without ends takes it away. */
export function withRange(
  filter: BrowseFilter,
  measure: SampleMeasure,
  range: { min?: number; max?: number },
): BrowseFilter {
  const { ranges, ...others } = filter;
  const { [measure]: _, ...kept } = ranges ?? {};
  const own = {
    ...(range.min !== undefined && { min: range.min }),
    ...(range.max !== undefined && { max: range.max }),
  };
  const next = Object.keys(own).length === 0 ? kept : { ...kept, [measure]: own };
  return Object.keys(next).length === 0 ? others : { ...others, ranges: next };
}

/** The filter with other words; blank ones take them away. */
export function withText(filter: BrowseFilter, text: string): BrowseFilter {
  const { text: _, ...others } = filter;
  return text.trim() === '' ? others : { ...others, text: text.slice(0, 200) };
}

export function isFiltered(filter: BrowseFilter): boolean {
  return Object.keys(filter).length > 0;
}

/** As the search of an address, without the question mark; what is as by default is left out. */
export function formatView(view: BrowseView): string {
  const search = new URLSearchParams();
  for (const facet of LIST_FACETS) {
    for (const value of facetChoice(view.filter, facet)) search.append(facet, value);
  }
  for (const measure of SAMPLE_MEASURES) {
    const range = view.filter.ranges?.[measure];
    if (range) search.append(measure, `${range.min ?? ''}..${range.max ?? ''}`);
  }
  if (view.filter.text !== undefined) search.append('q', view.filter.text);
  if (view.filter.jobId !== undefined) search.append('job', String(view.filter.jobId));
  const { by, direction } = view.sort;
  if (by !== DEFAULT_VIEW.sort.by || direction !== DEFAULT_VIEW.sort.direction) {
    search.append('sort', direction === 'descending' ? `-${by}` : by);
  }
  if (view.grouping !== 'none') search.append('group', view.grouping);
  return search.toString();
}

/** The view of an address. What it does not understand it leaves out: an old or mistyped link still opens. */
export function parseView(searchText: string): BrowseView {
  const search = new URLSearchParams(searchText);
  let filter: BrowseFilter = {};
  for (const facet of LIST_FACETS) {
    const allowed = ALLOWED[facet];
    const longest = facet === 'licence' ? 200 : 100;
    const values = search.getAll(facet).filter((value) => allowed?.includes(value) ?? value.length <= longest);
    filter = withFacetChoice(filter, facet, [...new Set(values)].slice(0, facet === 'label' ? 1_000 : 100));
  }
  for (const measure of SAMPLE_MEASURES) {
    const parts = search.get(measure)?.split('..');
    if (parts?.length !== 2) continue;
    const [min, max] = parts.map(parseBound);
    filter = withRange(filter, measure, { ...(min !== undefined && { min }), ...(max !== undefined && { max }) });
  }
  filter = withText(filter, search.get('q') ?? '');
  const jobId = Number(search.get('job') ?? Number.NaN);
  if (Number.isSafeInteger(jobId) && jobId > 0) filter = { ...filter, jobId };
  const sortText = search.get('sort') ?? '';
  const by = SAMPLE_SORTS.find((known) => known === sortText.replace(/^-/, ''));
  const grouping = GROUPINGS.find((known) => known === search.get('group'));
  return {
    filter,
    sort: by ? { by, direction: sortText.startsWith('-') ? 'descending' : 'ascending' } : DEFAULT_VIEW.sort,
    grouping: grouping ?? 'none',
  };
}

/** @returns undefined for an open end and for what is no number */
function parseBound(text: string): number | undefined {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  return Number.isFinite(value) ? value : undefined;
}
