/** How the sites of a running crawl are doing, with what the whole ledger has for each, and how long they take at least. */

import type { DatabaseReader } from '../db/reader.ts';
import type { Frontier, SiteLoad } from './frontier.ts';
import type { RequestRepository } from './request-repository.ts';

const COUNT_EVERY_MS = 2_000;
/** Counting may take this part of the time, so that a ledger of millions is counted less often. */
const SHARE_OF_TIME = 1 / 50;

interface SiteBoardOptions {
  readonly frontier: Frontier;
  readonly reader: DatabaseReader;
  readonly requests: RequestRepository;
  readonly jobId: number;
  /** Requests in flight to one site. */
  readonly perHost: number;
  /** Called after each count, with the moment before which the sites cannot have answered all: milliseconds since 1970. */
  readonly onCounted: (endsNotBeforeMs: number) => void;
}

export class SiteBoard {
  readonly #options: SiteBoardOptions;
  #waiting: ReadonlyMap<string, { readonly images: number; readonly all: number }> = new Map();
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(options: SiteBoardOptions) {
    this.#options = options;
  }

  /** Counts from now on, now and then, until `close`. What cannot be counted is not: the board then tells what it knew. */
  async run(): Promise<void> {
    const startedMs = performance.now();
    await this.#count().catch(() => undefined);
    if (this.#isClosed) return;
    const tookMs = performance.now() - startedMs;
    this.#timer = setTimeout(() => void this.run(), Math.max(COUNT_EVERY_MS, tookMs / SHARE_OF_TIME));
    this.#timer.unref();
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  sites(nowMs: number): SiteLoad[] {
    return this.#options.frontier.sites(nowMs, this.#waiting);
  }

  async #count(): Promise<void> {
    const { jobId, onCounted, perHost, reader, requests } = this.#options;
    const { sql, parameters } = requests.waitingBySiteQuery(jobId);
    const rows = await reader.all<{ site: string; images: number; all: number }>(sql, parameters);
    this.#waiting = new Map(rows.map(({ site, images, all }) => [site, { images, all }]));
    const nowMs = Date.now();
    onCounted(this.sites(nowMs).reduce((latest, site) => Math.max(latest, endsNotBefore(site, perHost, nowMs)), 0));
  }
}

/** The site is asked with a gap between two starts, and as many at a time as it may be. */
function endsNotBefore(site: SiteLoad, perHost: number, nowMs: number): number {
  if (site.waiting === 0 || site.state === 'exhausted') return 0;
  const eachMs = Math.max(site.gapMs, site.medianResponseMs / perHost);
  return Math.max(nowMs, site.nextStartAtMs) + (site.waiting - 1) * eachMs;
}
