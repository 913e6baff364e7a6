import { type GridLayout, type IndexRange, visibleRange } from './grid-layout.ts';

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
