import {
  type KeyboardEvent,
  useCallback,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useSyncExternalStore,
} from 'react';
import type { SampleSummary } from '../../../shared/contract/samples.ts';
import { host } from '../../api/host.ts';
import { useCommands } from '../../keyboard/commands.ts';
import { t } from '../../messages/index.ts';
import { useLive } from '../../stores/live.ts';
import type { BrowseSession } from './browse-session.ts';
import {
  type Direction,
  type GridLayout,
  indexAt,
  indexesWithin,
  indexTowards,
  layoutGrid,
  sectionAt,
  sectionMarks,
  tileRectangle,
} from './grid-layout.ts';
import { type HeldTile, held, layerTop, rangeToRead, scrollTopToShow, slotCount, tilesToShow } from './grid-view.ts';
import { HoverCaption } from './hover-caption.tsx';
import { Scrubber } from './scrubber.tsx';
import type { Section } from './segments.ts';
import { isSelected, type Selection, selectMarquee } from './selection.ts';
import { Tile, tileId } from './tile.tsx';
import { useElementSize, useGridScroll } from './use-grid-scroll.ts';
import { useMarquee } from './use-marquee.ts';

const GAP_PX = 4;
const PADDING_PX = 8;
const HEADING_PX = 36;
const CAPTION_PX = 20;
/** Of the scrubber, which lies over the grid's right edge. */
const SCRUBBER_PX = 16;

interface GridProps {
  readonly session: BrowseSession;
  /** Grows with every change of the session. */
  readonly version: number;
  readonly tilePx: number;
  readonly fill: boolean;
  readonly captions: boolean;
  readonly headingOf: (section: Section) => string;
  /** What the sort puts a sample by, in words. */
  readonly sortValueOf: (sample: SampleSummary) => string;
  readonly onOpen: (index: number) => void;
  /** False while something else is in front: then arrows are not for the grid. */
  readonly keysEnabled: boolean;
  /** Drags what is selected out of the window; null where that cannot be. */
  readonly onDragOut: (() => void) | null;
}

