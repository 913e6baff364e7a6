/**
 * What a crawl may take next. A bounded window over the ledger: for each site a few dozen waiting requests are in memory,
 * the rest stay rows until there is room, so that a million waiting addresses cost what their sites cost.
 */

import type { DatabaseReader } from '../db/reader.ts';
import { createSiteSchedule, type RequestOutcome, type SavedSite, type SiteView } from '../sites/site-schedule.ts';
import { isImageKind, type LedgerRequest, type RequestRepository } from './request-repository.ts';

/** Requests of one site in memory: filled up to the first, refilled below the second. */
const WINDOW = 48;
const REFILL_BELOW = 16;
const LANES = [0, 1, 2] as const;

interface SiteWindow {
  readonly id: number;
  /** scheme://host:port; empty for this machine. */
  readonly name: string;
  /** The last id read in each lane; rows are only ever added behind it. */
  readonly cursors: number[];
  readonly mayHaveMore: boolean[];
  buffered: number;
}

export interface Taken {
  readonly request: LedgerRequest;
  /** scheme://host:port; null for this machine. */
  readonly site: string | null;
}

export interface FrontierOptions {
  readonly requests: RequestRepository;
  readonly reader: DatabaseReader;
  readonly jobId: number;
  readonly perHost: number;
  readonly delayMs: number;
  /** A core may have died right after it asked a site: each gets its full gap before the first request. */
  readonly resumed: boolean;
  /** Milliseconds until a site in trouble is tried again; default 15 s. See SiteScheduleOptions. */
  readonly probeDelayMs?: number;
}

export class Frontier {
  readonly #options: FrontierOptions;
  readonly #schedule: ReturnType<typeof createSiteSchedule<LedgerRequest>>;
  readonly #windows = new Map<number, SiteWindow>();
  readonly #idByName = new Map<string, number>();
  /** Requests that wait for their own time, soonest first. */
  #deferred: LedgerRequest[] = [];
  #local: LedgerRequest[] = [];
  #pagesAreClosed = false;
  readonly #reservations = new Map<string, number>();
  /** Sites whose window may want rows. */
  readonly #hungry = new Set<number>();
  /** Sites that are given up and have requests all the same. */
  readonly #lost = new Set<string>();

  constructor(options: FrontierOptions) {
    this.#options = options;
    const { delayMs, perHost, probeDelayMs } = options;
    const trouble = probeDelayMs === undefined ? {} : { probeDelayMs };
    this.#schedule = createSiteSchedule<LedgerRequest>({ perHost, delayMs, ...trouble });
  }

  /** Finds the sites that have waiting requests. */
  async load(): Promise<void> {
    const { sql, parameters } = this.#options.requests.waitingSitesQuery(this.#options.jobId);
    const rows = await this.#options.reader.all<{ siteId: number; waiting: number }>(sql, parameters);
    this.noteInserted(rows.map((row) => row.siteId));
  }

  /** Rows were added for these sites. */
  noteInserted(siteIds: Iterable<number>): void {
    for (const id of siteIds) {
      const window = this.#window(id);
      window.mayHaveMore.fill(true);
      if (window.buffered < REFILL_BELOW) this.#hungry.add(id);
    }
  }

  #window(id: number): SiteWindow {
    let window = this.#windows.get(id);
    if (window === undefined) {
      const name = id === 0 ? '' : this.#options.requests.siteName(id);
      window = { id, name, cursors: LANES.map(() => 0), mayHaveMore: LANES.map(() => true), buffered: 0 };
      this.#windows.set(id, window);
      if (id !== 0) {
        this.#idByName.set(name, id);
        const saved = this.#options.requests.siteRecord(name, 'schedule');
        if (saved !== undefined) this.#schedule.restore(name, JSON.parse(saved) as SavedSite);
        if (this.#options.resumed) this.#schedule.reserve(name, Date.now());
      }
    }
    return window;
  }

