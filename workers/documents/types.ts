/** What parsers of untrusted documents hand to the core. Addresses are absolute, http or https, not yet normalised. */

/** Where on a page an image was named (`style` is an inline background); the first in this order is kept when several name the same address. */
export type ImageMention =
  | 'img'
  | 'srcset'
  | 'picture'
  | 'lazy'
  | 'link'
  | 'json-ld'
  | 'open-graph'
  | 'poster'
  | 'style';

export interface PageImage {
  readonly url: string;
  readonly mention: ImageMention;
  /** alt or title or caption, at most 500 characters; null when none. */
  readonly caption: string | null;
  /** From rel=license beside it or JSON-LD; null when unknown. */
  readonly licence: string | null;
  readonly creator: string | null;
}

export interface PageExtract {
  /** After `<base href>`. */
  readonly baseUrl: string;
  readonly title: string | null;
  readonly images: readonly PageImage[];
  /** Links to follow, rel=nofollow left out. */
  readonly links: readonly string[];
  /** `<meta name=robots|BOT content=…>` as [name, content] pairs, lower case. */
  readonly metaRobots: readonly (readonly [string, string])[];
  /** `<meta name=tdm-reservation>`: its content, or null. */
  readonly tdmReservation: string | null;
  /** True when a limit cut the lists. */
  readonly truncated: boolean;
}

export interface SitemapExtract {
  /** `<sitemap><loc>` of an index. */
  readonly sitemaps: readonly string[];
  readonly pages: readonly string[];
  /** `<image:loc>` with the page it belongs to. */
  readonly images: readonly {
    readonly url: string;
    readonly pageUrl: string;
    readonly caption: string | null;
    readonly licence: string | null;
  }[];
  readonly truncated: boolean;
}

export interface ListRecord {
  readonly url: string;
  readonly caption: string | null;
  /** A label column's value; null when there is none. */
  readonly label: string | null;
  readonly licence: string | null;
  readonly creator: string | null;
  readonly pageUrl: string | null;
}

export interface ArchiveEntryFile {
  /** Position in the archive, counted over all entries. */
  readonly index: number;
  /** The name inside the archive, for people and for labels from folders; never used as a path. */
  readonly name: string;
  /** Absolute path of the unpacked bytes. null when the entry was refused. */
  readonly path: string | null;
  /** Why it was refused: `too-large`, `unreadable`, `excluded` (links, devices); null when unpacked. */
  readonly refused: 'too-large' | 'unreadable' | 'excluded' | null;
  readonly sizeBytes: number;
}
