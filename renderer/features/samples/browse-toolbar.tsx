import {
  ArrowDownWideNarrow,
  ArrowUpNarrowWide,
  Captions,
  Filter,
  Maximize,
  Minus,
  PanelRight,
  Plus,
  Scan,
  Search,
  X,
} from 'lucide-react';
import { type RefObject, useEffect, useState } from 'react';
import { SAMPLE_SORTS, type SampleSort } from '../../../shared/contract/samples.ts';
import { t } from '../../messages/index.ts';
import { LEAST_THUMBNAIL_PX, MOST_THUMBNAIL_PX, useInterface } from '../../stores/interface.ts';
import { IconButton } from '../../ui/icon-button.tsx';
import { Select } from '../../ui/select.tsx';
import { type BrowseView, withText } from './browse-view.ts';
import { SavedFiltersMenu } from './saved-filters-menu.tsx';
import { GROUPINGS, type Grouping } from './segments.ts';
import { largerTile, smallerTile } from './tile-size.ts';

/** Between the last key and the search. */
const TYPING_MS = 180;

interface BrowseToolbarProps {
  readonly datasetId: number;
  readonly view: BrowseView;
  readonly search: string;
  readonly searchField: RefObject<HTMLInputElement | null>;
  readonly filtersOpen: boolean;
  readonly onToggleFilters: () => void;
  readonly inspectorOpen: boolean;
  readonly onToggleInspector: () => void;
  readonly onView: (view: BrowseView, replace?: boolean) => void;
  readonly onSearch: (search: string) => void;
  readonly onLeaveSearch: () => void;
}

/** Search, order and looks of the grid. */
export function BrowseToolbar(props: BrowseToolbarProps) {
  const { view, onView } = props;
  const { thumbnailPx, thumbnailFit, captions, set } = useInterface();
  const fill = thumbnailFit === 'fill';
  const { sort, grouping } = view;
  const ascending = sort.direction === 'ascending';
  return (
    <div className="browse-toolbar">
      <IconButton
        label={t.samples.showFilters}
        icon={Filter}
        keys="F"
        pressed={props.filtersOpen}
        onClick={props.onToggleFilters}
      />
      <SearchField {...props} />
      <span className="grow" />
      <Select
        className="browse-select"
        aria-label={t.samples.group}
        value={grouping}
        onValueChange={(next) => onView({ ...view, grouping: next as Grouping })}
        options={GROUPINGS.map((value) => ({ value, label: t.samples.groups[value] }))}
      />
      <Select
        className="browse-select"
        aria-label={t.samples.sort}
        value={grouping === 'date' ? 'added' : sort.by}
        disabled={grouping === 'date'}
        onValueChange={(by) => onView({ ...view, sort: { ...sort, by: by as SampleSort['by'] } })}
        options={SAMPLE_SORTS.map((value) => ({ value, label: t.samples.sorts[value] }))}
      />
      <IconButton
        label={ascending ? t.samples.ascending : t.samples.descending}
        icon={ascending ? ArrowUpNarrowWide : ArrowDownWideNarrow}
        onClick={() => onView({ ...view, sort: { ...sort, direction: ascending ? 'descending' : 'ascending' } })}
      />
      <SavedFiltersMenu datasetId={props.datasetId} search={props.search} onChoose={props.onSearch} />
      <span className="browse-divider" />
      <IconButton
        label={t.samples.smaller}
        keys="["
        icon={Minus}
        onClick={() => set({ thumbnailPx: smallerTile(thumbnailPx) })}
      />
      <input
        type="range"
        className="browse-size"
        min={LEAST_THUMBNAIL_PX}
        max={MOST_THUMBNAIL_PX}
        step={4}
        value={thumbnailPx}
        aria-label={t.samples.thumbnailSize}
        onChange={(event) => set({ thumbnailPx: event.target.valueAsNumber })}
      />
      <IconButton
        label={t.samples.larger}
        keys="]"
        icon={Plus}
        onClick={() => set({ thumbnailPx: largerTile(thumbnailPx) })}
      />
      <IconButton
        label={fill ? t.samples.fit : t.samples.fill}
        icon={fill ? Scan : Maximize}
        onClick={() => set({ thumbnailFit: fill ? 'fit' : 'fill' })}
      />
      <IconButton
        label={t.samples.captions}
        icon={Captions}
        pressed={captions}
        onClick={() => set({ captions: !captions })}
      />
      <IconButton
        label={t.samples.inspector}
        keys="I"
        icon={PanelRight}
        pressed={props.inspectorOpen}
        onClick={props.onToggleInspector}
      />
    </div>
  );
}

function SearchField({ view, searchField, onView, onLeaveSearch }: BrowseToolbarProps) {
  const current = view.filter.text ?? '';
  const [text, setText] = useState(current);
  useEffect(() => setText(current), [current]);
  useEffect(() => {
    if (text.trim() === current.trim()) return;
    const timer = setTimeout(() => onView({ ...view, filter: withText(view.filter, text) }, true), TYPING_MS);
    return () => clearTimeout(timer);
  }, [text, current, view, onView]);
  return (
    <div className="browse-search">
      <Search size={14} aria-hidden />
      <input
        ref={searchField}
        type="search"
        value={text}
        maxLength={200}
        placeholder={t.samples.searchShort}
        aria-label={t.samples.search}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Escape' && event.key !== 'Enter') return;
          event.preventDefault();
          event.stopPropagation();
          if (event.key === 'Escape' && text !== '') setText('');
          else onLeaveSearch();
        }}
      />
      {text !== '' && <IconButton label={t.samples.clearSearch} icon={X} onClick={() => setText('')} />}
    </div>
  );
}
