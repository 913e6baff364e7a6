/** The words of the local web: sites on loopback addresses, their log, and what is known about their pictures. */

import type { IncomingMessage, ServerResponse } from 'node:http';

export const SITE_NAMES = [
  'gallery',
  'faults',
  'robots-closed',
  'robots-5xx',
  'tagged',
  'tdm',
  'ai-txt',
  'trap',
  'api',
  'half-closed',
] as const;
export type SiteName = (typeof SITE_NAMES)[number];

export interface LocalSite {
  /** A SiteName, or `bulk-0`, `bulk-1`, … */
  readonly name: string;
  readonly address: string;
  readonly port: number;
  /** `ADDRESS:PORT`, as `--allow-host` takes it. */
  readonly host: string;
  /** `http://ADDRESS:PORT`. */
  readonly origin: string;
}

/** One request as its server saw it. */
export interface LoggedRequest {
  readonly site: string;
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  /** When the request's head had arrived, on this machine's monotonic clock (comparable between processes). */
  readonly atMs: number;
  /** When the answer had been handed over or the connection was lost; null while under way. */
  endedAtMs: number | null;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** null while no status has been sent, or when raw bytes were. */
  status: number | null;
  /** Of the connection, so that connections can be counted. */
  readonly remotePort: number;
}

/** What a picture of the gallery is there for. */
export type PictureKind =
  | 'honest'
  /** The same bytes as another, at another address. */
  | 'exact-duplicate'
  /** Re-encoded or resized from another: near by perceptual hash, smaller, different bytes. */
  | 'near-duplicate'
  | 'too-small'
  | 'flat'
  /** Cut within its pixel data. */
  | 'damaged'
  /** Text under an image's name and type. */
  | 'not-an-image'
  | 'svg'
  /** Below a path that robots.txt closes. */
  | 'robots-disallowed';

export interface PictureFact {
  readonly url: string;
  readonly path: string;
  readonly kind: PictureKind;
  /** The address this one duplicates; null when it duplicates none. */
  readonly of: string | null;
  readonly format: string;
  readonly width: number;
  readonly height: number;
  readonly sizeBytes: number;
  /** Lower-case hex. */
  readonly sha256: string;
}

export type Handler = (request: IncomingMessage, response: ServerResponse, url: URL) => void;

/** Options of the whole web. */
export interface WebOptions {
  /** Everything drawn follows from it. Default 1. */
  readonly seed?: number;
  /** Which of the named sites to serve. Default all. */
  readonly sites?: readonly SiteName[];
  /** Honest pictures of the gallery. Default 40. */
  readonly galleryImages?: number;
  /** Pages of the gallery that name them. Default 8. */
  readonly galleryPages?: number;
  /** Names of FAULTS that the index page of the faulty site links to. Default those that end by themselves at once. */
  readonly linkedFaults?: readonly string[];
  /** Bulk sites, each on an address of its own. Default 0. */
  readonly bulkHosts?: number;
  /** Pictures of all bulk sites together. Default 0. */
  readonly bulkImages?: number;
  /** Files to serve on the bulk sites under changed bytes; drawn ones when left out. JPEG only. */
  readonly bulkFiles?: readonly string[];
  /** Whether bulk sites keep a log; switched off for benchmarks. Default true. */
  readonly bulkLog?: boolean;
}

/** What another process needs to know about a running web. */
export interface WebDescription {
  readonly sites: Readonly<Partial<Record<SiteName, LocalSite>>>;
  readonly bulk: readonly LocalSite[];
  /** Every `ADDRESS:PORT` served, for `--allow-host`. */
  readonly allowHosts: readonly string[];
  /** Every picture of the gallery. */
  readonly pictures: readonly PictureFact[];
}
