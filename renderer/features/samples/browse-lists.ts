import type { BrowseView } from './browse-view.ts';
import { SampleList, type SampleSource } from './sample-list.ts';
import type { Segment } from './segments.ts';
import { orderOf, type SegmentSource, segmentsOf } from './view-segments.ts';

interface BrowseListsOptions {
  readonly datasetId: number;
  readonly source: SampleSource & SegmentSource;
  /** Another list is in front. */
  readonly onFront: () => void;
  /** The list in front has more, or could not be had. */
  readonly onChange: () => void;
}

/** The list in front, and the one that opens behind it: a view shows once it has something to show. */
export class BrowseLists {
  readonly #options: BrowseListsOptions;
  #view: BrowseView | undefined;
  #front: { readonly list: SampleList; readonly view: BrowseView } | undefined;
  #next: { readonly list: SampleList; readonly stop: () => void } | undefined;
  #opening = new AbortController();
  #openError: unknown = null;

  constructor(options: BrowseListsOptions) {
    this.#options = options;
  }

  /** What was asked for last; `shown` may be another until it comes. */
  get view(): BrowseView | undefined {
    return this.#view;
  }

  /** What the list in front shows. */
  get shown(): BrowseView | undefined {
    return this.#front?.view;
  }

  /** The list in front; undefined until there is a first answer. */
  get list(): SampleList | undefined {
    return this.#front?.list;
  }

  get error(): unknown {
    return this.#openError ?? this.list?.error ?? null;
  }

  /** Aborted once another view is asked for. */
  get signal(): AbortSignal {
    return this.#opening.signal;
  }

  /** Puts the samples of a view in front. The same view again changes nothing. */
  show(view: BrowseView): void {
    if (this.#view && JSON.stringify(view) === JSON.stringify(this.#view)) return;
    this.#view = view;
    this.#open(view);
  }

  /** Asks again for what failed. */
  retry(): void {
    if (this.#openError !== null && this.#view) this.#open(this.#view);
    else this.list?.retry();
  }

  /**
   * Reads the list in front again.
   * @param reference a sample in view, to say where it went; asked for once the sections are known
   * @returns how far that moved; null when another list came in front or another refresh overtook this one
   */
  async refresh(reference: () => { id: number; index: number } | null): Promise<number | null> {
    const front = this.#front;
    if (!front) return null;
    const { list, view } = front;
    const { datasetId, source } = this.#options;
    const segments = await segmentsOf(datasetId, view, source, this.#opening.signal);
    if (this.list !== list) return null;
    const shift = await list.refresh(segments, reference());
    return this.list === list ? shift : null;
  }

  close(): void {
    this.#opening.abort();
    this.#next?.stop();
    this.#next?.list.close();
    this.list?.close();
  }

  #open(view: BrowseView): void {
    this.#opening.abort();
    this.#opening = new AbortController();
    this.#next?.stop();
    this.#next?.list.close();
    this.#next = undefined;
    this.#openError = null;
    const { signal } = this.#opening;
    const { datasetId, source, onChange } = this.#options;
    const segments = segmentsOf(datasetId, view, source, signal);
    if (!(segments instanceof Promise)) {
      this.#openBehind(view, segments);
      return;
    }
    segments.then(
      (found) => !signal.aborted && this.#openBehind(view, found),
      (error) => {
        if (signal.aborted) return;
        this.#openError = error;
        onChange();
      },
    );
  }

  /** Opens a list behind the one that shows, and puts it in front with its first answer. */
  #openBehind(view: BrowseView, segments: readonly Segment[]): void {
    const list = new SampleList({ source: this.#options.source, sort: orderOf(view), segments });
    const look = () => {
      if (this.#next?.list !== list) return;
      if (list.at(0) === undefined && !(list.counted && list.count === 0) && list.error === null) return;
      this.#next.stop();
      this.#next = undefined;
      this.list?.close();
      this.#front = { list, view };
      list.subscribe(this.#options.onChange);
      this.#options.onFront();
    };
    this.#next = { list, stop: list.subscribe(look) };
    look();
  }
}
