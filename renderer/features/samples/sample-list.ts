import type { SampleFilter, SampleSort, SampleSummary } from '../../../shared/contract/samples.ts';
import type { IndexRange } from './grid-layout.ts';
import {
  countOf,
  type Generation,
  keyOf,
  type PagePlace,
  placeIn,
  placeStates,
  placesOf,
  type SegmentState,
  stateAt,
  statesOf,
} from './sample-pages.ts';
import type { Segment } from './segments.ts';

/** What the list asks of the core. */
export interface SampleSource {
  browse(
    request: { filter: SampleFilter; sort: SampleSort; after: string | null; limit: number },
    signal: AbortSignal,
  ): Promise<{ items: readonly SampleSummary[]; next: string | null }>;
  index(
    request: { filter: SampleFilter; sort: SampleSort; pageSize: number },
    signal: AbortSignal,
  ): Promise<{ count: number; anchors: readonly (string | null)[] }>;
  ids(
    request: { filter: SampleFilter; sort: SampleSort; offset: number; limit: number },
    signal: AbortSignal,
  ): Promise<{ ids: readonly number[] }>;
}

export interface SampleListOptions {
  readonly source: SampleSource;
  readonly sort: SampleSort;
  readonly segments: readonly Segment[];
  /** Samples a page. Default 200. */
  readonly pageSize?: number;
  /** Pages kept, those in view apart. Default 60: about 10 MB. */
  readonly capacityPages?: number;
  /** Requests for pages at a time. Default 3: a browser has six connections, and thumbnails want some. */
  readonly maxConcurrent?: number;
  /** While the wanted pages change more often than this nothing is requested, so that a dragged bar asks only for where it stops. Default 50. */
  readonly quietMs?: number;
  /** After a failed request. Default 2,000. */
  readonly retryMs?: number;
}

/**
 * The samples that match, in order, as if they were all here: pages are fetched when they come into view and forgotten when
 * others were used since. Nothing waits: what is not here yet is undefined, and listeners hear when it came.
 */
export class SampleList {
  readonly sort: SampleSort;
  readonly #source: SampleSource;
  readonly #pageSize: number;
  readonly #capacityPages: number;
  readonly #maxConcurrent: number;
  readonly #quietMs: number;
  readonly #retryMs: number;
  readonly #listeners = new Set<() => void>();
  readonly #inFlight = new Map<string, AbortController>();
  readonly #life = new AbortController();
  readonly #retryAt = new Map<string, number>();
  #generation: Generation;
  #refreshing: AbortController | undefined;
  #wanted: IndexRange = { first: 0, last: 0 };
  #wantedKeys = '';
  #wantedChangedAt = Number.NEGATIVE_INFINITY;
  #quietTimer: ReturnType<typeof setTimeout> | undefined;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  #version = 0;
  #error: unknown = null;

  constructor(options: SampleListOptions) {
    this.sort = options.sort;
    this.#source = options.source;
    this.#pageSize = options.pageSize ?? 200;
    this.#capacityPages = options.capacityPages ?? 60;
    this.#maxConcurrent = options.maxConcurrent ?? 3;
    this.#quietMs = options.quietMs ?? 50;
    this.#retryMs = options.retryMs ?? 2_000;
    this.#generation = { states: statesOf(options.segments), pages: new Map() };
    this.#pump();
  }

  /** Grows with every change; what React compares. */
  get version(): number {
    return this.#version;
  }

  /** What the last request that failed threw; null once one succeeds. */
  get error(): unknown {
    return this.#error;
  }

  /** False until the number of samples is known. */
  get counted(): boolean {
    return this.#generation.states.every((state) => state.counted);
  }

  /** Samples in all segments, as far as known. */
  get count(): number {
    const last = this.#generation.states.at(-1);
    return last ? last.first + (last.count ?? 0) : 0;
  }

