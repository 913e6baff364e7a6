import type { Decision, DecisionTarget, SampleChange } from '../../../shared/contract/decisions.ts';
import type { SampleSummary } from '../../../shared/contract/samples.ts';
import { BrowseLists } from './browse-lists.ts';
import type { BrowseView } from './browse-view.ts';
import { DecisionQueue } from './decision-queue.ts';
import type { IndexRange } from './grid-layout.ts';
import { IdSet } from './id-set.ts';
import type { SampleList, SampleSource } from './sample-list.ts';
import { type Section, sameSections, sectionsOf } from './segments.ts';
import {
  deselect,
  focusOn,
  isEmpty,
  moved,
  NOTHING_SELECTED,
  type Selection,
  selectAll,
  selectedCount,
  selectOne,
  selectRange,
  toggleOne,
} from './selection.ts';
import { filterOf, orderOf, type SegmentSource } from './view-segments.ts';

export interface BrowseSource extends SampleSource, SegmentSource {
  apply(datasetId: number, target: DecisionTarget, change: SampleChange): Promise<Decision>;
}

export interface BrowseSessionOptions {
  readonly datasetId: number;
  readonly source: BrowseSource;
  readonly onDecided: (decision: Decision) => void;
  /** A decision was not kept. @param again makes it once more; null where what it was about may be others by then */
  readonly onFailed: (error: unknown, again: (() => void) | null) => void;
  /** What was to be selected or shown could not be read. */
  readonly onUnread: (error: unknown) => void;
  /** As of a decision queue. */
  readonly isAway?: () => boolean;
  /** Between two refreshes. Default 1,500. */
  readonly refreshMs?: number;
}

/** More exceptions than the contract takes are resolved to ids. */
const MAX_EXCEPTIONS = 100_000;
const MAX_IDS = 1_000_000;

/**
 * One dataset on the light table: the list in front, what is selected in it, and what is being decided about it. A change of
 * filter or sort keeps the old list on screen until the new one has something to show.
 */
export class BrowseSession {
  readonly datasetId: number;
  readonly #options: BrowseSessionOptions;
  readonly #listeners = new Set<() => void>();
  readonly #queue: DecisionQueue;
  readonly #lists: BrowseLists;
  #selection: Selection = NOTHING_SELECTED;
  #inView: IndexRange = { first: 0, last: 0 };
  #version = 0;
  #listNumber = 0;
  #focusMoves = 0;
  #refreshedAt = Number.NEGATIVE_INFINITY;
  #refreshTimer: ReturnType<typeof setTimeout> | undefined;
  #closed = false;
  #sections: { list: SampleList; version: number; sections: readonly Section[] } | undefined;
  /** How many places what is in view has moved since the grid last asked. */
  #shift = 0;

