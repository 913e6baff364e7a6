/**
 * Decides when which site may be asked next. Pure: no timer, no clock of its own; the caller says what time it is, takes
 * what is due and reports how it went. Times are milliseconds since 1970, sites are `scheme://host:port`.
 *
 * Held at any time, for each site: at most `perHost` requests in flight; starts at least `delayMs` and the site's
 * Crawl-delay apart, and so is what is written to its connections, however long they take to open; nothing before a
 * Retry-After has passed; one request at a time while the site is on probation.
 */

import { DueHeap } from './due-heap.ts';
import { type RequestOutcome, type SavedSite, Site, type SitePolicy, type SiteState } from './site.ts';

/** A site that has been due for so much longer than a running one goes first, even if the running one has to pause. */
const FAIRNESS_MS = 1_000;

export interface SiteScheduleOptions {
  /** Requests in flight to one site; 1 to 8, default 1. */
  readonly perHost?: number;
  /** Milliseconds between the starts of two requests to one site; default 1000; 0 for no gap. */
  readonly delayMs?: number;
  /** Sites with requests in flight at a time; default 256. */
  readonly maxActiveSites?: number;
  /** Transient failures in a row after which a site is parked; default 5. */
  readonly maxFailures?: number;
  /** Milliseconds of failures without an answer that counts after which it is parked; default 15 minutes. */
  readonly maxTroubleMs?: number;
  /** Milliseconds until a parked site is tried with one request; doubles with each trial that fails; default 15 s. */
  readonly probeDelayMs?: number;
  /** Trials that may fail before the site is given up; default 2. */
  readonly maxProbes?: number;
  /** Uniform in [0, 1); default `Math.random`. */
  readonly random?: () => number;
}

/** One line of a board of sites. */
export interface SiteView {
  readonly site: string;
  readonly state: SiteState;
  readonly queued: number;
  readonly inFlight: number;
  /** When the next request may start, whether there is one or not. */
  readonly nextStartAtMs: number;
  /** Milliseconds between starts, Crawl-delay and strain counted. */
  readonly gapMs: number;
  /** Whether slow answers have lengthened the gap. */
  readonly isStrained: boolean;
  readonly medianResponseMs: number;
  readonly failures: number;
}

export interface SiteSchedule<Item> {
  /** Queues an item. Lower lanes go first; first in, first out within a lane. Default lane 0. */
  offer(site: string, item: Item, lane?: number): void;
  /** The next item that may start now, counted as started; null when nothing is due. O(log sites). */
  take(nowMs: number): { readonly site: string; readonly item: Item; readonly lane: number } | null;
  /**
   * Starts a request outside the queue (a redirect to this site) and counts it as `take` would.
   * @returns false when it may not start now; nothing was booked then
   */
  enter(site: string, nowMs: number): boolean;
  /** Ends a request that was started and never sent: nothing was learnt of the site. */
  release(site: string): void;
  /**
   * A request that `take` or `enter` started was written at this time, or will not be (null). Until this is told of it, a
   * site that is asked with a gap starts no other.
   * @returns whether that lets another one start, now or later
   */
  left(site: string, sentAtMs: number | null): boolean;
  /** Reports the end of a request that `take` or `enter` started and that has left. Gives the state the site is in now. */
  finished(site: string, outcome: RequestOutcome, nowMs: number): SiteState;
  /**
   * Books a start for a request outside the queue that is part of one in flight (robots.txt): when it may start, from
   * `nowMs` on. The gap to the next one counts from there.
   */
  reserve(site: string, nowMs: number): number;
  /** When a start that was booked for `startMs` may be: later, when another request has been written late meanwhile. */
  reservedAt(site: string, startMs: number): number;
  /**
   * A request outside the queue was written at this time, which is later than it was due when its connection took a while to
   * open: the gap to the next one counts from here, as its server sees it.
   */
  sent(site: string, nowMs: number): void;
  /** Counts the starts that were booked, for `isOvertaken`. */
  starts(site: string): number;
  /** Whether others were booked since `starts` gave this, so that a request that is yet to be sent has lost its place. */
  isOvertaken(site: string, starts: number): boolean;
  /** When `take` is worth the next call (may be in the past); null while nothing is queued that could start. */
  nextDueAt(): number | null;
  /** Sets what robots.txt asked for; 0 for nothing. */
  setCrawlDelay(site: string, crawlDelayMs: number): void;
  /** Removes and returns what is queued for a site, in order. */
  drain(site: string): Item[];
  /** `open` for a site never named. */
  state(site: string, nowMs: number): SiteState;
  save(site: string): SavedSite;
  /** Before or after offers; takes effect for starts from then on. A site that had been given up gets one more trial. */
  restore(site: string, saved: SavedSite): void;
  /** When so many requests to a site can have been started, at the pace it is asked at now. */
  endsNotBefore(site: string, requests: number, nowMs: number): number;
  /** All sites known, in the order in which they were first named. */
  snapshot(nowMs: number): SiteView[];
  readonly queued: number;
  readonly inFlight: number;
}