/** The light table. All of it is placed by arithmetic; only what is in view is in the document. */
export function Grid(props: GridProps) {
  const { session, version, tilePx, fill, captions, headingOf, sortValueOf, onOpen, keysEnabled, onDragOut } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const size = useElementSize(scroller);
  const grouped = session.view?.grouping !== undefined && session.view.grouping !== 'none';
  const { sections } = session;
  const layout = useMemo(
    () =>
      layoutGrid(
        {
          widthPx: Math.max(1, size.width - SCRUBBER_PX),
          tilePx,
          gapPx: GAP_PX,
          paddingPx: PADDING_PX,
          headingPx: grouped ? HEADING_PX : 0,
          captionPx: captions ? CAPTION_PX : 0,
        },
        sections.length === 0 ? [0] : sections.map(({ count }) => count),
      ),
    [size.width, tilePx, grouped, captions, sections],
  );
  const scroll = useGridScroll(scroller, size, layout);
  const { place, fast, scale, scrollTo } = scroll;
  const { listNumber, selection } = session;
  const top = useRef(0);
  top.current = place.gridTopPx;

  useKeepPlace(layout, listNumber, session, top, scrollTo, size.height);

  const range = tilesToShow(layout, place.gridTopPx, size.height);
  const read = rangeToRead(layout, place.gridTopPx, size.height);
  const { first, last } = read;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another list has to be told what is in view, too
  useEffect(() => {
    if (size.height > 0) session.want({ first, last });
  }, [session, size.height, first, last, listNumber]);

  const { focus } = selection;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the focus is brought into view when a person moves it, at no other time
  useLayoutEffect(() => {
    if (focus === null || focus >= layout.count) return;
    scrollTo(
      scrollTopToShow(tileRectangle(layout, focus), top.current, size.height, grouped ? HEADING_PX + GAP_PX : GAP_PX),
    );
  }, [session.focusMoves]);

  const before = useRef<Selection>(selection);
  const marquee = useMarquee({
    scroller,
    gridTop: () => top.current,
    scrollBy: (pixels) => scrollTo(top.current + pixels),
    onClick: (left, at, keys) => {
      scroller.current?.focus({ preventScroll: true });
      const index = indexAt(layout, left, at);
      if (index !== null) session.click(index, keys);
      else if (!keys.toggle && !keys.range) session.clearSelection();
    },
    onDrag: (left, at, keys) => {
      const index = indexAt(layout, left, at);
      const sample = index === null ? undefined : session.at(index);
      if (onDragOut === null || keys.toggle || keys.range || !sample || !isSelected(selection, sample.id)) return false;
      onDragOut();
      return true;
    },
    onStart: () => {
      before.current = session.selection;
    },
    onMove: (rectangle, keys) => {
      const ids = session.idsIn(indexesWithin(layout, rectangle));
      session.select(selectMarquee(before.current, ids, keys.toggle ? 'toggle' : keys.range ? 'add' : 'replace'));
    },
  });

  // Arrows move through the grid wherever the focus is; the other keys scroll whatever has it.
  const moveBy = (keys: string) => {
    if (layout.count === 0) return;
    scroller.current?.focus({ preventScroll: true });
    const to = focus === null ? 0 : indexTowards(layout, focus, keys.replace('shift+', '') as Direction);
    if (keys.startsWith('shift+')) session.extendTo(to, false);
    else session.focus(to);
  };
  const isEnabled = keysEnabled && layout.count > 0;
  useCommands('browse', [
    { id: 'browse.move', isEnabled, isHidden: true, run: moveBy },
    { id: 'browse.extend', isEnabled, isHidden: true, run: moveBy },
  ]);
  const onKeyDown = useCallback(
    (event: KeyboardEvent<HTMLDivElement>) => {
      const to = keyTarget(event, layout, session.selection.focus, Math.max(1, Math.floor(size.height / layout.rowPx)));
      if (to === null) return;
      event.preventDefault();
      if (event.shiftKey) session.extendTo(to, false);
      else session.focus(to);
    },
    [layout, session, size.height],
  );

  // Thumbnails that failed while the host was away are asked for again when it is back.
  const connection = useLive((state) => (state.connection === 'lost' ? 'lost' : 'there'));
  const layer = layerTop(place.gridTopPx);
  const slots = range ? slotCount(range) : 1;
  const tiles = [];
  for (let index = range?.first ?? 0; range && index <= range.last; index += 1) {
    const sample = session.at(index);
    const { left, top: tileTop, width, height } = tileRectangle(layout, index);
    tiles.push(
      <Tile
        key={index % slots}
        index={index}
        count={layout.count}
        sample={sample}
        source={sample && host.mediaUrl('thumb', sample.sha256)}
        held={fast}
        left={left}
        top={tileTop - layer}
        width={width}
        height={height}
        selected={sample !== undefined && isSelected(selection, sample.id)}
        focused={index === focus}
        connection={connection}
        fill={fill}
        caption={captions}
      />,
    );
  }

  return (
    <div className="sample-grid-frame" data-version={version}>
      <div
        ref={scroller}
        className="sample-grid"
        role="listbox"
        aria-label={t.samples.grid}
        aria-multiselectable
        aria-activedescendant={
          focus !== null && range && focus >= range.first && focus <= range.last ? tileId(focus) : undefined
        }
        tabIndex={0}
        onScroll={scroll.onScroll}
        onKeyDown={onKeyDown}
        onDoubleClick={(event) => {
          // The pointer is captured for the marquee, so that the event's own target is the grid.
          const under = document.elementFromPoint(event.clientX, event.clientY);
          const index = under?.closest<HTMLElement>('[data-index]')?.dataset.index;
          if (index !== undefined) onOpen(Number(index));
        }}
        {...marquee.handlers}
      >
        <div className="sample-grid-sizer" role="presentation" style={{ height: scale.elementPx }}>
          <div
            className="sample-grid-layer"
            role="presentation"
            style={{ top: place.elementTopPx + layer - place.gridTopPx }}
          >
            {grouped && (
              <Headings
                layout={layout}
                layer={layer}
                top={place.gridTopPx}
                height={size.height}
                session={session}
                headingOf={headingOf}
              />
            )}
            {tiles}
            {!captions && <HoverCaption scroller={scroller} session={session} layout={layout} layer={layer} />}
            {marquee.rectangle && (
              <div
                role="presentation"
                className="sample-marquee"
                style={{ ...marquee.rectangle, top: marquee.rectangle.top - layer }}
              />
            )}
          </div>
        </div>
      </div>
      {grouped && <PinnedHeading layout={layout} top={place.gridTopPx} session={session} headingOf={headingOf} />}
      <Scrubber
        gridPx={layout.heightPx}
        viewportPx={size.height}
        topPx={place.gridTopPx}
        marks={grouped ? sectionMarks(layout) : []}
        describe={(gridTopPx) => {
          const index =
            indexesWithin(layout, { left: 0, top: gridTopPx, width: layout.geometry.widthPx, height: layout.rowPx })[0]
              ?.first ?? 0;
          const sample = session.at(index);
          return t.samples.scrubberPlace(index + 1, layout.count, sample ? sortValueOf(sample) : null);
        }}
        onScroll={scrollTo}
      />
    </div>
  );
}

