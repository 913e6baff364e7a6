import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { ChevronRight, X } from 'lucide-react';
import { useId, useState } from 'react';
import { SAMPLE_MEASURES, type SampleMeasure } from '../../../shared/contract/samples.ts';
import type { SampleStatus, Split } from '../../../shared/vocabulary.ts';
import { api } from '../../api/query.ts';
import { formatCount } from '../../messages/format.ts';
import { t } from '../../messages/index.ts';
import { IconButton } from '../../ui/icon-button.tsx';
import { StatusMark } from '../../ui/status-mark.tsx';
import {
  type BrowseFilter,
  facetChoice,
  isFiltered,
  LIST_FACETS,
  type ListFacet,
  toggledFacet,
  withFacetChoice,
  withRange,
} from './browse-view.ts';
import { LabelDot } from './label-dot.tsx';
import { RangeHistogram } from './range-histogram.tsx';
import { useLabels } from './use-labels.ts';

/** Values of a facet that show before "Show all". */
const FEW_VALUES = 8;
/** At most these many rows of a facet are in the document; the rest is found by typing. */
const MANY_VALUES = 100;
/** Facets that are open at first. */
const OPEN: ReadonlySet<string> = new Set(['status', 'label', 'split', 'reason', 'source', 'shortSide']);

interface FacetsPanelProps {
  readonly datasetId: number;
  readonly filter: BrowseFilter;
  /** False while the first page is on its way: it goes before all counts. */
  readonly ready: boolean;
  /** `replace` where a change is one of many, such as a handle that moves: the way back should skip it. */
  readonly onFilter: (filter: BrowseFilter, replace?: boolean) => void;
}

/** Counts beside every value of every facet; a click narrows. */
export function FacetsPanel({ datasetId, filter, ready, onFilter }: FacetsPanelProps) {
  const labels = useLabels(datasetId);
  const { data } = useQuery({
    ...api.samples.facets.queryOptions({ input: { filter: { datasetId, ...filter } } }),
    enabled: ready,
    placeholderData: keepPreviousData,
  });
  return (
    <div className="facets">
      {LIST_FACETS.map((facet) => (
        <Section
          key={facet}
          name={facet}
          title={t.samples.facets[facet]}
          chosen={facetChoice(filter, facet).length > 0}
          onClear={() => onFilter(withFacetChoice(filter, facet, []))}
        >
          <FacetValues
            facet={facet}
            values={data?.facets[facet]}
            labels={labels}
            chosen={facetChoice(filter, facet)}
            none={isFiltered(filter) ? t.samples.noValuesLeft : t.samples.noValues}
            onToggle={(value) => onFilter(toggledFacet(filter, facet, value))}
          />
        </Section>
      ))}
      {SAMPLE_MEASURES.map((measure) => (
        <Section
          key={measure}
          name={measure}
          title={t.samples.measures[measure]}
          hint={t.samples.measureHints[measure]}
          chosen={filter.ranges?.[measure] !== undefined}
          onClear={() => onFilter(withRange(filter, measure, {}))}
        >
          <MeasureHistogram datasetId={datasetId} filter={filter} measure={measure} ready={ready} onFilter={onFilter} />
        </Section>
      ))}
    </div>
  );
}

interface SectionProps {
  readonly name: string;
  readonly title: string;
  readonly hint?: string;
  readonly chosen: boolean;
  readonly onClear: () => void;
  readonly children: React.ReactNode;
}

/** Its content is not in the document, and nothing is asked of the core, while it is closed. */
function Section({ name, title, hint, chosen, onClear, children }: SectionProps) {
  const [open, setOpen] = useState(OPEN.has(name));
  const shown = open || chosen;
  const content = useId();
  return (
    <section className="facet">
      <div className="facet-head">
        <button
          type="button"
          className="facet-toggle"
          aria-expanded={shown}
          aria-controls={shown ? content : undefined}
          onClick={() => setOpen(!shown)}
        >
          <ChevronRight size={14} className="facet-chevron" data-open={shown || undefined} aria-hidden />
          {title}
          {hint !== undefined && shown && <span className="facet-hint">{hint}</span>}
        </button>
        {chosen && <IconButton label={t.samples.clearFacet(title)} icon={X} onClick={onClear} />}
      </div>
      {shown && <div id={content}>{children}</div>}
    </section>
  );
}