/** @throws RangeError when an option is out of its range */
export function createSiteSchedule<Item>(options: SiteScheduleOptions = {}): SiteSchedule<Item> {
  const policy: SitePolicy = {
    perHost: checked('perHost', options.perHost ?? 1, 1, 8),
    delayMs: checked('delayMs', options.delayMs ?? 1_000, 0, 86_400_000),
    maxFailures: checked('maxFailures', options.maxFailures ?? 5, 1, 1_000_000),
    maxTroubleMs: checked('maxTroubleMs', options.maxTroubleMs ?? 15 * 60_000, 0, 30 * 86_400_000),
    probeDelayMs: checked('probeDelayMs', options.probeDelayMs ?? 15_000, 0, 86_400_000),
    maxProbes: checked('maxProbes', options.maxProbes ?? 2, 0, 1_000),
    random: options.random ?? Math.random,
  };
  const maxActiveSites = checked('maxActiveSites', options.maxActiveSites ?? 256, 1, 1_000_000);

  const sites = new Map<string, Site<Item>>();
  /** How a site is asked that was never named. */
  const unmet = new Site<Item>('', policy);
  /** Sites that could start a request now or later: those with others in flight, and those that would become active. */
  const active = new DueHeap<Site<Item>>();
  const idle = new DueHeap<Site<Item>>();
  let activeSites = 0;
  let queued = 0;
  let inFlight = 0;
  let turns = 0;

  function known(key: string): Site<Item> {
    let site = sites.get(key);
    if (site === undefined) {
      site = new Site<Item>(key, policy);
      sites.set(key, site);
    }
    return site;
  }

  function begin(site: Site<Item>, nowMs: number): void {
    inFlight += 1;
    if (site.inFlight === 0) activeSites += 1;
    site.inFlight += 1;
    site.lastStartMs = nowMs;
    site.unsent += 1;
    site.starts += 1;
    turns += 1;
    site.order = turns;
    if (site.failedProbes !== null) site.probing = true;
    settle(site);
  }

  function left(site: Site<Item>): void {
    site.unsent = Math.max(0, site.unsent - 1);
  }

  /** @returns whether the request that ends was the trial of a parked site */
  function end(site: Site<Item>): boolean {
    if (site.inFlight === 0) throw new Error(`No request to ${site.key} is in flight.`);
    inFlight -= 1;
    site.inFlight -= 1;
    if (site.inFlight === 0) activeSites -= 1;
    // Nothing is awaited of what has ended.
    site.unsent = Math.min(site.unsent, site.inFlight);
    const wasProbe = site.probing;
    site.probing = false;
    return wasProbe;
  }

  /** Puts the site where its state says it belongs. To be called after any change to it. */
  function settle(site: Site<Item>): void {
    const ready = site.queue.size > 0 && site.hasRoom;
    const heap = !ready ? null : site.inFlight > 0 ? active : idle;
    if (site.heap !== null && site.heap !== heap) site.heap.remove(site);
    site.heap = heap;
    if (heap === null) return;
    site.dueMs = site.nextStartMs;
    heap.place(site);
  }

  function nextSite(): Site<Item> | undefined {
    const running = active.peek();
    const resting = idle.peek();
    if (activeSites >= maxActiveSites) {
      const overdue = running !== undefined && resting !== undefined && running.dueMs > resting.dueMs + FAIRNESS_MS;
      return overdue ? undefined : running;
    }
    if (running === undefined || resting === undefined) return running ?? resting;
    if (running.dueMs !== resting.dueMs) return running.dueMs < resting.dueMs ? running : resting;
    return running.order < resting.order ? running : resting;
  }

  return {
    offer(key, item, lane = 0) {
      const site = known(key);
      site.queue.push(item, lane);
      queued += 1;
      // A site that is in a heap already keeps its place: its due time does not depend on what is queued.
      if (site.heap === null) settle(site);
    },

    take(nowMs) {
      const site = nextSite();
      if (site === undefined || site.dueMs > nowMs) return null;
      const next = site.queue.shift();
      if (next === null) return null;
      queued -= 1;
      begin(site, nowMs);
      return { site: site.key, item: next.item, lane: next.lane };
    },

    enter(key, nowMs) {
      const site = known(key);
      const isFull = site.inFlight === 0 && activeSites >= maxActiveSites;
      if (isFull || !site.hasRoom || site.nextStartMs > nowMs) return false;
      begin(site, nowMs);
      return true;
    },

    release(key) {
      const site = known(key);
      left(site);
      end(site);
      settle(site);
    },

    left(key, sentAtMs) {
      const site = known(key);
      const { hasRoom } = site;
      left(site);
      if (sentAtMs !== null) site.lastSentMs = Math.max(site.lastSentMs, sentAtMs);
      settle(site);
      return !hasRoom && site.heap !== null;
    },

    finished(key, outcome, nowMs) {
      const site = known(key);
      const wasProbe = end(site);
      if (outcome.kind === 'success' || outcome.kind === 'permanent') {
        site.strain.record(outcome.durationMs);
        site.recover();
      } else {
        site.fail(outcome, wasProbe, nowMs);
      }
      if (outcome.retryAfterMs != null) {
        site.waitUntilMs = Math.max(site.waitUntilMs, nowMs + outcome.retryAfterMs);
      }
      settle(site);
      return site.state(nowMs);
    },

    reserve(key, nowMs) {
      const site = known(key);
      const startMs = Math.max(nowMs, site.nextStartMs);
      site.lastStartMs = startMs;
      site.starts += 1;
      settle(site);
      return startMs;
    },

    reservedAt(key, startMs) {
      const site = known(key);
      return Math.max(startMs, site.lastSentMs + site.gapMs);
    },

    sent(key, nowMs) {
      const site = known(key);
      site.lastSentMs = Math.max(site.lastSentMs, nowMs);
      settle(site);
    },

    starts(key) {
      return known(key).starts;
    },

    isOvertaken(key, starts) {
      const site = known(key);
      return site.starts !== starts && site.gapMs > 0;
    },

    nextDueAt() {
      return nextSite()?.dueMs ?? null;
    },

    setCrawlDelay(key, crawlDelayMs) {
      const site = known(key);
      site.crawlDelayMs = checked('crawlDelayMs', crawlDelayMs, 0, 86_400_000);
      settle(site);
    },

    drain(key) {
      const site = known(key);
      const items: Item[] = [];
      for (let next = site.queue.shift(); next !== null; next = site.queue.shift()) items.push(next.item);
      queued -= items.length;
      settle(site);
      return items;
    },

    state(key, nowMs) {
      const site = sites.get(key);
      return site === undefined ? 'open' : site.state(nowMs);
    },

    save(key) {
      return known(key).save();
    },

    restore(key, saved) {
      const site = known(key);
      site.restore(saved);
      settle(site);
    },

    endsNotBefore(key, requests, nowMs) {
      const { gapMs, nextStartMs, strain } = sites.get(key) ?? unmet;
      const eachMs = Math.max(gapMs, strain.recentMedianMs / policy.perHost);
      return Math.max(nowMs, nextStartMs) + (requests - 1) * eachMs;
    },

    snapshot(nowMs) {
      return [...sites.values()].map((site) => ({
        site: site.key,
        state: site.state(nowMs),
        queued: site.queue.size,
        inFlight: site.inFlight,
        nextStartAtMs: Math.max(0, site.nextStartMs),
        gapMs: site.gapMs,
        isStrained: site.strain.factor !== 1,
        medianResponseMs: site.strain.recentMedianMs,
        failures: site.failures,
      }));
    },

    get queued() {
      return queued;
    },

    get inFlight() {
      return inFlight;
    },
  };
}

function checked(name: string, value: number, least: number, most: number): number {
  if (Number.isFinite(value) && value >= least && value <= most) return value;
  throw new RangeError(`Expected ${name} between ${least} and ${most}, got ${value}.`);
}
