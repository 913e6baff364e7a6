/**
 * What a crawl may take next. A bounded window over the ledger: for each site a few dozen waiting requests are in memory,
 * the rest stay rows until there is room, so that a million waiting addresses cost what their sites cost.
 */

import type { DatabaseReader } from '../db/reader.ts';
import type { RequestOutcome, SavedSite } from '../sites/site.ts';
import { createSiteSchedule, type SiteView } from '../sites/site-schedule.ts';
import { isImageKind, type LedgerRequest } from './ledger-request.ts';
import type { RequestCount, RequestRepository } from './request-repository.ts';

/** Requests of one site in memory: filled up to the first, refilled below the second. */
const WINDOW = 48;
const REFILL_BELOW = 16;
const LANES = [0, 1, 2] as const;
/** Sites whose windows are filled in one call of `take`: with tens of thousands of sites the others come with the next. */
const REFILLED_AT_A_TIME = 50;
/** Site ids that one query of `load` answers with. */
const LOADED_AT_A_TIME = 5_000;

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

export interface SiteLoad extends SiteView {
  /** Requests that are yet to be sent, in memory or not. */
  readonly waiting: number;
  /** Whether nothing but refusals came of it in this run. */
  readonly isClosed: boolean;
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
  /** What waits at each site, in memory or not, without what is in flight. Sites where nothing does are left out. */
  readonly #waiting = new Map<number, RequestCount>();
  /** How far the ledger was read for sites that had nothing left; what is in flight of them may still be unsettled there. */
  readonly #dropped = new Map<number, number[]>();
  readonly #idByName = new Map<string, number>();
  /** Requests that wait for their own time, soonest first. */
  #deferred: LedgerRequest[] = [];
  #local: LedgerRequest[] = [];
  #pagesAreClosed = false;
  /** Sites whose saved schedule was looked up. */
  readonly #met = new Set<string>();
  /** Sites whose Crawl-delay is from an earlier run. */
  readonly #oldDelays = new Set<string>();
  /** Sites whose window may want rows. */
  readonly #hungry = new Set<number>();
  /** Sites that are given up and have requests all the same. */
  readonly #lost = new Set<string>();
  /** Sites of which something was refused before it was sent, and sites that have answered. */
  readonly #refusedAt = new Set<string>();
  readonly #answered = new Set<string>();

  constructor(options: FrontierOptions) {
    this.#options = options;
    const { delayMs, perHost, probeDelayMs } = options;
    const trouble = probeDelayMs === undefined ? {} : { probeDelayMs };
    this.#schedule = createSiteSchedule<LedgerRequest>({ perHost, delayMs, ...trouble });
  }

