import './browse.css';
import './grid.css';
import './viewer.css';
import { useQuery } from '@tanstack/react-query';
import { ImagePlus, SearchX } from 'lucide-react';
import { type ReactNode, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useLocation, useSearch } from 'wouter';
import type { SampleChange } from '../../../shared/contract/decisions.ts';
import type { DragLayout, DragRequest } from '../../../shared/contract/drags.ts';
import type { SampleSummary } from '../../../shared/contract/samples.ts';
import { host } from '../../api/host.ts';
import { api } from '../../api/query.ts';
import { formatBytes } from '../../messages/format.ts';
import { t } from '../../messages/index.ts';
import { copyOut, startDrag } from '../../stores/drags.ts';
import { useInterface } from '../../stores/interface.ts';
import { useStatusText } from '../../stores/status.ts';
import { Button } from '../../ui/button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { ErrorState } from '../../ui/error-state.tsx';
import { GhostTiles } from '../../ui/ghost-tiles.tsx';
import { DragHandle } from '../drags/drag-handle.tsx';
import type { BrowseSession } from './browse-session.ts';
import { BrowseToolbar } from './browse-toolbar.tsx';
import { type BrowseView, formatView, isFiltered, parseView } from './browse-view.ts';
import { FacetsPanel, facetValueName } from './facets-panel.tsx';
import { FilterChips } from './filter-chips.tsx';
import { Grid, useSession } from './grid.tsx';
import { Inspector } from './inspector.tsx';
import { MORE_GROUPS, NO_GROUP, type Section } from './segments.ts';
import { focusOn, isEmpty } from './selection.ts';
import { SelectionBar } from './selection-bar.tsx';
import { SidePanel, useIsWide } from './side-panel.tsx';
import { useBrowseCommands } from './use-browse-commands.ts';
import { useBrowseSession } from './use-browse-session.ts';
import { useLabels } from './use-labels.ts';
import { orderOf } from './view-segments.ts';
import { Viewer } from './viewer.tsx';

/** Images that can be compared. */
const MOST_COMPARED = 4;

interface BrowseScreenProps {
  readonly datasetId: number;
}

/** The light table of one dataset. */
export default function BrowseScreen({ datasetId }: BrowseScreenProps) {
  const session = useBrowseSession(datasetId);
  return session ? <Browse key={datasetId} session={session} /> : null;
}