  /** Of each segment, as far as known. */
  get segments(): readonly { readonly segment: Segment; readonly count: number }[] {
    return this.#generation.states.map((state) => ({ segment: state.segment, count: state.count ?? 0 }));
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** The sample at a place; undefined while it is not here or when there is none. */
  at(index: number): SampleSummary | undefined {
    const { states, pages } = this.#generation;
    const at = stateAt(states, index);
    if (at === null) return undefined;
    const offset = index - states[at]!.first;
    return pages.get(keyOf(at, Math.floor(offset / this.#pageSize)))?.[offset % this.#pageSize];
  }

  /** Where a sample is among the pages that are here; null when it is not among them. */
  placeOf(id: number): number | null {
    return placeIn(this.#generation, this.#pageSize, id);
  }

  /** These places are in view: their pages are fetched, and requests for others are abandoned. Cheap enough for every frame. */
  want(range: IndexRange): void {
    this.#wanted = range;
    const keys = placesOf(this.#generation.states, range, this.#pageSize)
      .map((place) => place.key)
      .join();
    if (keys === this.#wantedKeys) return;
    const now = performance.now();
    const restless = now - this.#wantedChangedAt < this.#quietMs;
    this.#wantedKeys = keys;
    this.#wantedChangedAt = now;
    clearTimeout(this.#quietTimer);
    if (restless) this.#quietTimer = setTimeout(() => this.#pump(), this.#quietMs);
    else this.#pump();
  }

  /** Changes samples that are here, wherever `change` gives another object. */
  patch(change: (sample: SampleSummary) => SampleSummary): void {
    for (const [key, items] of this.#generation.pages) {
      const changed = items.map(change);
      if (changed.some((item, at) => item !== items[at])) this.#generation.pages.set(key, changed);
    }
    this.#changed();
  }

  /** Ids of a range, both ends included: from the pages that are here, else from the core. */
  async idsBetween(first: number, last: number, signal: AbortSignal): Promise<readonly number[]> {
    const ids: number[] = [];
    for (const state of this.#generation.states) {
      const from = Math.max(first, state.first);
      const to = Math.min(last, state.first + (state.count ?? 0) - 1);
      if (from > to) continue;
      const here: number[] = [];
      for (let index = from; index <= to; index += 1) {
        const sample = this.at(index);
        if (!sample) break;
        here.push(sample.id);
      }
      if (here.length === to - from + 1) {
        ids.push(...here);
        continue;
      }
      const request = {
        filter: state.segment.filter,
        sort: this.sort,
        offset: from - state.first,
        limit: to - from + 1,
      };
      for (const id of (await this.#source.ids(request, signal)).ids) ids.push(id);
    }
    return ids;
  }

  /**
   * Reads again what is in view and how many there are, then shows all of it at once: the old list stays until then.
   * @param reference a sample in view, to say where it went
   * @returns how far it moved; 0 when it is not near where it was, null when another refresh overtook this one
   */
  async refresh(
    segments: readonly Segment[],
    reference: { readonly id: number; readonly index: number } | null,
  ): Promise<number | null> {
    this.#refreshing?.abort();
    const controller = new AbortController();
    this.#refreshing = controller;
    const signal = AbortSignal.any([controller.signal, this.#life.signal]);
    const next: Generation = { states: statesOf(segments), pages: new Map() };
    try {
      await this.#fill(next, this.#wanted, signal);
      const near = reference && {
        first: Math.max(0, reference.index - this.#pageSize),
        last: reference.index + this.#pageSize,
      };
      if (near && placeIn(next, this.#pageSize, reference.id) === null) await this.#fill(next, near, signal);
    } catch (error) {
      if (signal.aborted) return null;
      this.#fail(error);
      return 0;
    }
    for (const [, request] of this.#inFlight) request.abort();
    this.#inFlight.clear();
    this.#generation = next;
    this.#wantedKeys = '';
    this.#error = null;
    this.#changed();
    this.#pump();
    const place = reference && placeIn(next, this.#pageSize, reference.id);
    return place === null || reference === null ? 0 : place - reference.index;
  }

  /** Asks again for what failed, now. */
  retry(): void {
    this.#retryAt.clear();
    this.#error = null;
    this.#changed();
    this.#pump();
  }

  /** Abandons every request; the list stays as it is. */
  close(): void {
    this.#life.abort();
    this.#refreshing?.abort();
    clearTimeout(this.#quietTimer);
    clearTimeout(this.#retryTimer);
    for (const [, request] of this.#inFlight) request.abort();
    this.#inFlight.clear();
    this.#listeners.clear();
  }

  /** Loads the pages of a range into a generation that is not shown yet. */
  async #fill(generation: Generation, range: IndexRange, signal: AbortSignal): Promise<void> {
    await Promise.all(
      generation.states.filter((state) => !state.counted).map((state) => this.#loadIndex(generation, state, signal)),
    );
    const count = countOf(generation.states);
    if (count === 0) return;
    const last = Math.min(range.last, count - 1);
    const places = placesOf(generation.states, { first: Math.min(range.first, last), last }, this.#pageSize);
    await Promise.all(
      places
        .filter((place) => !generation.pages.has(place.key))
        .map(async (place) => {
          const state = generation.states[place.at]!;
          if (!state.anchors.has(place.page)) await this.#loadIndex(generation, state, signal);
          await this.#loadPage(generation, place, signal);
        }),
    );
  }

  #pump(): void {
    if (this.#life.signal.aborted) return;
    const generation = this.#generation;
    const needed = placesOf(generation.states, this.#wanted, this.#pageSize);
    const neededKeys = new Set(needed.map((place) => place.key));
    for (const [key, request] of this.#inFlight) {
      if (key.startsWith('index:') || neededKeys.has(key)) continue;
      request.abort();
      this.#inFlight.delete(key);
    }
    for (const place of needed) {
      if (generation.pages.has(place.key) || this.#inFlight.has(place.key)) continue;
      const state = generation.states[place.at]!;
      if (!state.anchors.has(place.page)) {
        if (state.index === 'missing') {
          this.#start(`index:${place.at}`, (signal) => this.#loadIndex(generation, state, signal));
        }
        continue;
      }
      const pages = [...this.#inFlight.keys()].filter((key) => !key.startsWith('index:'));
      if (pages.length >= this.#maxConcurrent) break;
      this.#start(place.key, (signal) => this.#loadPage(generation, place, signal));
    }
    // The first page has the core to itself: someone waits for it.
    if (generation.pages.size === 0 && [...this.#inFlight.keys()].some((key) => !key.startsWith('index:'))) return;
    for (const [at, state] of generation.states.entries()) {
      if (state.counted || state.index !== 'missing') continue;
      this.#start(`index:${at}`, (signal) => this.#loadIndex(generation, state, signal));
    }
  }

  /** Runs one request of the shown generation, unless it failed a moment ago. */
  #start(key: string, load: (signal: AbortSignal) => Promise<void>): void {
    const retryAt = this.#retryAt.get(key);
    if (this.#inFlight.has(key) || (retryAt !== undefined && retryAt > performance.now())) return;
    const controller = new AbortController();
    this.#inFlight.set(key, controller);
    load(controller.signal).then(
      () => {
        if (this.#inFlight.get(key) !== controller) return;
        this.#inFlight.delete(key);
        this.#retryAt.delete(key);
        this.#error = null;
        this.#forget();
        this.#changed();
        this.#pump();
      },
      (error) => {
        if (this.#inFlight.get(key) !== controller) return;
        this.#inFlight.delete(key);
        this.#retryAt.set(key, performance.now() + this.#retryMs);
        clearTimeout(this.#retryTimer);
        this.#retryTimer = setTimeout(() => this.#pump(), this.#retryMs + 10);
        this.#fail(error);
        this.#pump();
      },
    );
  }

  async #loadIndex(generation: Generation, state: SegmentState, signal: AbortSignal): Promise<void> {
    if (state.index === 'known') return;
    state.index = 'pending';
    try {
      const request = { filter: state.segment.filter, sort: this.sort, pageSize: this.#pageSize };
      const { count, anchors } = await this.#source.index(request, signal);
      for (const [page, anchor] of anchors.entries()) state.anchors.set(page, anchor);
      state.count = count;
      state.counted = true;
      state.index = 'known';
      placeStates(generation.states);
    } catch (error) {
      state.index = 'missing';
      throw error;
    }
  }

  async #loadPage(generation: Generation, place: PagePlace, signal: AbortSignal): Promise<void> {
    const state = generation.states[place.at]!;
    const after = state.anchors.get(place.page) ?? null;
    const request = { filter: state.segment.filter, sort: this.sort, after, limit: this.#pageSize };
    const { items, next } = await this.#source.browse(request, signal);
    generation.pages.set(place.key, items);
    if (next !== null && !state.anchors.has(place.page + 1)) state.anchors.set(place.page + 1, next);
    if (next === null) {
      // The end is exact, whatever was counted before samples came or went.
      state.count = place.page * this.#pageSize + items.length;
      state.counted = true;
    } else {
      state.count ??= items.length;
    }
    placeStates(generation.states);
  }

  #forget(): void {
    const { pages } = this.#generation;
    for (const { key } of placesOf(this.#generation.states, this.#wanted, this.#pageSize)) {
      const items = pages.get(key);
      if (!items) continue;
      pages.delete(key);
      pages.set(key, items);
    }
    for (const key of pages.keys()) {
      if (pages.size <= this.#capacityPages) break;
      pages.delete(key);
    }
  }

  #fail(error: unknown): void {
    this.#error = error;
    this.#changed();
  }

  #changed(): void {
    this.#version += 1;
    for (const listener of this.#listeners) listener();
  }
}
