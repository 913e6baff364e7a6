/** Starts jobs through the contract and stays with them until each has ended or rests. */

import type { CoreClient } from '../core/index.ts';
import type { Job, JobProgress } from '../shared/contract/jobs.ts';
import type { HoldReason } from '../shared/vocabulary.ts';
import { asAppError, type ExitCode, InterruptedError } from './errors.ts';
import { formatCount, harmless } from './format.ts';
import { JobMeter, STILL_MS, settledImages } from './meter.ts';
import { holdWords, isEnded, reportEnd } from './report.ts';
import { type Reporter, reportersFor } from './reporters.ts';
import type { Session } from './session.ts';

const TICK_MS = 100;
/** With no news for so long the jobs are read again: an event may have been lost. */
const SILENCE_MS = 2000;

/**
 * Follows the jobs that `start` starts or resumes, in the foreground. Ctrl-C pauses them durably and waits for that.
 * @returns the exit code, after having reported how each job ended
 */
export async function runJobs(
  session: Session,
  start: (client: CoreClient) => Promise<readonly Job[]>,
): Promise<ExitCode> {
  const client = await session.client();
  // Ctrl-C came while the core was opening or a name was looked up: nothing has been started yet.
  if (session.interrupt.signal.aborted) throw new InterruptedError();
  const reporters = reportersFor(session);
  const follower = new Follower(client, reporters);
  const release = session.interrupt.handle(() => {
    for (const reporter of reporters) reporter.note('Pausing… press Ctrl-C again to stop at once.');
    follower.pause();
  });
  let jobs: Job[];
  try {
    jobs = await follower.follow(() => start(client));
  } finally {
    release();
    for (const reporter of reporters) reporter.close();
  }
  const code = reportEnd(session, jobs);
  await session.out.drained();
  return code;
}

class Follower {
  readonly #client: CoreClient;
  readonly #reporters: readonly Reporter[];
  readonly #meters = new Map<number, JobMeter>();
  /** News of jobs that `start` has not returned yet. */
  readonly #early = new Map<number, JobProgress>();
  readonly #ended = Promise.withResolvers<void>();
  #started = false;
  #pausing = false;
  #heardAtMs = Date.now();
  #lookedAtMs = 0;
  #refreshing = false;

  constructor(client: CoreClient, reporters: readonly Reporter[]) {
    this.#client = client;
    this.#reporters = reporters;
    this.#ended.promise.catch(() => {});
  }

  async follow(start: () => Promise<readonly Job[]>): Promise<Job[]> {
    const listening = new AbortController();
    const timer = setInterval(() => this.#tick(), TICK_MS);
    try {
      // Listens before the start, so that the end of a short job is not missed.
      const events = await this.#client.events.watch({}, { signal: listening.signal }).catch(() => null);
      if (events !== null) void this.#listen(events);
      for (const job of await start()) this.#add(job);
      this.#started = true;
      const holds = await this.#client.jobs.holds();
      if (holds.length > 0) this.#noteHolds(holds);
      if (this.#pausing) void this.#pauseAll();
      this.#checkEnd();
      await this.#ended.promise;
      return [...this.#meters.values()].map((meter) => meter.job);
    } finally {
      clearInterval(timer);
      listening.abort();
    }
  }

  /** Asks every job that still runs to rest; `follow` returns when all do. */
  pause(): void {
    this.#pausing = true;
    if (this.#started) void this.#pauseAll();
  }

  async #pauseAll(): Promise<void> {
    await Promise.all(
      this.#open().map(async ({ job }) => {
        try {
          this.#accept(await this.#client.jobs.pause({ id: job.id }));
        } catch (error) {
          // It has ended meanwhile; anything else is an error indeed.
          if (asAppError(error).code === 'conflict') await this.#refresh();
          else this.#ended.reject(error);
        }
      }),
    );
  }

  async #listen(events: Awaited<ReturnType<CoreClient['events']['watch']>>): Promise<void> {
    try {
      for await (const event of events) {
        if (event.type === 'job.updated') this.#take(event.job);
        else if (event.type === 'holds.changed') this.#noteHolds(event.holds);
        else if (event.type === 'events.missed') await this.#refresh();
      }
    } catch {
      // The stream is a convenience: without it the jobs are read again when it is silent.
    }
  }

