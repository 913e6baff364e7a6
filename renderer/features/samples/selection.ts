import { IdSet } from './id-set.ts';

/**
 * What is selected, and where the keyboard is. Indexes are places in the list in front; ids are what stays when it changes.
 */
export interface Selection {
  /** `only`: those in `ids`. `all-but`: everything that matches the filter, except those. */
  readonly mode: 'only' | 'all-but';
  readonly ids: IdSet;
  /** Where a range begins; null before the first click. */
  readonly anchor: number | null;
  /** The sample that keys act on when nothing is selected; null before the first click or key. */
  readonly focus: number | null;
}

export const NOTHING_SELECTED: Selection = { mode: 'only', ids: IdSet.empty, anchor: null, focus: null };

export function isSelected(selection: Selection, id: number): boolean {
  return selection.ids.has(id) === (selection.mode === 'only');
}

/** @param matching how many samples the list has */
export function selectedCount(selection: Selection, matching: number): number {
  return selection.mode === 'only' ? selection.ids.size : Math.max(0, matching - selection.ids.size);
}

export function isEmpty(selection: Selection): boolean {
  return selection.mode === 'only' && selection.ids.size === 0;
}

/** A plain click, or an arrow: this one and no other. */
export function selectOne(index: number, id: number): Selection {
  return { mode: 'only', ids: IdSet.of([id]), anchor: index, focus: index };
}

/** The keyboard moves, the selection stays. */
export function focusOn(selection: Selection, index: number): Selection {
  return { ...selection, focus: index, anchor: selection.anchor ?? index };
}

/** Ctrl- or cmd-click: this one more, or this one less. */
export function toggleOne(selection: Selection, index: number, id: number): Selection {
  return { ...selection, ids: flipped(selection.ids, [id]), anchor: index, focus: index };
}

/**
 * Shift-click and shift-arrow: from the anchor to here. `ids` are the samples of that range, both ends included.
 * @param add keeps what was selected before (ctrl and shift together)
 */
export function selectRange(selection: Selection, index: number, ids: Iterable<number>, add: boolean): Selection {
  const anchor = selection.anchor ?? index;
  if (!add) return { mode: 'only', ids: IdSet.of(ids), anchor, focus: index };
  return {
    mode: selection.mode,
    ids: selection.mode === 'only' ? selection.ids.with(ids) : selection.ids.without(ids),
    anchor,
    focus: index,
  };
}

/**
 * What a marquee holds while it is drawn, from what was selected when it began.
 * @param how `replace` without a key, `toggle` with ctrl or cmd, `add` with shift
 */
export function selectMarquee(before: Selection, ids: Iterable<number>, how: 'replace' | 'toggle' | 'add'): Selection {
  switch (how) {
    case 'replace':
      return { ...before, mode: 'only', ids: IdSet.of(ids) };
    case 'toggle':
      return { ...before, ids: flipped(before.ids, ids) };
    case 'add':
      return { ...before, ids: before.mode === 'only' ? before.ids.with(ids) : before.ids.without(ids) };
  }
}

/** Everything that matches the filter, loaded or not. */
export function selectAll(selection: Selection): Selection {
  return { ...selection, mode: 'all-but', ids: IdSet.empty };
}

export function invert(selection: Selection): Selection {
  return { ...selection, mode: selection.mode === 'only' ? 'all-but' : 'only' };
}

/** Nothing is selected; the keyboard stays where it is. */
export function deselect(selection: Selection): Selection {
  return { ...selection, mode: 'only', ids: IdSet.empty };
}

/** After samples came or went before the place of the keyboard. */
export function moved(selection: Selection, shift: number, count: number): Selection {
  const place = (index: number | null) =>
    index === null || count === 0 ? null : Math.min(count - 1, Math.max(0, index + shift));
  return { ...selection, anchor: place(selection.anchor), focus: place(selection.focus) };
}

function flipped(ids: IdSet, which: Iterable<number>): IdSet {
  const on: number[] = [];
  const off: number[] = [];
  for (const id of new Set(which)) (ids.has(id) ? off : on).push(id);
  return ids.with(on).without(off);
}
