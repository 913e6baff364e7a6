/** What the adapters of search services have in common. They are pure: text in, records out. */

/** One image as a search service describes it. */
export interface SourceImage {
  /** The service's own identifier. */
  readonly sourceId: string;
  /** The page about the image; null when the service names none. */
  readonly pageUrl: string | null;
  /** The file to fetch. */
  readonly imageUrl: string;
  /** Pixels of the file at `imageUrl`; null when unknown. */
  readonly width: number | null;
  readonly height: number | null;
  /** Bytes of the file at `imageUrl`; null when unknown. */
  readonly sizeBytes: number | null;
  readonly title: string | null;
  /** A description, at most 500 characters; null when there is none. */
  readonly caption: string | null;
  readonly tags: readonly string[];
  readonly creator: string | null;
  readonly creatorUrl: string | null;
  /** SPDX-like: `CC-BY-4.0`, `CC0-1.0`, `PDM-1.0`; `unknown` when the service does not say. */
  readonly licence: string;
  readonly licenceUrl: string | null;
  /** A line that credits the image; null when none can be made. */
  readonly attribution: string | null;
}

/** One page of results. */
export interface SourcePage {
  readonly images: readonly SourceImage[];
  /** The next page; null when this is the last one that the service gives. */
  readonly next: string | null;
  /** How many the service says there are; null when it does not say. */
  readonly totalFound: number | null;
  /** Results that lacked a usable address or were no images. */
  readonly skipped: number;
}

export type SearchServiceId = 'openverse' | 'wikimedia';

/** Reads the answers of a search service. */
export interface SearchReader {
  /**
   * Reads an answer. Results that cannot be used are counted, not fatal.
   * @param url the address that was asked for
   * @throws AppError `rate-limited` (with `details.retryAfterMs`) when the service asks to come back later, `unavailable`
   *   when the text is not an answer of this service
   */
  parse(text: string, url: string): SourcePage;
}
