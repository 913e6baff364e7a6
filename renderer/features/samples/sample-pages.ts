/** The pages of a list: which segment, which page of it, and where that is in the whole. */

import type { SampleSummary } from '../../../shared/contract/samples.ts';
import type { IndexRange } from './grid-layout.ts';
import type { Segment } from './segments.ts';

export interface SegmentState {
  readonly segment: Segment;
  first: number;
  /** As far as known: the first page's length until the index has answered. */
  count: number | null;
  counted: boolean;
  /** What to pass as `after` for a page. */
  readonly anchors: Map<number, string | null>;
  index: 'missing' | 'pending' | 'known';
}

export interface PagePlace {
  readonly key: string;
  readonly at: number;
  readonly page: number;
}

export interface Generation {
  readonly states: readonly SegmentState[];
  /** Least recently used first. */
  readonly pages: Map<string, readonly SampleSummary[]>;
}

/** Pages of a range, in the order in which they are wanted: from the middle outwards. */
export function placesOf(states: readonly SegmentState[], range: IndexRange, pageSize: number): PagePlace[] {
  const places: (PagePlace & { readonly distance: number })[] = [];
  const middle = (range.first + range.last) / 2;
  for (const [at, state] of states.entries()) {
    const count = state.count ?? 1;
    const from = Math.max(range.first, state.first) - state.first;
    const to = Math.min(range.last - state.first, count - 1);
    if (to < from) continue;
    for (let page = Math.floor(from / pageSize); page <= Math.floor(to / pageSize); page += 1) {
      const centre = state.first + (page + 0.5) * pageSize;
      places.push({ key: keyOf(at, page), at, page, distance: Math.abs(centre - middle) });
    }
  }
  return places.sort((left, right) => left.distance - right.distance);
}

/** Segments of which nothing is loaded yet, one after the other. */
export function statesOf(segments: readonly Segment[]): readonly SegmentState[] {
  const states = segments.map(
    (segment): SegmentState => ({
      segment,
      first: 0,
      count: segment.count,
      counted: segment.count !== null,
      anchors: new Map([[0, null]]),
      index: 'missing',
    }),
  );
  placeStates(states);
  return states;
}

/** Puts each segment after the ones before it, once what is known of their counts has changed. */
export function placeStates(states: readonly SegmentState[]): void {
  let first = 0;
  for (const state of states) {
    state.first = first;
    first += state.count ?? 0;
  }
}

/** Samples in all segments, as far as known. */
export function countOf(states: readonly SegmentState[]): number {
  const last = states.at(-1);
  return last ? last.first + (last.count ?? 0) : 0;
}

/** Which segment holds a place of the whole list; null when none does. */
export function stateAt(states: readonly SegmentState[], index: number): number | null {
  let low = 0;
  let high = states.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    // Empty segments begin where the next one does, and the next one is what holds the index.
    if (states[middle]!.first <= index) low = middle;
    else high = middle - 1;
  }
  const state = states[low];
  return state && index >= state.first && index < state.first + (state.count ?? 0) ? low : null;
}

/** Where a sample is in the whole list, among the pages that are here; null when it is not among them. */
export function placeIn({ states, pages }: Generation, pageSize: number, id: number): number | null {
  for (const [key, items] of pages) {
    const offset = items.findIndex((item) => item.id === id);
    if (offset < 0) continue;
    const [at, page] = key.split(':').map(Number) as [number, number];
    const place = page * pageSize + offset;
    return place < (states[at]!.count ?? 0) ? states[at]!.first + place : null;
  }
  return null;
}

/** Names a page of a segment. */
export function keyOf(at: number, page: number): string {
  return `${at}:${page}`;
}
