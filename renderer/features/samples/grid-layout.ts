/** Where each tile of the grid is, by arithmetic alone: no tile is measured, and nothing grows with the library. */

export interface GridGeometry {
  /** Of the scrolling area, without its scroll bar. */
  readonly widthPx: number;
  /** Wanted side of a tile; tiles get a little wider to fill the row. */
  readonly tilePx: number;
  readonly gapPx: number;
  /** Around everything. */
  readonly paddingPx: number;
  /** Of the line above a section; 0 without sections. */
  readonly headingPx: number;
  /** Of the line below a tile that names it; 0 without. */
  readonly captionPx: number;
}

interface SectionPlace {
  /** Index of its first sample. */
  readonly first: number;
  readonly count: number;
  /** Of its heading. */
  readonly topPx: number;
  readonly heightPx: number;
}

export interface GridLayout {
  readonly columns: number;
  readonly tileWidthPx: number;
  readonly tileHeightPx: number;
  /** From one row to the next. */
  readonly rowPx: number;
  readonly heightPx: number;
  readonly count: number;
  readonly sections: readonly SectionPlace[];
  readonly geometry: GridGeometry;
}

export interface Rectangle {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** First and last index, both included. */
export interface IndexRange {
  readonly first: number;
  readonly last: number;
}

const MOST_MARKS = 200;

/** @param counts samples of each section, in order; one number where there are no sections */
export function layoutGrid(geometry: GridGeometry, counts: readonly number[]): GridLayout {
  const { widthPx, tilePx, gapPx, paddingPx, headingPx, captionPx } = geometry;
  const innerPx = Math.max(1, widthPx - 2 * paddingPx);
  const columns = Math.max(1, Math.floor((innerPx + gapPx) / (tilePx + gapPx)));
  const tileWidthPx = Math.max(1, Math.floor((innerPx - gapPx * (columns - 1)) / columns));
  const tileHeightPx = tileWidthPx + captionPx;
  const rowPx = tileHeightPx + gapPx;
  const sections: SectionPlace[] = [];
  let topPx = paddingPx;
  let first = 0;
  for (const count of counts) {
    const heightPx = headingPx + Math.ceil(count / columns) * rowPx;
    sections.push({ first, count, topPx, heightPx });
    first += count;
    topPx += heightPx;
  }
  const heightPx = Math.max(0, topPx - gapPx) + paddingPx;
  return { columns, tileWidthPx, tileHeightPx, rowPx, heightPx, count: first, sections, geometry };
}

/** Place of the tile at `index`, which must be one of the grid's. */
export function tileRectangle(layout: GridLayout, index: number): Rectangle {
  const section = layout.sections[sectionOfIndex(layout, index)]!;
  const offset = index - section.first;
  const row = Math.floor(offset / layout.columns);
  const column = offset % layout.columns;
  return {
    left: layout.geometry.paddingPx + column * (layout.tileWidthPx + layout.geometry.gapPx),
    top: section.topPx + layout.geometry.headingPx + row * layout.rowPx,
    width: layout.tileWidthPx,
    height: layout.tileHeightPx,
  };
}

/** The tile under a point, or null between tiles and beside them. */
export function indexAt(layout: GridLayout, leftPx: number, topPx: number): number | null {
  const found = indexesWithin(layout, { left: leftPx, top: topPx, width: 0, height: 0 });
  return found[0]?.first ?? null;
}

/** Tiles that a rectangle touches: one range a row. */
export function indexesWithin(layout: GridLayout, rectangle: Rectangle): readonly IndexRange[] {
  const { paddingPx, gapPx, headingPx } = layout.geometry;
  const columnPx = layout.tileWidthPx + gapPx;
  const right = rectangle.left + rectangle.width;
  const bottom = rectangle.top + rectangle.height;
  const firstColumn = Math.max(0, Math.floor((rectangle.left - paddingPx + gapPx) / columnPx));
  const lastColumn = Math.min(layout.columns - 1, Math.floor((right - paddingPx) / columnPx));
  if (lastColumn < firstColumn) return [];
  const ranges: IndexRange[] = [];
  for (let at = sectionAt(layout, rectangle.top); at < layout.sections.length; at += 1) {
    const section = layout.sections[at]!;
    if (section.topPx > bottom) break;
    const rowsTop = section.topPx + headingPx;
    const rows = Math.ceil(section.count / layout.columns);
    const firstRow = Math.max(0, Math.floor((rectangle.top - rowsTop + gapPx) / layout.rowPx));
    const lastRow = Math.min(rows - 1, Math.floor((bottom - rowsTop) / layout.rowPx));
    for (let row = firstRow; row <= lastRow; row += 1) {
      const first = row * layout.columns + firstColumn;
      const last = Math.min(section.count - 1, row * layout.columns + lastColumn);
      if (first <= last) ranges.push({ first: section.first + first, last: section.first + last });
    }
  }
  return ranges;
}

/** Every tile that shows between two heights, and those so near that they may soon; null when there is none. */
export function visibleRange(
  layout: GridLayout,
  topPx: number,
  heightPx: number,
  overscanPx: number,
): IndexRange | null {
  if (layout.count === 0) return null;
  const from = indexFrom(layout, Math.max(0, topPx - overscanPx));
  const to = indexUntil(layout, topPx + heightPx + overscanPx);
  return from <= to ? { first: from, last: to } : null;
}

export type Direction = 'left' | 'right' | 'up' | 'down';

/** Where an arrow key leads; the same index where there is nothing further. Rows and columns go on over section ends. */
export function indexTowards(layout: GridLayout, index: number, towards: Direction, steps = 1): number {
  const last = layout.count - 1;
  if (last < 0) return 0;
  if (towards === 'left') return Math.max(0, index - steps);
  if (towards === 'right') return Math.min(last, index + steps);
  let place = index;
  for (let step = 0; step < steps; step += 1) {
    const next = rowNeighbour(layout, place, towards === 'down' ? 1 : -1);
    if (next === null) break;
    place = next;
  }
  return place;
}

/**
 * Where sections begin, from 0 to 1 of the grid, for marks beside it. Sections that begin as good as where the last mark is
 * have none: there may be thousands, and no more than `MOST_MARKS` can be told apart.
 */
export function sectionMarks(layout: GridLayout): readonly number[] {
  const marks: number[] = [];
  for (const { topPx } of layout.sections) {
    const at = topPx / layout.heightPx;
    if (marks.length === 0 || at - marks.at(-1)! >= 1 / MOST_MARKS) marks.push(at);
  }
  return marks;
}

/** The section that a height lies in, the last one that begins above it. */
export function sectionAt(layout: GridLayout, topPx: number): number {
  return lastWhere(layout.sections, (section) => section.topPx <= topPx);
}

function sectionOfIndex(layout: GridLayout, index: number): number {
  let at = lastWhere(layout.sections, (section) => section.first <= index);
  // Empty sections begin where the next one does.
  while (at > 0 && layout.sections[at]!.count === 0) at -= 1;
  return at;
}

function rowNeighbour(layout: GridLayout, index: number, step: 1 | -1): number | null {
  const { columns, sections } = layout;
  const at = sectionOfIndex(layout, index);
  const section = sections[at]!;
  const offset = index - section.first;
  const column = offset % columns;
  const row = Math.floor(offset / columns) + step;
  const rows = Math.ceil(section.count / columns);
  if (row >= 0 && row < rows) return section.first + Math.min(section.count - 1, row * columns + column);
  for (let next = at + step; next >= 0 && next < sections.length; next += step) {
    const { first, count } = sections[next]!;
    if (count === 0) continue;
    const lastRow = Math.ceil(count / columns) - 1;
    return first + Math.min(count - 1, (step > 0 ? 0 : lastRow * columns) + column);
  }
  return null;
}

/** First index in a row that ends at or below a height. */
function indexFrom(layout: GridLayout, topPx: number): number {
  const section = layout.sections[sectionAt(layout, topPx)]!;
  const row = Math.floor((topPx - section.topPx - layout.geometry.headingPx + layout.geometry.gapPx) / layout.rowPx);
  return section.first + Math.min(section.count, Math.max(0, row) * layout.columns);
}

/** Last index in a row that begins above a height. */
function indexUntil(layout: GridLayout, bottomPx: number): number {
  const section = layout.sections[sectionAt(layout, bottomPx)]!;
  const row = Math.floor((bottomPx - section.topPx - layout.geometry.headingPx) / layout.rowPx);
  return section.first + Math.min(section.count, Math.max(0, row + 1) * layout.columns) - 1;
}

/** The last element of a sorted list that passes, by halving; 0 when none does. */
function lastWhere<T>(list: readonly T[], passes: (element: T) => boolean): number {
  let low = 0;
  let high = list.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (passes(list[middle]!)) low = middle;
    else high = middle - 1;
  }
  return low;
}
