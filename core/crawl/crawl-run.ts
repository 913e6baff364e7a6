/**
 * One run of a crawl or import: takes what is due from the frontier, lets the handlers fetch and read it, and writes what
 * became of it. A run that ends early loses nothing; the next one starts from what the ledger says is waiting.
 */

import { unreachable } from '../../shared/errors.ts';
import type { Failure, Refusal } from '../../shared/vocabulary.ts';
import type { ConsentFinding } from '../consent/consent-verdict.ts';
import { FetchProblem } from '../fetch/fetch-problem.ts';
import { MAX_ATTEMPTS, retryDelayMs } from '../fetch/retry.ts';
import { crawlApi } from './api-handler.ts';
import type { CrawlContext } from './crawl-context.ts';
import type { Frontier, Taken } from './frontier.ts';
import { fetchImage } from './image-handler.ts';
import { isImageKind, type LedgerRequest, type NewRequest, type Settlement, wasFetched } from './ledger-request.ts';
import { importFile, listFolder, readList, UnpackedArchives } from './local-handler.ts';
import { crawlPage, crawlSitemap } from './page-handler.ts';
import { problemLine } from './reason-words.ts';
import { asProblem, outcomeOf } from './request-problem.ts';
import type { RequestCount } from './request-repository.ts';
import { Detour, Trip } from './trip.ts';
import { siteOf } from './url-rules.ts';

/** Images that may be known and unsettled before lists and folders wait: bounds the ledger's lead, not memory. */
const DISCOVERY_LEAD = 50_000;
/** Files of this machine in flight; the pipeline's own bound slows them. */
const LOCAL_CONCURRENCY = 8;
/** How often the pipeline is asked whether it has turned away an image that a place was kept for. */
const FULL_POLL_MS = 20;
/** Sites whose schedules are written in one transaction. */
const SAVED_AT_A_TIME = 100;
/** What is in flight when a pause is asked for may take this long to end by itself. */
const PAUSE_GRACE_MS = 5_000;

export interface CrawlRunOptions {
  readonly context: Omit<
    CrawlContext,
    'beforeRequest' | 'onSent' | 'finishPage' | 'finishImage' | 'addFound' | 'signal'
  >;
  readonly frontier: Frontier;
  /** Requests in flight over all sites. */
  readonly concurrency: number;
  /** Pages, sitemaps and API answers fetched at most. */
  readonly maxPages: number;
  /** Ends what is in flight; also fired by `stop` after a grace. */
  readonly abort: AbortController;
}

export class CrawlRun {
  readonly #options: CrawlRunOptions;
  readonly #context: CrawlContext;
  readonly #frontier: Frontier;
  readonly #archives: UnpackedArchives;
  #inFlight = 0;
  #imagesInFlight = 0;
  #localInFlight = 0;
  #pagesTaken = 0;
  /** Sites of search services that this run has asked. */
  readonly #searched = new Set<string>();
  /** What is open may be the last image that is wanted. */
  #atImageLimit = false;
  #stopping = false;
  #error: unknown = null;
  #wake: (() => void) | null = null;