function Browse({ session }: { readonly session: BrowseSession }) {
  const { datasetId } = session;
  const version = useSession(session);
  const [path, navigate] = useLocation();
  const search = useSearch();
  const view = useMemo(() => parseView(search), [search]);
  useEffect(() => session.show(view), [session, view]);

  const { inspectorOpen, thumbnailPx, thumbnailFit, captions, dragLayout, set } = useInterface();
  const wide = useIsWide();
  // Without room beside the grid the inspector lies over it, and only when it is called.
  const [drawerOpen, setDrawerOpen] = useState(false);
  const inspecting = wide ? inspectorOpen : drawerOpen;
  const toggleInspector = () => (wide ? set({ inspectorOpen: !inspectorOpen }) : setDrawerOpen(!drawerOpen));
  const [filtersOpen, setFiltersOpen] = useState(() => window.innerWidth >= 1_100);
  const toggleFilters = () => setFiltersOpen(!filtersOpen);
  const [compared, setCompared] = useState<readonly number[] | null>(null);
  const [viewing, setViewing] = useState(false);
  const searchField = useRef<HTMLInputElement>(null);
  const frame = useRef<HTMLDivElement>(null);
  const dataset = useQuery(api.datasets.get.queryOptions({ input: { id: datasetId } }));
  const labels = useLabels(datasetId);

  const setSearch = useCallback(
    (next: string, replace = false) => navigate(next === '' ? path : `${path}?${next}`, { replace }),
    [navigate, path],
  );
  const setView = useCallback((next: BrowseView, replace = false) => setSearch(formatView(next), replace), [setSearch]);
  const { ready, counted } = session;
  const linked = linkedSample(search);
  // A link to one image opens it, wherever it is in the list.
  const followed = useRef<number | null>(null);
  useEffect(() => {
    if (linked === null || !ready || !counted || followed.current === linked) return;
    followed.current = linked;
    if (session.focused?.id !== linked) {
      void session.focusSample(linked).then((found) => {
        setViewing(found);
        if (!found) setSearch(formatView(view), true);
      });
    }
  }, [linked, ready, counted, session, view, setSearch]);
  // Another list came in front: what was to be shown is not there any more.
  if (viewing && !compared && session.selection.focus === null) setViewing(false);
  const viewedId = viewing && !compared ? (session.focused?.id ?? null) : null;
  useEffect(() => {
    if (viewing ? viewedId === null || viewedId === linked : linked === null || followed.current !== linked) return;
    followed.current = viewedId;
    setSearch(withLinkedSample(formatView(view), viewedId), true);
  }, [viewing, viewedId, linked, view, setSearch]);
  const focusGrid = useCallback(() => frame.current?.querySelector<HTMLElement>('.sample-grid')?.focus(), []);

  const { selection, count, focused } = session;
  const selectedCount = session.selectedCount;
  const chosen = session.selectedSamples(MOST_COMPARED + 1);
  const comparable = selectedCount >= 2 && selectedCount <= MOST_COMPARED && chosen.length === selectedCount;
  const open = useCallback(
    (index: number) => {
      session.focus(index);
      setCompared(null);
      setViewing(true);
    },
    [session],
  );
  const compare = (active?: SampleSummary) => {
    if (compared) {
      const place = active === undefined ? null : session.placeOf(active.id);
      // The one that is left is the one in focus; the selection stays, to be compared again.
      if (place !== null) session.select(focusOn(selection, place));
      setCompared(null);
      return;
    }
    const next = selection.focus === null ? undefined : session.at(selection.focus + 1);
    const ids = comparable ? chosen.map((one) => one.id) : [focused?.id, next?.id].filter((id) => id !== undefined);
    if (ids.length < 2) return;
    setCompared(ids);
    setViewing(true);
  };
  /** About the image that the viewer shows, whatever is selected behind it; alone, it makes way for the next one. */
  const decideShown = (sample: SampleSummary, change: SampleChange) =>
    session.decideAbout([sample.id], change, compared === null);
  const { target } = session;
  const samplesDrag = (layout: DragLayout): DragRequest | null =>
    session.target && { kind: 'samples', datasetId, target: session.target, layout };
  const take = (act: (request: DragRequest) => void) => () => {
    const request = samplesDrag(dragLayout);
    if (request !== null) act(request);
  };
  const onDragOut = host.desktop === undefined ? null : take(startDrag);
  useBrowseCommands({
    onCopyOut: host.desktop === undefined ? null : take((request) => void copyOut(request)),
    session,
    enabled: !viewing,
    labels,
    onSearch: () => searchField.current?.focus(),
    onPreview: () => open(selection.focus ?? 0),
    onCompare: () => compare(),
    onToggleFilters: toggleFilters,
    onToggleInspector: toggleInspector,
  });

  const order = orderOf(view);
  const sortValueOf = useCallback(
    (sample: SampleSummary): string => {
      switch (order.by) {
        case 'added':
          return t.samples.date(sample.createdAt);
        case 'shortSide':
          return t.samples.dimensions(sample);
        case 'sizeBytes':
          return formatBytes(sample.bytes);
        case 'name':
          return sample.name ?? '';
        case 'sharpness':
        case 'brightness':
        case 'duplicates':
          return t.samples.sorts[order.by];
      }
    },
    [order.by],
  );
  const headingOf = useCallback((section: Section) => headingText(view, section), [view]);

  const viewed = compared
    ? compared.map((id) => session.sampleOf(id)).filter((sample) => sample !== undefined)
    : focused
      ? [focused]
      : [];
  const focus = selection.focus ?? 0;
  const shown = t.samples.shown(count, isFiltered(view.filter) ? dataset.data?.sampleCount : undefined);
  useStatusText(
    session.counted && selectedCount > 0
      ? `${shown} · ${t.samples.selected(selectedCount)}`
      : session.counted
        ? shown
        : '',
  );
  const barShown = !isEmpty(selection) && (selection.mode === 'all-but' || selectedCount > 1);
  if (session.ready && session.counted && count === 0 && !isFiltered(view.filter)) {
    return (
      <div className="browse-empty">
        <GhostTiles count={6} />
        <EmptyState icon={ImagePlus} title={t.samples.emptyTitle} text={t.samples.emptyText}>
          <Button variant="primary" onClick={() => navigate(`/datasets/${datasetId}/collect`)}>
            {t.samples.emptyAction}
          </Button>
        </EmptyState>
      </div>
    );
  }
  return (
    <div ref={frame} className="browse">
      <BrowseToolbar
        datasetId={datasetId}
        view={view}
        search={formatView(view)}
        searchField={searchField}
        filtersOpen={filtersOpen}
        inspectorOpen={inspecting}
        onToggleInspector={toggleInspector}
        onToggleFilters={toggleFilters}
        onView={setView}
        onSearch={setSearch}
        onLeaveSearch={focusGrid}
      />
      <FilterChips filter={view.filter} onFilter={(filter) => setView({ ...view, filter })} />
      <div className="browse-columns">
        {filtersOpen && (
          <aside className="browse-facets" aria-label={t.samples.filters}>
            <FacetsPanel
              datasetId={datasetId}
              filter={view.filter}
              ready={ready}
              onFilter={(filter, replace) => setView({ ...view, filter }, replace)}
            />
          </aside>
        )}
        <div className="browse-centre">
          <GridArea session={session} onClear={() => setView({ ...view, filter: {} })}>
            <Grid
              session={session}
              version={version}
              tilePx={thumbnailPx}
              fill={thumbnailFit === 'fill'}
              captions={captions}
              headingOf={headingOf}
              sortValueOf={sortValueOf}
              onOpen={open}
              keysEnabled={!viewing}
              onDragOut={onDragOut}
            />
          </GridArea>
          {barShown && (
            <SelectionBar
              count={selectedCount}
              total={count}
              all={selectedCount === count}
              labels={labels}
              onDecide={(change) => session.decide(change)}
              onSelectAll={() => session.selectAll()}
              onClear={() => session.clearSelection()}
              onCompare={comparable ? () => compare() : null}
              out={
                target !== null && <DragHandle request={(layout) => ({ kind: 'samples', datasetId, target, layout })} />
              }
            />
          )}
        </div>
        {inspecting && (
          <SidePanel title={t.samples.inspector}>
            <InspectorContent session={session} labels={labels} />
          </SidePanel>
        )}
      </div>
      {viewing && viewed.length > 0 && (
        <Viewer
          samples={viewed}
          placeOf={(sample) => session.placeOf(sample.id)}
          count={count}
          neighbours={[session.at(focus + 1), session.at(focus - 1), session.at(focus + 2)]}
          onStep={(step) => session.focus(focus + step)}
          onDecide={(sample, status) => {
            decideShown(sample, { status });
          }}
          onLabel={(sample, number) => {
            const label = labels[number - 1];
            if (label !== undefined) decideShown(sample, { label });
          }}
          onCompare={compare}
          inspectorOpen={inspecting}
          onToggleInspector={toggleInspector}
          onClosed={focusGrid}
          onClose={() => {
            setViewing(false);
            setCompared(null);
          }}
          aside={(sample) =>
            inspecting && (
              <SidePanel title={t.samples.inspector}>
                <SampleInspector session={session} sample={sample} labels={labels} bare />
              </SidePanel>
            )
          }
        />
      )}
    </div>
  );
}