/** Redraws with the session. */
export function useSession(session: BrowseSession): number {
  return useSyncExternalStore(session.subscribe, () => session.version);
}

/**
 * Keeps what is seen where it is: a new list begins at its top, a list that changed above the window moves with it, and
 * another size of tile or window keeps the first tile in view.
 */
function useKeepPlace(
  layout: GridLayout,
  listNumber: number,
  session: BrowseSession,
  top: { current: number },
  scrollTo: (gridTopPx: number) => void,
  heightPx: number,
): void {
  const last = useRef({ layout, listNumber });
  const eye = useRef<HeldTile | null>(null);
  useLayoutEffect(() => {
    const before = last.current;
    last.current = { layout, listNumber };
    if (before.listNumber !== listNumber) {
      session.takeShift();
      eye.current = null;
      scrollTo(0);
      return;
    }
    const shift = session.takeShift();
    if (before.layout === layout && shift === 0) return;
    const { focus } = session.selection;
    const focusWas = focus === null || focus >= before.layout.count ? null : tileRectangle(before.layout, focus);
    const focusInView = focusWas !== null && focusWas.top >= top.current - 1 && focusWas.top < top.current + heightPx;
    const sameColumns = before.layout.columns === layout.columns && before.layout.rowPx === layout.rowPx;
    // Where tiles change places, the one in focus is what the eye is on.
    if (!sameColumns && focusInView && focus !== null && focus < layout.count) {
      scrollTo(tileRectangle(layout, focus).top - (focusWas.top - top.current));
      return;
    }
    eye.current = held(before.layout, layout, top.current, shift, eye.current);
    if (eye.current) scrollTo(eye.current.topPx);
  });
}

function keyTarget(event: KeyboardEvent, layout: GridLayout, focus: number | null, rowsInView: number): number | null {
  if (event.altKey || layout.count === 0) return null;
  switch (event.key) {
    case 'PageUp':
      return focus === null ? 0 : indexTowards(layout, focus, 'up', rowsInView);
    case 'PageDown':
      return focus === null ? 0 : indexTowards(layout, focus, 'down', rowsInView);
    case 'Home':
      return 0;
    case 'End':
      return layout.count - 1;
    default:
      return null;
  }
}

interface HeadingsProps {
  readonly layout: GridLayout;
  readonly top: number;
  readonly session: BrowseSession;
  readonly headingOf: (section: Section) => string;
}

function Headings(props: HeadingsProps & { readonly layer: number; readonly height: number }) {
  const { layout, layer, top, height, session, headingOf } = props;
  const headings = [];
  for (let at = sectionAt(layout, top); at < layout.sections.length; at += 1) {
    const section = layout.sections[at]!;
    if (section.topPx > top + height) break;
    const named = session.sections[at];
    if (!named) break;
    headings.push(
      <div
        key={named.key}
        role="presentation"
        className="sample-heading"
        style={{ top: section.topPx - layer, height: HEADING_PX }}
      >
        {t.samples.heading(headingOf(named), section.count)}
      </div>,
    );
  }
  return headings;
}

/** The heading of the section in view, pushed out by the next one. */
function PinnedHeading({ layout, top, session, headingOf }: HeadingsProps) {
  const at = sectionAt(layout, top);
  const section = layout.sections[at];
  const named = session.sections[at];
  if (!section || !named || top <= section.topPx) return null;
  const next = layout.sections[at + 1];
  const pushed = next ? Math.min(0, next.topPx - top - HEADING_PX) : 0;
  return (
    <div className="sample-heading sample-heading-pinned" style={{ top: pushed, height: HEADING_PX }} aria-hidden>
      {t.samples.heading(headingOf(named), section.count)}
    </div>
  );
}