  /** Finds the sites that have waiting requests, while none is in flight. Their windows are made as they are filled. */
  async load(): Promise<void> {
    this.#waiting.clear();
    for (let afterId = -1; ; ) {
      const { sql, parameters } = this.#options.requests.waitingSitesQuery(
        this.#options.jobId,
        afterId,
        LOADED_AT_A_TIME,
      );
      const rows = await this.#options.reader.all<RequestCount & { siteId: number }>(sql, parameters);
      for (const { siteId, images, pages } of rows) this.#waiting.set(siteId, { images, pages });
      this.#haveMore(rows.map((row) => row.siteId));
      if (rows.length < LOADED_AT_A_TIME) return;
      afterId = rows.at(-1)?.siteId ?? afterId;
    }
  }

  /** Rows were added, so many by site. */
  noteInserted(bySite: ReadonlyMap<number, RequestCount>): void {
    for (const [id, { images, pages }] of bySite) this.#count(id, images, pages);
    this.#haveMore(bySite.keys());
  }

  #count(siteId: number, images: number, pages: number): void {
    const before = this.#waiting.get(siteId) ?? { images: 0, pages: 0 };
    const now = { images: Math.max(0, before.images + images), pages: Math.max(0, before.pages + pages) };
    if (now.images + now.pages === 0) this.#waiting.delete(siteId);
    else this.#waiting.set(siteId, now);
  }

  #countOne({ siteId, kind }: LedgerRequest, change: 1 | -1): void {
    const isImage = isImageKind(kind);
    this.#count(siteId, isImage ? change : 0, isImage ? 0 : change);
  }

  #haveMore(siteIds: Iterable<number>): void {
    for (const id of siteIds) {
      const window = this.#windows.get(id) ?? (this.#dropped.has(id) ? this.#window(id) : undefined);
      window?.mayHaveMore.fill(true);
      if (window === undefined || window.buffered < REFILL_BELOW) this.#hungry.add(id);
    }
  }

  #window(id: number): SiteWindow {
    let window = this.#windows.get(id);
    if (window === undefined) {
      const name = id === 0 ? '' : this.#options.requests.siteName(id);
      const dropped = this.#dropped.get(id);
      const cursors = dropped ?? LANES.map(() => 0);
      window = { id, name, cursors, mayHaveMore: LANES.map(() => dropped === undefined), buffered: 0 };
      this.#windows.set(id, window);
      this.#dropped.delete(id);
      if (id !== 0) {
        this.#idByName.set(name, id);
        this.#meet(name);
      }
    }
    return window;
  }

  /** What earlier runs knew of a site holds from its first request on, even when only a redirect leads there. */
  #meet(site: string): void {
    if (this.#met.has(site)) return;
    this.#met.add(site);
    const saved = this.#options.requests.siteRecord(site, 'schedule');
    if (saved !== undefined) {
      const schedule = JSON.parse(saved) as SavedSite;
      this.#schedule.restore(site, schedule);
      if (schedule.crawlDelayMs > 0) this.#oldDelays.add(site);
    }
    if (this.#options.resumed) this.#schedule.reserve(site, Date.now());
  }

  /** Pages, sitemaps and API answers that were asked of sites so far. */
  async pagesTried(): Promise<number> {
    const { sql, parameters } = this.#options.requests.pagesTriedQuery(this.#options.jobId);
    const [row] = await this.#options.reader.all<{ count: number }>(sql, parameters);
    return row?.count ?? 0;
  }

  /** Keeps no window for a site that has nothing left: only how far the ledger was read, for rows that are added later. */
  #dropIfDone(site: string): void {
    const window = this.#windows.get(this.#idByName.get(site) ?? 0);
    if (window === undefined || window.id === 0 || this.#hungry.has(window.id) || this.#lost.has(site)) return;
    if (window.buffered > 0 || window.mayHaveMore.includes(true)) return;
    this.#windows.delete(window.id);
    this.#dropped.set(window.id, window.cursors);
  }

  #refill(nowMs: number): void {
    let count = 0;
    const stillHungry: number[] = [];
    for (const id of this.#hungry) {
      if (count++ === REFILLED_AT_A_TIME) break;
      this.#hungry.delete(id);
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
      if (window.buffered < REFILL_BELOW && window.mayHaveMore.includes(true)) stillHungry.push(id);
    }
    // Behind the others, so that none of them waits for one that has many such rows.
    for (const id of stillHungry) this.#hungry.add(id);
  }

  /** From now on pages that were never tried stay in the ledger: the budget for pages is used up. */
  closePages(): void {
    if (this.#pagesAreClosed) return;
    this.#pagesAreClosed = true;
    const now = Date.now();
    for (const window of this.#windows.values()) {
      if (window.id === 0) continue;
      for (const request of this.#schedule.drain(window.name)) {
        if (request.underWay !== undefined) {
          this.#schedule.offer(window.name, request, request.lane);
          continue;
        }
        window.buffered--;
        this.#admit(window, request, now);
      }
      if (window.buffered < REFILL_BELOW && window.mayHaveMore.includes(true)) this.#hungry.add(window.id);
    }
  }

  #admit(window: SiteWindow, request: LedgerRequest, nowMs: number): void {
    if (this.#pagesAreClosed && window.id !== 0 && !isImageKind(request.kind) && request.attempts === 0) return;
    if (request.dueAt > nowMs) {
      this.#hold(request, request.dueAt);
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

  /**
   * The next request that may start now; null when none may.
   * @param mayBeLocal whether it may be for this machine
   */
  take(nowMs: number, mayBeLocal = true): Taken | null {
    while (this.#deferred.length > 0 && (this.#deferred[0] as LedgerRequest).dueAt <= nowMs) {
      const request = this.#deferred.shift() as LedgerRequest;
      this.#admit(this.#window(request.siteId), request, nowMs);
    }
    if (this.#hungry.size > 0) this.#refill(nowMs);
    const taken = this.#schedule.take(nowMs);
    if (taken !== null) {
      if (taken.item.underWay === undefined) {
        this.#left(this.#idByName.get(taken.site) as number);
        this.#countOne(taken.item, -1);
      }
      return { request: taken.item, site: taken.site };
    }
    const local = mayBeLocal ? this.#local.shift() : undefined;
    if (local === undefined) return null;
    this.#left(0);
    this.#countOne(local, -1);
    return { request: local, site: null };
  }

  #left(siteId: number): void {
    const window = this.#window(siteId);
    window.buffered--;
    if (window.buffered < REFILL_BELOW && window.mayHaveMore.includes(true)) this.#hungry.add(siteId);
  }

  /** Takes a request back until a time. Its row says so already. */
  defer(request: LedgerRequest, dueAt: number): void {
    this.#countOne(request, 1);
    this.#hold(request, dueAt);
  }

  #hold(request: LedgerRequest, dueAt: number): void {
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

  /** Starts a redirect to a site. @returns whether it may start now */
  enter(site: string, nowMs: number): boolean {
    this.#meet(site);
    return this.#schedule.enter(site, nowMs);
  }

  /** A request that was started waits for its next place at a site, among that site's own, whosever row it is. */
  requeue(site: string, request: LedgerRequest): void {
    this.#schedule.offer(site, request, request.lane);
  }

  /** Gives the place of a request back that was not sent after all. */
  release(site: string): void {
    this.#schedule.release(site);
  }

  /** Gives the place back of a request that may not be sent: by the wish of the site, or since there is no such site. */
  refused(site: string): void {
    this.#schedule.release(site);
    this.#refusedAt.add(site);
    this.#dropIfDone(site);
  }

  isGivenUp(site: string): boolean {
    return this.#schedule.state(site, Date.now()) === 'exhausted';
  }

  /** Reports how a request to a site went. @returns whether the site is given up for now */
  finished(site: string, outcome: RequestOutcome, nowMs: number): boolean {
    const state = this.#schedule.finished(site, outcome, nowMs);
    if (outcome.kind === 'success' || outcome.kind === 'permanent') this.#answered.add(site);
    if (state !== 'exhausted') this.#dropIfDone(site);
    return state === 'exhausted';
  }

  /** When a request that is part of one in flight (robots.txt) may start. */
  reserve(site: string, nowMs: number): number {
    this.#meet(site);
    return this.#schedule.reserve(site, nowMs);
  }

  /** When a reservation for `startMs` holds: later, when another request has been written late meanwhile. */
  reservedAt(site: string, startMs: number): number {
    return this.#schedule.reservedAt(site, startMs);
  }

  /** A reserved request has been written just now. */
  sent(site: string): void {
    this.#schedule.sent(site, writtenMs());
  }

  /**
   * A request that `take` or `enter` started has been written just now, or will not be.
   * @returns whether another one to that site may start, now or later
   */
  left(site: string, isSent: boolean): boolean {
    return this.#schedule.left(site, isSent ? writtenMs() : null);
  }

  /** To be kept by a request that is yet to be sent, for `isOvertaken`. */
  starts(site: string): number {
    return this.#schedule.starts(site);
  }

  /** Whether another request to a site was started or reserved since, so that the place in its schedule is used up. */
  isOvertaken(site: string, starts: number): boolean {
    return this.#schedule.isOvertaken(site, starts);
  }

  /**
   * @param crawlDelayMs what the site asks for; null for nothing, which ends what an earlier run was asked for
   * @returns whether that is new, and so worth saving
   */
  setCrawlDelay(site: string, crawlDelayMs: number | null): boolean {
    this.#meet(site);
    if (crawlDelayMs === null && !this.#oldDelays.has(site)) return false;
    this.#oldDelays.delete(site);
    const before = this.#schedule.save(site).crawlDelayMs;
    this.#schedule.setCrawlDelay(site, crawlDelayMs ?? 0);
    return before !== (crawlDelayMs ?? 0);
  }

  /** Sites that were given up and for which requests have come since, each told once: give them up again. */
  takeLost(): string[] {
    const lost = [...this.#lost];
    this.#lost.clear();
    return lost;
  }

  /**
   * Forgets what is in memory of a site, whose rows are to be settled.
   * @returns the site's id, null when it has no rows, and the requests with rows of other sites that were led to it
   */
  giveUp(site: string): { readonly id: number | null; readonly ledThere: readonly LedgerRequest[] } {
    const id = this.#idByName.get(site) ?? null;
    const ledThere = this.#schedule.drain(site).filter((request) => request.siteId !== id);
    if (id === null) return { id, ledThere };
    const window = this.#window(id);
    this.#waiting.delete(id);
    window.buffered = 0;
    window.mayHaveMore.fill(false);
    this.#hungry.delete(id);
    this.#deferred = this.#deferred.filter((request) => request.siteId !== id);
    return { id, ledThere };
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

  /** How the sites are doing. */
  sites(nowMs: number): SiteLoad[] {
    return this.#schedule.snapshot(nowMs).map((view) => {
      const waiting = this.#waitingAt(this.#idByName.get(view.site) ?? null);
      return {
        ...view,
        isClosed: this.#refusedAt.has(view.site) && !this.#answered.has(view.site),
        // What redirects have led there has no row of the site.
        waiting: Math.max(view.queued, waiting),
      };
    });
  }

  /** Milliseconds since 1970 before which the sites cannot have been asked for all that waits; 0 when nothing does. */
  endsNotBefore(nowMs: number): number {
    let latest = 0;
    for (const id of this.#waiting.keys()) {
      const waiting = this.#waitingAt(id);
      // A site without a window has not been met yet: it is asked like any other.
      const site = this.#windows.get(id)?.name ?? '';
      if (id === 0 || waiting === 0 || this.#schedule.state(site, nowMs) === 'exhausted') continue;
      latest = Math.max(latest, this.#schedule.endsNotBefore(site, waiting, nowMs));
    }
    return latest;
  }

  #waitingAt(siteId: number | null): number {
    const { images, pages } = this.#waiting.get(siteId ?? -1) ?? { images: 0, pages: 0 };
    return this.#pagesAreClosed ? images : images + pages;
  }

  /** Sites that may not be asked yet. */
  resting(nowMs: number): string[] {
    return this.#schedule.snapshot(nowMs).flatMap(({ site, nextStartAtMs }) => (nextStartAtMs > nowMs ? [site] : []));
  }
}

/** The clock tells whole milliseconds: what was written in this one was written before its end. */
function writtenMs(): number {
  return Date.now() + 1;
}
