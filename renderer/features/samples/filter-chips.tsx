import { X } from 'lucide-react';
import { SAMPLE_MEASURES } from '../../../shared/contract/samples.ts';
import { t } from '../../messages/index.ts';
import {
  type BrowseFilter,
  facetChoice,
  isFiltered,
  LIST_FACETS,
  withFacetChoice,
  withRange,
  withText,
} from './browse-view.ts';
import { facetValueName } from './facets-panel.tsx';

interface FilterChipsProps {
  readonly filter: BrowseFilter;
  readonly onFilter: (filter: BrowseFilter) => void;
}

/** What narrows the grid now; each can be taken away. */
export function FilterChips({ filter, onFilter }: FilterChipsProps) {
  if (!isFiltered(filter)) return null;
  const chips = chipsOf(filter);
  return (
    <ul className="chips" aria-label={t.samples.filters}>
      {chips.map(({ key, text, without }) => (
        <li key={key} className="chip">
          <span className="truncate">{text}</span>
          <button type="button" aria-label={t.samples.removeFilter(text)} onClick={() => onFilter(without)}>
            <X size={12} aria-hidden />
          </button>
        </li>
      ))}
      {chips.length > 1 && (
        <li>
          <button type="button" className="chips-clear" onClick={() => onFilter({})}>
            {t.samples.clearFilters}
          </button>
        </li>
      )}
    </ul>
  );
}

function chipsOf(filter: BrowseFilter): readonly { key: string; text: string; without: BrowseFilter }[] {
  const chips = LIST_FACETS.flatMap((facet) =>
    facetChoice(filter, facet).map((value, _, chosen) => ({
      key: `${facet}:${value}`,
      text: t.samples.chip(t.samples.facets[facet], facetValueName(facet, value)),
      without: withFacetChoice(
        filter,
        facet,
        chosen.filter((other) => other !== value),
      ),
    })),
  );
  for (const measure of SAMPLE_MEASURES) {
    const range = filter.ranges?.[measure];
    if (!range) continue;
    const text = t.samples.chip(t.samples.measures[measure], t.samples.rangeOf(measure, range.min, range.max));
    chips.push({ key: measure, text, without: withRange(filter, measure, {}) });
  }
  if (filter.text !== undefined) {
    chips.push({ key: 'text', text: t.samples.chipText(filter.text), without: withText(filter, '') });
  }
  if (filter.jobId !== undefined) {
    const { jobId, ...without } = filter;
    chips.push({ key: 'job', text: t.samples.chipJob(jobId), without });
  }
  return chips;
}
