import { type GridLayout, type IndexRange, tileRectangle, visibleRange } from './grid-layout.ts';

/** Tiles at a time, so that the grid stays far below 2,000 nodes at three nodes a tile. */
const MAX_TILES = 440;
/** Tiles are placed within this much of a layer's top: the compositor's coordinates are exact only below 2^24. */
const LAYER_PX = 1_000_000;

/**
 * Tiles to have in the document: those in view, and as many rows above and below as the budget of nodes allows, half a
 * window at most.
 */
export function tilesToShow(layout: GridLayout, topPx: number, heightPx: number): IndexRange | null {
  const inView = visibleRange(layout, topPx, heightPx, 0);
  if (!inView) return null;
  const spareRows = Math.floor((MAX_TILES - (inView.last - inView.first + 1)) / (2 * layout.columns));
  return visibleRange(layout, topPx, heightPx, Math.max(0, Math.min(heightPx / 2, spareRows * layout.rowPx)));
}

/** What to read for a view: a window more on both sides, so that a page comes before it is seen. */
export function rangeToRead(layout: GridLayout, topPx: number, heightPx: number): IndexRange {
  return visibleRange(layout, topPx, heightPx, heightPx) ?? { first: 0, last: 0 };
}

/** Top of the layer that tiles near a height are placed in. */
export function layerTop(topPx: number): number {
  return Math.floor(topPx / LAYER_PX) * LAYER_PX;
}

/** Slots for tiles: enough that no two of a range share one, and changing seldom, so that elements are used again. */
export function slotCount(range: IndexRange): number {
  return 2 ** Math.ceil(Math.log2(Math.max(16, range.last - range.first + 1)));
}

/** Where to scroll so that a row is in view, moving as little as possible. */
export function scrollTopToShow(
  row: { readonly top: number; readonly height: number },
  topPx: number,
  heightPx: number,
  marginPx: number,
): number {
  if (row.top - marginPx < topPx) return row.top - marginPx;
  if (row.top + row.height + marginPx > topPx + heightPx) {
    return Math.min(row.top - marginPx, row.top + row.height + marginPx - heightPx);
  }
  return topPx;
}

/** `#rrggbb` of a colour as the contract writes it. */
export function cssColour(colour: number): string {
  return `#${(colour & 0xffffff).toString(16).padStart(6, '0')}`;
}

/** What the eye is on: a tile, and how far below the top of the window it is. */
export interface HeldTile {
  readonly index: number;
  readonly offsetPx: number;
  /** Where the grid was scrolled to for it: while that is so, the same tile is held on. */
  readonly topPx: number;
}

/**
 * Where to scroll when the layout changed or samples came or went above the window, so that what is seen stays.
 * @param shift places that the tiles in view moved by
 * @param held what was held the last time: another tile would be taken for it, row by row, as it moves through the columns
 * @returns null where there is nothing to hold
 */
export function held(
  before: GridLayout,
  after: GridLayout,
  topPx: number,
  shift: number,
  last: HeldTile | null,
): HeldTile | null {
  if (before.count === 0 || after.count === 0 || topPx <= 0) return null;
  let index: number;
  let offsetPx: number;
  if (last !== null && Math.abs(last.topPx - topPx) < 1 && last.index < before.count) {
    ({ index, offsetPx } = last);
  } else {
    const first = visibleRange(before, topPx, before.rowPx, 0)?.first ?? 0;
    index = Math.min(before.count - 1, first);
    offsetPx = tileRectangle(before, index).top - topPx;
  }
  index = Math.min(after.count - 1, Math.max(0, index + shift));
  return { index, offsetPx, topPx: tileRectangle(after, index).top - offsetPx };
}
