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
} from 'lucide-react';
import { type RefObject, useCallback } from 'react';
import { SAMPLE_SORTS, type SampleSort } from '../../../shared/contract/samples.ts';
import { shownKey } from '../../keyboard/key-map.ts';
import { t } from '../../messages/index.ts';
import { LEAST_THUMBNAIL_PX, MOST_THUMBNAIL_PX, useInterface } from '../../stores/interface.ts';
import { IconButton } from '../../ui/icon-button.tsx';
import { Select } from '../../ui/select.tsx';
import { type BrowseView, withText } from './browse-view.ts';
import { SavedFiltersMenu } from './saved-filters-menu.tsx';
import { SearchField } from './search-field.tsx';
import { GROUPINGS, type Grouping } from './segments.ts';
import { largerTile, smallerTile } from './tile-size.ts';
import { orderOf } from './view-segments.ts';

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
  const onText = useCallback(
    (text: string) => onView({ ...view, filter: withText(view.filter, text) }, true),
    [view, onView],
  );
  const ascending = sort.direction === 'ascending';
  return (
    <div className="browse-toolbar">
      <IconButton
        label={t.samples.showFilters}
        icon={Filter}
        keys={shownKey('browse.filters')}
        pressed={props.filtersOpen}
        onClick={props.onToggleFilters}
      />
      <SearchField
        value={view.filter.text ?? ''}
        onValue={onText}
        field={props.searchField}
        onLeave={props.onLeaveSearch}
      />
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
        value={orderOf(view).by}
        disabled={grouping === 'date' || grouping === 'duplicates'}
        onValueChange={(by) => onView({ ...view, sort: { ...sort, by: by as SampleSort['by'] } })}
        options={SAMPLE_SORTS.map((value) => ({ value, label: t.samples.sorts[value] }))}
      />
      <IconButton
        label={t.samples.order(orderOf(view))}
        icon={ascending ? ArrowUpNarrowWide : ArrowDownWideNarrow}
        disabled={grouping === 'duplicates'}
        onClick={() => onView({ ...view, sort: { ...sort, direction: ascending ? 'descending' : 'ascending' } })}
      />
      <SavedFiltersMenu datasetId={props.datasetId} search={props.search} onChoose={props.onSearch} />
      <span className="browse-divider" />
      <IconButton
        label={t.samples.smaller}
        keys={shownKey('browse.smaller')}
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
        keys={shownKey('browse.larger')}
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
        keys={shownKey('browse.inspector')}
        icon={PanelRight}
        pressed={props.inspectorOpen}
        onClick={props.onToggleInspector}
      />
    </div>
  );
}