  #noteHolds(holds: readonly HoldReason[]): void {
    const text = holds.length === 0 ? 'Jobs go on.' : `Jobs rest: ${holdWords(holds)}.`;
    for (const reporter of this.#reporters) reporter.note(text);
  }

  #add(job: Job): void {
    const nowMs = Date.now();
    const meter = new JobMeter(job, nowMs);
    this.#meters.set(job.id, meter);
    for (const reporter of this.#reporters) {
      reporter.note(announcement(job));
      reporter.update(meter, nowMs);
    }
    const early = this.#early.get(job.id);
    if (early !== undefined) this.#take(early);
  }

  /** How far a job is; what came of it is read once it has ended. */
  #take(progress: JobProgress): void {
    const meter = this.#meters.get(progress.id);
    if (meter === undefined) {
      if (!this.#started) this.#early.set(progress.id, progress);
    } else if (isEnded(progress)) {
      this.#read(meter).catch(this.#ended.reject);
    } else this.#accept({ ...meter.job, ...progress });
  }

  async #read({ job }: JobMeter): Promise<void> {
    if (!isEnded(job)) this.#accept(await this.#client.jobs.get({ id: job.id }));
  }

  #accept(job: Job): void {
    const nowMs = Date.now();
    this.#heardAtMs = nowMs;
    const meter = this.#meters.get(job.id);
    if (meter === undefined || isEnded(meter.job)) return;
    meter.update(job, nowMs);
    for (const reporter of this.#reporters) reporter.update(meter, nowMs);
    this.#checkEnd();
  }

  #tick(): void {
    const nowMs = Date.now();
    for (const reporter of this.#reporters) reporter.tick(nowMs);
    if (!this.#started) return;
    if (nowMs - this.#heardAtMs > SILENCE_MS) void this.#refresh();
    if (nowMs - this.#lookedAtMs > STILL_MS) {
      this.#lookedAtMs = nowMs;
      void this.#lookAtSites(this.#open().filter((meter) => meter.stillMs(nowMs) > STILL_MS));
    }
  }

  /** Why nothing moves: sites that are left alone for a while. */
  async #lookAtSites(still: readonly JobMeter[]): Promise<void> {
    for (const meter of still) {
      const { job } = meter;
      if (job.kind !== 'crawl' || job.state !== 'active') continue;
      const before = meter.resting(Date.now());
      // Without an answer the line only says less.
      meter.noteSites(await this.#client.jobs.sites({ id: job.id }).catch(() => []));
      const nowMs = Date.now();
      const after = meter.resting(nowMs);
      if (after?.site === before?.site && after?.untilMs === before?.untilMs) continue;
      for (const reporter of this.#reporters) reporter.update(meter, nowMs);
    }
  }

  async #refresh(): Promise<void> {
    if (this.#refreshing) return;
    this.#refreshing = true;
    try {
      for (const meter of this.#open()) await this.#read(meter);
    } catch (error) {
      this.#ended.reject(error);
    } finally {
      this.#refreshing = false;
      this.#heardAtMs = Date.now();
    }
  }

  #open(): JobMeter[] {
    return [...this.#meters.values()].filter((meter) => !isEnded(meter.job));
  }

  #checkEnd(): void {
    if (this.#started && this.#open().length === 0) this.#ended.resolve();
  }
}

function announcement(job: Job): string {
  const what = `${job.kind} ${job.id} of ${harmless(job.datasetName)}`;
  if (job.durationMs === 0) return `Started ${what}.`;
  const { discovered } = job.counts;
  return discovered === 0
    ? `Resumed ${what}.`
    : `Resumed ${what}: ${formatCount(settledImages(job))} of ${formatCount(discovered)} images were done.`;
}