interface GridAreaProps {
  readonly session: BrowseSession;
  readonly onClear: () => void;
  readonly children: ReactNode;
}

/** The grid, or why there is none. */
function GridArea({ session, onClear, children }: GridAreaProps) {
  if (session.error !== null && session.count === 0) {
    return <ErrorState title={t.samples.loadFailed} error={session.error} onRetry={() => session.retry()} />;
  }
  if (session.ready && session.counted && session.count === 0) {
    return (
      <EmptyState icon={SearchX} title={t.samples.nothingMatches} text={t.samples.nothingMatchesText}>
        <Button onClick={onClear}>{t.samples.clearFilters}</Button>
      </EmptyState>
    );
  }
  return (
    <>
      {session.error !== null && (
        <p className="browse-trouble" role="status">
          {t.samples.loadFailed}. {t.samples.loadFailedHint}
          <Button size="small" onClick={() => session.retry()}>
            {t.samples.retry}
          </Button>
        </p>
      )}
      {children}
    </>
  );
}

interface InspectorContentProps {
  readonly session: BrowseSession;
  readonly labels: readonly string[];
}

/** The inspector of what a key would decide about: what is selected, else the image in focus. */
function InspectorContent({ session, labels }: InspectorContentProps) {
  const { focused, selectedCount, selection } = session;
  if (selection.mode === 'all-but' || selectedCount > 1) {
    return (
      <div className="inspector-empty">
        <strong>{t.samples.inspectorMany(selectedCount)}</strong>
        <p>{t.samples.inspectorManyHint}</p>
      </div>
    );
  }
  const sample = selectedCount === 1 ? session.selectedSamples(1)[0] : focused;
  if (!sample) return <p className="inspector-empty">{t.samples.inspectorEmpty}</p>;
  return <SampleInspector session={session} sample={sample} labels={labels} />;
}

interface SampleInspectorProps extends InspectorContentProps {
  readonly sample: SampleSummary;
  readonly bare?: boolean;
}

function SampleInspector({ session, sample, labels, bare = false }: SampleInspectorProps) {
  return (
    <Inspector
      datasetId={session.datasetId}
      sample={sample}
      labels={labels}
      bare={bare}
      onChange={(change) => session.decideAbout([sample.id], change)}
    />
  );
}

/** The image that an address opens; null for the grid alone. */
function linkedSample(search: string): number | null {
  const id = Number(new URLSearchParams(search).get('open') ?? Number.NaN);
  return Number.isSafeInteger(id) && id > 0 ? id : null;
}

function withLinkedSample(search: string, id: number | null): string {
  if (id === null) return search;
  return search === '' ? `open=${id}` : `${search}&open=${id}`;
}

function headingText({ grouping }: BrowseView, { key, segment: { from, to } }: Section): string {
  if (grouping === 'none') return '';
  if (grouping === 'duplicates') {
    if (key === NO_GROUP) return t.samples.headingSingle;
    return key === MORE_GROUPS ? t.samples.headingMoreGroups : t.samples.headingGroup(Number(key));
  }
  if (grouping === 'date') return from === undefined || to === undefined ? key : t.samples.headingDates(from, to);
  return facetValueName(grouping, key);
}