interface FacetValuesProps {
  readonly facet: ListFacet;
  readonly values: readonly { readonly value: string; readonly count: number }[] | undefined;
  readonly labels: readonly string[];
  readonly chosen: readonly string[];
  /** Why there is nothing to choose. */
  readonly none: string;
  readonly onToggle: (value: string) => void;
}

function FacetValues({ facet, values, labels, chosen, none, onToggle }: FacetValuesProps) {
  const [all, setAll] = useState(false);
  const [find, setFind] = useState('');
  if (!values) return <div className="facet-loading" aria-hidden />;
  const missing = chosen.filter((value) => !values.some((one) => one.value === value));
  const known = [...missing.map((value) => ({ value, count: 0 })), ...values];
  if (known.length === 0) return <p className="facet-none">{none}</p>;
  const wanted = find.trim().toLowerCase();
  const matching = known.filter(({ value }) => facetValueName(facet, value).toLowerCase().includes(wanted));
  const few = matching.filter(({ value }, at) => at < FEW_VALUES || chosen.includes(value));
  const shown = all || wanted !== '' ? matching.slice(0, MANY_VALUES) : few;
  const most = Math.max(1, ...known.map(({ count }) => count));
  return (
    <>
      {known.length > 2 * FEW_VALUES && (
        <input
          type="search"
          className="facet-find"
          value={find}
          placeholder={t.samples.findValue(t.samples.facets[facet])}
          aria-label={t.samples.findValue(t.samples.facets[facet])}
          onChange={(event) => setFind(event.target.value)}
        />
      )}
      <ul className="facet-values">
        {shown.map(({ value, count }) => (
          <li key={value}>
            <label className="facet-value">
              <input type="checkbox" checked={chosen.includes(value)} onChange={() => onToggle(value)} />
              {facet === 'label' && value !== '' && <LabelDot place={labels.indexOf(value)} />}
              {facet === 'status' && <StatusMark status={value as SampleStatus} />}
              <span className="facet-name" title={facetValueName(facet, value)}>
                {facetValueName(facet, value)}
              </span>
              <span className="facet-count">{formatCount(count)}</span>
              <span className="facet-bar" style={{ width: `${(count / most) * 100}%` }} aria-hidden />
            </label>
          </li>
        ))}
      </ul>
      {shown.length < matching.length && shown.length >= MANY_VALUES && (
        <p className="facet-none">{t.samples.othersByTyping(matching.length - shown.length)}</p>
      )}
      {wanted === '' && matching.length > few.length && (
        <button type="button" className="facet-more" onClick={() => setAll(!all)}>
          {all
            ? t.samples.showFewerValues
            : t.samples.showAllValues(Math.min(MANY_VALUES, matching.length), matching.length)}
        </button>
      )}
    </>
  );
}

/** A value of a facet in words. */
export function facetValueName(facet: ListFacet, value: string): string {
  switch (facet) {
    case 'status':
      return t.samples.statusName(value as SampleStatus);
    case 'label':
      return t.samples.labelName(value);
    case 'split':
      return t.samples.splitName(value as Split | '');
    case 'reason':
      return t.samples.reasonName(value);
    case 'source':
      return t.samples.sourceName(value);
    case 'licence':
      return t.samples.licenceName(value);
    case 'format':
      return t.samples.formatName(value);
  }
}

interface MeasureHistogramProps {
  readonly datasetId: number;
  readonly filter: BrowseFilter;
  readonly measure: SampleMeasure;
  readonly ready: boolean;
  readonly onFilter: (filter: BrowseFilter, replace?: boolean) => void;
}

function MeasureHistogram({ datasetId, filter, measure, ready, onFilter }: MeasureHistogramProps) {
  // Its own range does not narrow it, so another range need not read it again.
  const others = withRange(filter, measure, {});
  const { data } = useQuery({
    ...api.samples.histogram.queryOptions({ input: { filter: { datasetId, ...others }, measure } }),
    enabled: ready,
    placeholderData: keepPreviousData,
  });
  if (!data) return <div className="facet-loading facet-loading-tall" aria-hidden />;
  if (data.bins.length === 0) {
    return <p className="facet-none">{isFiltered(others) ? t.samples.noValuesLeft : t.samples.noValues}</p>;
  }
  return (
    <RangeHistogram
      measure={measure}
      bins={data.bins}
      range={filter.ranges?.[measure] ?? {}}
      onRange={(range) => onFilter(withRange(filter, measure, range), true)}
    />
  );
}