  #refill(nowMs: number): void {
    for (const id of this.#hungry) {
      const window = this.#window(id);
      for (const lane of LANES) {
        const room = WINDOW - window.buffered;
        if (room <= 0 || window.mayHaveMore[lane] !== true) continue;
        const rows = this.#options.requests.waiting(
          this.#options.jobId,
          id,
          lane,
          window.cursors[lane] as number,
          room,
        );
        window.cursors[lane] = rows.at(-1)?.id ?? (window.cursors[lane] as number);
        window.mayHaveMore[lane] = rows.length === room;
        for (const row of rows) this.#admit(window, row, nowMs);
      }
      // Rows that wait for their time or stay in the ledger fill no room: the ones behind them are read with the next call.
      if (window.buffered >= REFILL_BELOW || !window.mayHaveMore.includes(true)) this.#hungry.delete(id);
    }
  }

  /** From now on pages that were never tried stay in the ledger: the budget for pages is used up. */
  closePages(): void {
    if (this.#pagesAreClosed) return;
    this.#pagesAreClosed = true;
    const now = Date.now();
    for (const window of this.#windows.values()) {
      if (window.id === 0) continue;
      const queued = this.#schedule.drain(window.name);
      window.buffered -= queued.length;
      for (const request of queued) this.#admit(window, request, now);
      if (window.buffered < REFILL_BELOW && window.mayHaveMore.includes(true)) this.#hungry.add(window.id);
    }
  }

  #admit(window: SiteWindow, request: LedgerRequest, nowMs: number): void {
    if (this.#pagesAreClosed && window.id !== 0 && !isImageKind(request.kind) && request.attempts === 0) return;
    if (request.dueAt > nowMs) {
      this.defer(request, request.dueAt);
      return;
    }
    // Queued there it would never start, and never let the crawl end.
    if (window.id !== 0 && this.#schedule.state(window.name, nowMs) === 'exhausted') {
      this.#lost.add(window.name);
      return;
    }
    window.buffered++;
    if (window.id === 0) this.#local.push(request);
    else this.#schedule.offer(window.name, request, request.lane);
  }

  /** The next request that may start now; null when none may. */
  take(nowMs: number): Taken | null {
    while (this.#deferred.length > 0 && (this.#deferred[0] as LedgerRequest).dueAt <= nowMs) {
      const request = this.#deferred.shift() as LedgerRequest;
      this.#admit(this.#window(request.siteId), request, nowMs);
    }
    if (this.#hungry.size > 0) this.#refill(nowMs);
    const taken = this.#schedule.take(nowMs);
    if (taken !== null) {
      this.#left(this.#idByName.get(taken.site) as number);
      return { request: taken.item, site: taken.site };
    }
    const local = this.#local.shift();
    if (local === undefined) return null;
    this.#left(0);
    return { request: local, site: null };
  }

  #left(siteId: number): void {
    const window = this.#window(siteId);
    window.buffered--;
    if (window.buffered < REFILL_BELOW && window.mayHaveMore.includes(true)) this.#hungry.add(siteId);
  }

  /** Takes a request back until a time. Its row says so already. */
  defer(request: LedgerRequest, dueAt: number): void {
    const waiting = { ...request, dueAt };
    let low = 0;
    let high = this.#deferred.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#deferred[middle] as LedgerRequest).dueAt <= dueAt) low = middle + 1;
      else high = middle;
    }
    this.#deferred.splice(low, 0, waiting);
  }

  /** Reports how a request to a site went. @returns whether the site is given up for now */
  finished(site: string, outcome: RequestOutcome, nowMs: number): boolean {
    return this.#schedule.finished(site, outcome, nowMs) === 'exhausted';
  }

  /** When a request outside the queue (a redirect, robots.txt) may start. */
  reserve(site: string, nowMs: number): number {
    this.#reservations.set(site, (this.#reservations.get(site) ?? 0) + 1);
    return this.#schedule.reserve(site, nowMs);
  }

  /** A request to a site has left. */
  sent(site: string, nowMs: number): void {
    this.#schedule.sent(site, nowMs);
  }

  /** Counts the reservations of a site, to see whether one was made in between. */
  reservations(site: string): number {
    return this.#reservations.get(site) ?? 0;
  }

  setCrawlDelay(site: string, crawlDelayMs: number): void {
    this.#schedule.setCrawlDelay(site, crawlDelayMs);
  }

  /** Sites that were given up and for which requests have come since, each told once: give them up again. */
  takeLost(): string[] {
    const lost = [...this.#lost];
    this.#lost.clear();
    return lost;
  }

  /** Forgets what is in memory of a site; its rows were settled. @returns the site's id */
  giveUp(site: string): number {
    const id = this.#idByName.get(site) as number;
    const window = this.#window(id);
    this.#schedule.drain(site);
    window.buffered = 0;
    window.mayHaveMore.fill(false);
    this.#hungry.delete(id);
    this.#deferred = this.#deferred.filter((request) => request.siteId !== id);
    return id;
  }

  /** True when nothing is left to take, now or later. */
  get isEmpty(): boolean {
    const waiting = this.#schedule.queued + this.#local.length + this.#deferred.length;
    return waiting + this.#hungry.size + this.#lost.size === 0;
  }

  /** When `take` is worth the next call; null when only the end of something in flight can change that. */
  nextDueAt(): number | null {
    if (this.#hungry.size + this.#lost.size > 0) return 0;
    const due = [this.#schedule.nextDueAt(), this.#deferred[0]?.dueAt ?? null].filter((time) => time !== null);
    return due.length === 0 ? null : Math.min(...due);
  }

  save(site: string): SavedSite {
    return this.#schedule.save(site);
  }

  sites(nowMs: number): SiteView[] {
    return this.#schedule.snapshot(nowMs);
  }
}