  constructor(options: CrawlRunOptions) {
    this.#options = options;
    this.#frontier = options.frontier;
    this.#context = {
      ...options.context,
      signal: options.abort.signal,
      // Each request to a site has its own, with its trip.
      beforeRequest: () => Promise.reject(new Error('Nothing on this machine asks a site.')),
      onSent: () => undefined,
      finishPage: (request, settlement, found, finalUrl) => this.#finishPage(request, settlement, found, finalUrl),
      finishImage: (request, settlement) => this.#finishImage(request, settlement),
      addFound: (found) => this.#addFound(found),
    };
    this.#archives = new UnpackedArchives(this.#context);
  }

  /** Lets nothing new start; what is in flight ends, by force after a grace. `run` then returns. */
  stop(graceMs: number = PAUSE_GRACE_MS): void {
    if (this.#stopping) return;
    this.#stopping = true;
    const force = setTimeout(() => this.#options.abort.abort(), graceMs);
    force.unref();
    this.#notify();
  }

  /**
   * Runs until nothing is left to do or `stop` was called.
   * @returns whether everything was done
   * @throws what made going on impossible (a full disk, a broken database)
   */
  async run(): Promise<boolean> {
    this.#pagesTaken = await this.#frontier.pagesTried();
    const isDone = await this.#work();
    // Another crawl may ask the same sites right after this one; and people are told how search services are.
    const sites = [...new Set([...this.#frontier.resting(Date.now()), ...this.#searched])];
    for (let from = 0; from < sites.length; from += SAVED_AT_A_TIME) {
      const some = sites.slice(from, from + SAVED_AT_A_TIME);
      await this.#context.database.write(() => {
        for (const site of some) this.#saveSchedule(site);
      });
    }
    return isDone;
  }

  async #work(): Promise<boolean> {
    await this.#frontier.load();
    if (this.#pagesTaken >= this.#options.maxPages) this.#frontier.closePages();
    while (this.#error === null) {
      if (!this.#stopping) this.#startDue();
      if (this.#inFlight === 0 && (this.#stopping || this.#reachedLimit() || this.#frontier.isEmpty)) break;
      await this.#wait();
    }
    while (this.#inFlight > 0) await this.#wait();
    if (this.#error !== null) throw this.#error;
    try {
      await this.#context.pipeline.drained();
    } catch (error) {
      if (!this.#options.abort.signal.aborted) throw error;
    }
    // The last images of a batch may have made room under the limit on new images again.
    if (!this.#stopping && !this.#reachedLimit() && !this.#frontier.isEmpty) return this.#work();
    return !this.#stopping;
  }

  /** Deletes what the run had made for itself; to be called last, when the pipeline has settled. */
  async dispose(): Promise<void> {
    await this.#archives.dispose();
  }

  #reachedLimit(): boolean {
    return this.#context.tally.kept >= this.#context.maxImages;
  }

  #startDue(): void {
    for (const site of this.#frontier.takeLost()) this.#track(this.#giveUp(site));
    const { maxImages, pipeline, tally } = this.#context;
    this.#atImageLimit = false;
    while (this.#inFlight < this.#options.concurrency) {
      const mayYetBeKept = tally.kept + this.#imagesInFlight + pipeline.open;
      this.#atImageLimit = mayYetBeKept >= maxImages;
      if (this.#atImageLimit) return;
      const taken = this.#frontier.take(Date.now(), this.#localInFlight < LOCAL_CONCURRENCY);
      if (taken === null) return;
      this.#start(taken);
    }
  }

  #start(taken: Taken): void {
    const { request, site } = taken;
    const now = Date.now();
    const isImage = isImageKind(request.kind);
    if (!isImage && site === null && this.#lead() > DISCOVERY_LEAD) {
      this.#frontier.defer(request, now + 250);
      return;
    }
    if (!isImage && site !== null && request.attempts === 0 && request.underWay === undefined) {
      this.#pagesTaken++;
      if (this.#pagesTaken >= this.#options.maxPages) this.#frontier.closePages();
    }
    if (isImage) this.#imagesInFlight++;
    if (site === null) this.#localInFlight++;
    const ended = (): void => {
      if (isImage) this.#imagesInFlight--;
      if (site === null) this.#localInFlight--;
    };
    this.#track(this.#process(taken).finally(ended));
  }

  /** Keeps the run going until this has ended, and ends it when this fails. */
  #track(work: Promise<void>): void {
    this.#inFlight++;
    work
      .catch((error: unknown) => {
        this.#error ??= error;
      })
      .finally(() => {
        this.#inFlight--;
        this.#notify();
      });
  }

  #lead(): number {
    return this.#context.tally.counts.discovered - this.#context.tally.settled;
  }

  async #process({ request, site }: Taken): Promise<void> {
    const trip = new Trip(this.#frontier, request, site);
    let problem: FetchProblem | null = null;
    let durationMs: number | undefined;
    try {
      durationMs = await this.#handle(request, site === null ? this.#context : this.#contextOf(trip));
    } catch (error) {
      if (this.#options.abort.signal.aborted) return;
      problem = error instanceof Detour ? trip.wait(error) : asProblem(error);
      if (problem === null) return;
    }
    if (request.kind === 'api') this.#context.searchHealth.note(siteOf(request.url), problem === null);
    const kind = problem === null ? 'success' : outcomeOf(problem);
    const isLost = trip.end(kind, durationMs, problem?.retryAfterMs ?? null);
    if (problem !== null) await this.#problem(request, problem, trip.site);
    if (trip.site !== null && isLost) await this.#giveUp(trip.site);
  }

  /** What a handler is given for one request to a site. */
  #contextOf(trip: Trip): CrawlContext {
    return {
      ...this.#context,
      fetcher: trip.fetcher(this.#context.fetcher),
      beforeRequest: (url, hop, use) => this.#beforeRequest(trip, url, hop, use),
      onSent: () => {
        if (trip.sent()) this.#notify();
      },
    };
  }

  /** Milliseconds until a site had answered; 0 for what is on this machine. */
  async #handle(request: LedgerRequest, context: CrawlContext): Promise<number> {
    switch (request.kind) {
      case 'image':
        return fetchImage(context, request);
      case 'page':
        return crawlPage(context, request);
      case 'sitemap':
        return crawlSitemap(context, request);
      case 'api':
        this.#searched.add(siteOf(request.url));
        return crawlApi(context, request);
      case 'list':
        await readList(context, request);
        return 0;
      case 'folder':
        await listFolder(context, request);
        return 0;
      case 'archive':
        await this.#archives.list(request);
        return 0;
      case 'file':
        await importFile(context, this.#archives, request);
        return 0;
      default:
        return unreachable(request.kind);
    }
  }

  /**
   * Consent for each hop, and a place in the schedule of the site that it asks.
   * @throws Detour when the hop has to wait for its place
   */
  async #beforeRequest(
    trip: Trip,
    url: string,
    hop: number,
    use: 'image' | 'page',
  ): Promise<readonly ConsentFinding[]> {
    const site = siteOf(url);
    if (hop > 0) {
      if (this.#context.scope.excludes(url)) {
        throw new FetchProblem('refused', 'excluded', { detail: `It leads to ${url}, which a filter excludes.` });
      }
      trip.leadTo(url, hop);
    }
    const decision = await this.#context.consent.check(url, use);
    if (!decision.allowed) {
      const reason = decision.reason ?? 'robots-disallowed';
      if (decision.retryAtMs !== null) {
        throw new FetchProblem('transient', decision.failure ?? reason, {
          detail: decision.evidence,
          retryAfterMs: Math.max(0, decision.retryAtMs - Date.now()),
        });
      }
      throw new FetchProblem('refused', reason, { detail: decision.evidence });
    }
    if (this.#frontier.setCrawlDelay(site, decision.crawlDelayMs)) {
      await this.#context.database.write(() => this.#saveSchedule(site));
    }
    // The place that was taken in the schedule is for now; asking for robots.txt in between has used it up.
    if (trip.isOvertaken) trip.enterAgain(url, hop);
    return decision.findings;
  }

  async #problem(request: LedgerRequest, problem: FetchProblem, site: string | null): Promise<void> {
    const attempts = request.attempts + 1;
    if (problem.kind === 'transient' && attempts < MAX_ATTEMPTS) {
      const delayMs = retryDelayMs(attempts, { random: Math.random, retryAfterMs: problem.retryAfterMs });
      const dueAt = Date.now() + delayMs;
      await this.#context.database.write(() => {
        this.#context.requests.defer(request.id, dueAt, attempts, problem.reason);
        if (site !== null) this.#saveSchedule(site);
      });
      const { underWay: _from, ...anew } = request;
      this.#frontier.defer({ ...anew, attempts }, dueAt);
      return;
    }
    const saved = site === null ? null : this.#context.database.write(() => this.#saveSchedule(site));
    await this.#settle(request, {
      state: problem.kind === 'refused' ? 'refused' : 'failed',
      reason: problem.reason,
      detail: site === null || site === siteOf(request.url) ? problem.detail : `${site}: ${problem.detail}`,
      httpStatus: problem.status,
    });
    await saved;
  }

  async #settle(request: LedgerRequest, settlement: Settlement): Promise<void> {
    if (isImageKind(request.kind)) await this.#finishImage(request, settlement);
    else await this.#finishPage(request, settlement, []);
  }

  async #finishPage(
    request: LedgerRequest,
    settlement: Settlement,
    found: readonly NewRequest[],
    finalUrl: string = request.url,
  ): Promise<void> {
    const { database, jobId, requests, tally } = this.#context;
    const added = await database.write(() => {
      if (!requests.settle(request.id, settlement)) return new Map<number, RequestCount>();
      tally.add({ pagesDone: 1 }, settlement.reason ?? null);
      if (finalUrl !== request.url && requests.insertDone(jobId, request, finalUrl, siteOf(finalUrl))) {
        tally.add({ pagesDiscovered: 1, pagesDone: 1 });
      }
      return this.#insert(found);
    });
    this.#frontier.noteInserted(added);
    if (settlement.reason != null) {
      this.#context.log('warning', problemLine(request.url, settlement.reason, settlement.detail));
    }
  }

  async #finishImage(request: LedgerRequest, settlement: Settlement): Promise<void> {
    const { database, requests, tally } = this.#context;
    await database.write(() => {
      if (!requests.settle(request.id, settlement)) return;
      const { state, reason = null } = settlement;
      if (state === 'refused') tally.add({ refused: 1 }, reason);
      else tally.add({ failed: 1, fetched: reason !== null && wasFetched(reason) ? 1 : 0 }, reason);
    });
  }

  async #addFound(found: readonly NewRequest[]): Promise<void> {
    this.#frontier.noteInserted(await this.#context.database.write(() => this.#insert(found)));
  }

  #insert(found: readonly NewRequest[]): ReadonlyMap<number, RequestCount> {
    const { jobId, requests, tally } = this.#context;
    const { images, pages, bySite } = requests.insertMany(jobId, found);
    tally.add({ discovered: images, pagesDiscovered: pages });
    return bySite;
  }

  /** Politeness survives a restart: what the schedule knows of a site is written with what became of its request. */
  #saveSchedule(site: string): void {
    this.#context.requests.saveSiteRecord(site, 'schedule', JSON.stringify(this.#frontier.save(site)));
  }

  async #giveUp(site: string): Promise<void> {
    const { database, jobId, requests, tally } = this.#context;
    const { id, ledThere } = this.#frontier.giveUp(site);
    const reason = 'site-in-trouble' satisfies Failure | Refusal;
    const detail = `${site} did not answer several times in a row.`;
    for (const request of ledThere) await this.#settle(request, { state: 'failed', reason, detail });
    let images = ledThere.filter(({ kind }) => isImageKind(kind)).length;
    let pages = ledThere.length - images;
    // What is left when the run is stopped stays waiting: the next one gives the site another trial.
    for (let isDone = id === null; !isDone; isDone ||= this.#stopping) {
      isDone = await database.write(() => {
        const settled = requests.settleSite(jobId, id as number, reason, detail);
        tally.add({ failed: settled.images, pagesDone: settled.pages });
        if (settled.images + settled.pages > 0) tally.addReason(reason, settled.images + settled.pages);
        images += settled.images;
        pages += settled.pages;
        return settled.isDone;
      });
    }
    if (images + pages === 0) return;
    this.#context.log(
      'warning',
      `${site} is in trouble: ${images} images and ${pages} pages were set aside. What failed as ${reason} can be tried again.`,
    );
  }

  #notify(): void {
    this.#wake?.();
  }

  #wait(): Promise<void> {
    return new Promise((resolve) => {
      const dueAt = this.#stopping ? null : this.#frontier.nextDueAt();
      const leastMs = this.#inFlight >= this.#options.concurrency ? 1_000 : this.#atImageLimit ? FULL_POLL_MS : 1;
      const waitMs = dueAt === null ? 1_000 : Math.min(1_000, Math.max(leastMs, dueAt - Date.now()));
      const timer = setTimeout(done, waitMs);
      function done(): void {
        clearTimeout(timer);
        resolve();
      }
      this.#wake = done;
    });
  }
}