  constructor(options: BrowseSessionOptions) {
    this.datasetId = options.datasetId;
    this.#options = options;
    this.#queue = new DecisionQueue({
      ...(options.isAway && { isAway: options.isAway }),
      apply: ({ target, change }) => options.source.apply(options.datasetId, target, change),
      onDone: (decision, change) => {
        this.#list?.patch(change);
        options.onDecided(decision);
      },
      onFailed: (error, { target, change }) => {
        options.onFailed(error, target.kind === 'ids' ? () => void this.#queue.decide(target, change) : null);
      },
      onChange: () => this.#changed(),
    });
    this.#lists = new BrowseLists({
      datasetId: options.datasetId,
      source: options.source,
      onFront: () => {
        this.#listNumber += 1;
        this.#selection = NOTHING_SELECTED;
        this.#shift = 0;
        this.#changed();
      },
      onChange: () => this.#changed(),
    });
  }

  /** Grows with every change; what React compares. */
  get version(): number {
    return this.#version;
  }

  /** Another number for every list that is put in front, so that the grid knows to begin at its top. */
  get listNumber(): number {
    return this.#listNumber;
  }

  /** Grows whenever a person moves the focus, not when the list changes around it: what the grid scrolls for. */
  get focusMoves(): number {
    return this.#focusMoves;
  }

  get #list(): SampleList | undefined {
    return this.#lists.list;
  }

  get selection(): Selection {
    return this.#selection;
  }

  get view(): BrowseView | undefined {
    return this.#lists.view;
  }

  get error(): unknown {
    return this.#lists.error;
  }

  /** False until there is a first answer. */
  get ready(): boolean {
    return this.#list !== undefined;
  }

  get counted(): boolean {
    return this.#list?.counted ?? false;
  }

  get count(): number {
    return this.#list?.count ?? 0;
  }

  /** Headings of the grid with what lies below each; the same list until something of it changes. */
  get sections(): readonly Section[] {
    const list = this.#list;
    if (!list) return [];
    const known = this.#sections;
    if (known?.list === list && known.version === list.version) return known.sections;
    const sections = sectionsOf(list.segments);
    const kept = known?.list === list && sameSections(known.sections, sections) ? known.sections : sections;
    this.#sections = { list, version: list.version, sections: kept };
    return kept;
  }

  get selectedCount(): number {
    return selectedCount(this.#selection, this.count);
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** A sample as it looks now, with what is being decided; undefined while it is not here. */
  at(index: number): SampleSummary | undefined {
    const sample = this.#list?.at(index);
    return sample && this.#queue.shown(sample);
  }

  /** A sample by its id, while it is here. */
  sampleOf(id: number): SampleSummary | undefined {
    const place = this.placeOf(id);
    return place === null ? undefined : this.at(place);
  }

  /** Where a sample is in the list; null while it is not here. */
  placeOf(id: number): number | null {
    return this.#list?.placeOf(id) ?? null;
  }

  /** The sample that keys act on when nothing is selected. */
  get focused(): SampleSummary | undefined {
    return this.#selection.focus === null ? undefined : this.at(this.#selection.focus);
  }

  /** Puts the samples of a view in front. The same view again changes nothing. */
  show(view: BrowseView): void {
    this.#lists.show(view);
  }

  /** What the grid shows, in every frame that changes it. */
  want(range: IndexRange): void {
    this.#inView = range;
    this.#list?.want(range);
  }

  /** How far the grid has to move with what it shows, once. */
  takeShift(): number {
    const shift = this.#shift;
    this.#shift = 0;
    return shift;
  }

  /** Asks again for what failed. */
  retry(): void {
    this.#lists.retry();
  }

  /** Something changed in the dataset: what is in view is read again soon, once for many changes. */
  refreshSoon(): void {
    if (this.#refreshTimer !== undefined || this.#closed) return;
    const interval = this.#options.refreshMs ?? 1_500;
    const waitMs = Math.max(50, this.#refreshedAt + interval - performance.now());
    this.#refreshTimer = setTimeout(() => {
      this.#refreshTimer = undefined;
      void this.#refresh();
    }, waitMs);
  }

  select(selection: Selection): void {
    if (selection.focus !== this.#selection.focus) this.#focusMoves += 1;
    this.#selection = selection;
    this.#changed();
  }

  /** A click with the keys that were held. */
  click(index: number, keys: { readonly range: boolean; readonly toggle: boolean }): void {
    const sample = this.at(index);
    if (keys.range) this.extendTo(index, keys.toggle);
    else if (!sample) this.select(focusOn(deselect(this.#selection), index));
    else this.select(keys.toggle ? toggleOne(this.#selection, index, sample.id) : selectOne(index, sample.id));
  }

  /** Moves the keyboard there; that one is selected, nothing else. */
  focus(index: number): void {
    if (this.count === 0) return;
    const place = Math.min(this.count - 1, Math.max(0, index));
    const sample = this.at(place);
    this.select(sample ? selectOne(place, sample.id) : { ...deselect(this.#selection), anchor: place, focus: place });
  }

  /**
   * Moves the keyboard to a sample that a link names.
   * @returns false where it is not in the list
   */
  async focusSample(id: number): Promise<boolean> {
    const list = this.#list;
    if (!list || list.count === 0) return false;
    let place = list.placeOf(id);
    if (place === null) {
      const at = (await list.idsBetween(0, list.count - 1, this.#lists.signal)).indexOf(id);
      if (at < 0 || this.#list !== list) return false;
      place = at;
    }
    this.select({ mode: 'only', ids: IdSet.of([id]), anchor: place, focus: place });
    return true;
  }

  /** Selects from the anchor to there; what is not loaded is asked for. */
  extendTo(index: number, add: boolean): void {
    const anchor = this.#selection.anchor ?? index;
    const before = this.#selection;
    this.select(focusOn({ ...before, anchor }, index));
    const list = this.#list;
    void list
      ?.idsBetween(Math.min(anchor, index), Math.max(anchor, index), this.#lists.signal)
      .then((ids) => {
        if (this.#list === list && this.#selection.focus === index) {
          this.select(selectRange({ ...before, anchor }, index, ids, add));
        }
      })
      .catch((error) => this.#failUnlessAborted(error));
  }

  selectAll(): void {
    if (this.count > 0) this.select(selectAll(this.#selection));
  }

  clearSelection(): void {
    this.select(deselect(this.#selection));
  }

  /** Samples under a marquee: those of its ranges that are here. */
  idsIn(ranges: readonly IndexRange[]): number[] {
    const ids: number[] = [];
    for (const { first, last } of ranges) {
      for (let index = first; index <= last; index += 1) {
        const sample = this.#list?.at(index);
        if (sample) ids.push(sample.id);
      }
    }
    return ids;
  }

  /** Selected samples that are here, in order, at most so many. */
  selectedSamples(limit: number): readonly SampleSummary[] {
    const found: SampleSummary[] = [];
    if (this.#selection.mode === 'all-but') return found;
    const places = [...this.#selection.ids]
      .slice(0, 1_000)
      .map((id) => this.#list?.placeOf(id) ?? null)
      .filter((place) => place !== null);
    for (const place of places.sort((left, right) => left - right).slice(0, limit)) {
      const sample = this.at(place);
      if (sample) found.push(sample);
    }
    return found;
  }

  /**
   * Decides about the selection, else about the sample in focus. Where it was one sample, the next one comes.
   * @param advance default true
   */
  decide(change: SampleChange, advance = true): void {
    const { selection } = this;
    const { focus } = selection;
    const focused = this.focused;
    if (selection.mode === 'all-but') {
      this.#decideMatching(selection, change);
      return;
    }
    const ids = isEmpty(selection) && focused ? [focused.id] : [...selection.ids];
    if (ids.length > 0 && !this.#queue.decide({ kind: 'ids', ids }, change)) return;
    const single = selection.ids.size <= 1 && (selection.ids.size === 0 || (focused && selection.ids.has(focused.id)));
    if (advance && single && focus !== null && focus + 1 < this.count) this.focus(focus + 1);
  }

  /** What is selected, else the sample in focus, as the core is told; null when that is nothing, or too much to tell. */
  get target(): DecisionTarget | null {
    const { selection, focused } = this;
    if (isEmpty(selection)) return focused ? { kind: 'ids', ids: [focused.id] } : null;
    if (selection.mode === 'only') return { kind: 'ids', ids: [...selection.ids] };
    const view = this.#lists.shown;
    if (!view || this.count === 0 || selection.ids.size > MAX_EXCEPTIONS) return null;
    return { kind: 'matching', filter: view.filter, exceptIds: [...selection.ids] };
  }

  /**
   * Decides about exactly these, whatever is selected.
   * @param advance whether the next one comes in front; default false
   */
  decideAbout(ids: readonly number[], change: SampleChange, advance = false): void {
    const isShown = this.#queue.decide({ kind: 'ids', ids: [...ids] }, change);
    const { focus } = this.#selection;
    if (isShown && advance && focus !== null && focus + 1 < this.count) this.focus(focus + 1);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#refreshTimer);
    this.#lists.close();
    this.#listeners.clear();
  }

  #decideMatching(selection: Selection, change: SampleChange): void {
    // What a person decides about is what they see.
    const view = this.#lists.shown;
    if (!view || this.count === 0) return;
    if (selection.ids.size <= MAX_EXCEPTIONS) {
      this.#queue.decide({ kind: 'matching', filter: view.filter, exceptIds: [...selection.ids] }, change);
      return;
    }
    const request = { filter: filterOf(this.datasetId, view), sort: orderOf(view), offset: 0, limit: MAX_IDS };
    void this.#options.source
      .ids(request, this.#lists.signal)
      .then(({ ids }) => {
        const wanted = ids.filter((id) => !selection.ids.has(id));
        if (wanted.length > 0) this.#queue.decide({ kind: 'ids', ids: wanted }, change);
      })
      .catch((error) => this.#failUnlessAborted(error, (why) => this.#options.onFailed(why, null)));
  }

  async #refresh(): Promise<void> {
    const list = this.#list;
    if (!list || this.#closed) return;
    this.#refreshedAt = performance.now();
    try {
      const shift = await this.#lists.refresh(() => this.#reference());
      if (shift === null) return;
      this.#selection = moved(this.#selection, shift, list.count);
      this.#shift += shift;
      this.#changed();
    } catch (error) {
      this.#failUnlessAborted(error);
    }
  }

  /** The sample that should stay where it is: the one in focus when it is in view, else the first in view. */
  #reference(): { id: number; index: number } | null {
    const { focus } = this.#selection;
    const { first, last } = this.#inView;
    const candidates = focus !== null && focus >= first && focus <= last ? [focus] : [];
    for (let index = first; index <= last; index += 1) candidates.push(index);
    for (const index of candidates) {
      const sample = this.#list?.at(index);
      if (sample) return { id: sample.id, index };
    }
    return null;
  }

  #failUnlessAborted(error: unknown, tell = this.#options.onUnread): void {
    if (this.#closed || (error as { code?: unknown } | null)?.code === 'cancelled') return;
    tell(error);
  }

  #changed(): void {
    this.#version += 1;
    for (const listener of this.#listeners) listener();
  }
}
