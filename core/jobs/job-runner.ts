/**
 * Runs durable jobs: one at a time of each kind, so that two crawls never ask one site at once, and one at a time that
 * changes a dataset, so that none judges by rows that another is changing. A job's state is in its
 * row; what remains of it is a query of its handler, so a run that ended at any instant is simply run again.
 */

import type { Job, JobProgress, ThroughputPoint } from '../../shared/contract/jobs.ts';
import { AppError, toAppError } from '../../shared/errors.ts';
import type { JobKind } from '../../shared/vocabulary.ts';
import type { RequestRepository } from '../crawl/request-repository.ts';
import type { Database } from '../db/database.ts';
import type { DatabaseReader } from '../db/reader.ts';
import type { EventHub } from '../events/event-hub.ts';
import { isFinal, type JobRepository } from './job-repository.ts';
import { JobTally } from './job-tally.ts';
import { putBackFailed } from './put-back-failed.ts';
import { Throughput } from './throughput.ts';

/** At most four updates a second for one job. */
const UPDATE_INTERVAL_MS = 250;

/** Kinds that add samples to a dataset or judge them. */
const CHANGING: ReadonlySet<JobKind> = new Set(['crawl', 'import', 'validate']);

export type StopKind = 'pause' | 'cancel';

/** What a handler gets beside its job. */
export interface JobControl {
  readonly tally: JobTally;
  /** Called once when the job is to stop; `cancel` at once, `pause` after what is in flight. */
  onStop(listener: (kind: StopKind) => void): void;
  log(level: 'info' | 'warning' | 'error', message: string): void;
}

export type JobOutcome =
  /** Paused or cancelled; with an error when a pause was forced by it (a full disk). */
  | { readonly state: 'stopped'; readonly error?: { readonly code: string; readonly message: string } }
  | {
      readonly state: 'completed' | 'completed-with-errors' | 'failed';
      readonly error?: { readonly code: string; readonly message: string };
      readonly result?: Record<string, unknown>;
    };

export type JobHandler = (job: Job, control: JobControl) => Promise<JobOutcome>;

interface Running {
  /** As its row was when it was begun: no more than this is needed to tell how far it is. */
  job: Job;
  readonly tally: JobTally;
  readonly startedAt: number;
  stop: StopKind | null;
  readonly listeners: ((kind: StopKind) => void)[];
  readonly ended: Promise<void>;
}

export interface JobRunnerOptions {
  readonly database: Database;
  readonly reader: DatabaseReader;
  readonly jobs: JobRepository;
  readonly requests: RequestRepository;
  readonly events: EventHub;
  readonly handlers: Readonly<Record<JobKind, JobHandler>>;
  readonly onError: (error: unknown, jobId: number) => void;
  /** Called when a job has reached a final state. */
  readonly onEnded?: (job: Job) => void;
}

export class JobRunner {
  readonly #options: JobRunnerOptions;
  readonly #queues = new Map<JobKind, Job[]>();
  readonly #running = new Map<number, Running>();
  readonly #busy = new Set<JobKind>();
  /** Datasets that a running job changes. */
  readonly #changing = new Set<number>();
  /** The end of what was asked last: what is asked about jobs is done in turn. */
  #turn: Promise<unknown> = Promise.resolve();
  /** Jobs whose failed requests are being put back, which takes long for many: other jobs are not held up by it. */
  readonly #retrying = new Map<number, Promise<Job>>();
  /** Why jobs ended that could not be written down as ended, because the disk failed: they rest until it is back. */
  readonly #unwritten = new Map<number, { readonly code: string; readonly message: string }>();
  readonly #throughput: Throughput;
  readonly #timer: NodeJS.Timeout;
  #closing = false;

  constructor(options: JobRunnerOptions) {
    this.#options = options;
    this.#throughput = new Throughput(async (jobId, beforeMs, limit) => {
      const { sql, parameters } = options.requests.arrivalsQuery(jobId, beforeMs, limit);
      return (await options.reader.all<ThroughputPoint>(sql, parameters)).toReversed();
    });
    this.#timer = setInterval(() => this.#publishProgress(), UPDATE_INTERVAL_MS);
    this.#timer.unref();
  }

  /** Starts a job of this kind, or goes on with an unfinished one that was asked for in the same words. */
  start(kind: JobKind, datasetId: number, parameters: Record<string, unknown>): Promise<Job> {
    return this.#inTurn(async () => {
      const unfinished = this.#options.jobs.findUnfinished(kind, datasetId, parameters);
      if (unfinished !== undefined) return this.#resume(unfinished.id);
      const job = await this.#options.jobs.insert(kind, datasetId, parameters);
      this.#enqueue(job);
      return job;
    });
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }

  /** The job as it is now, with the counts of a running one. @throws AppError `not-found` */
  get(id: number): Job {
    return this.#live(this.#options.jobs.get(id));
  }

  #live(job: Job): Job {
    const running = this.#running.get(job.id);
    const unwritten = this.#unwritten.get(job.id);
    if (running === undefined) {
      if (this.#retrying.has(job.id)) return { ...job, state: 'waiting' };
      return unwritten === undefined ? job : { ...job, state: 'paused', error: unwritten };
    }
    return {
      ...job,
      counts: { ...running.tally.counts },
      reasons: { ...running.tally.reasons },
      progress: Math.max(job.progress, running.tally.progress),
      durationMs: job.durationMs + Date.now() - running.startedAt,
    };
  }

  /** @throws AppError `conflict` when the job has ended */
  resume(id: number): Promise<Job> {
    return this.#inTurn(() => this.#resume(id));
  }

  async #resume(id: number): Promise<Job> {
    await this.#retried(id);
    const job = this.#options.jobs.get(id);
    if (isFinal(job.state)) {
      throw new AppError('conflict', `Job ${id} is ${job.state}; only a paused job can be resumed.`);
    }
    if (this.#running.has(id) || this.#isQueued(id)) return this.get(id);
    const waiting = await this.#options.jobs.setState(id, 'waiting');
    this.#unwritten.delete(id);
    this.#enqueue(waiting);
    return waiting;
  }

  /** @throws AppError `conflict` when the job has ended */
  async pause(id: number): Promise<Job> {
    await this.#retried(id);
    const job = this.#options.jobs.get(id);
    if (isFinal(job.state)) throw new AppError('conflict', `Job ${id} is ${job.state}; there is nothing to pause.`);
    return this.#end(id, 'pause', 'paused');
  }

  /** Cancelling a cancelled job changes nothing. @throws AppError `conflict` when the job has completed or failed */
  async cancel(id: number): Promise<Job> {
    await this.#retried(id);
    const job = this.#options.jobs.get(id);
    if (job.state === 'cancelled') return job;
    if (isFinal(job.state)) throw new AppError('conflict', `Job ${id} is ${job.state}; there is nothing to cancel.`);
    return this.#end(id, 'cancel', 'cancelled');
  }

  /** Stops a job and writes its state down, unless it has ended by itself. */
  async #end(id: number, kind: StopKind, state: 'paused' | 'cancelled'): Promise<Job> {
    for (;;) {
      await this.#retried(id);
      await this.#stop(id, kind);
      const ended = await this.#inTurn(async () => {
        // A resumption that was asked for before this, and done only now.
        if (this.#running.has(id) || this.#isQueued(id) || this.#retrying.has(id)) return null;
        const job = this.#options.jobs.get(id);
        if (!isFinal(job.state) && job.state !== state) await this.#options.jobs.setState(id, state);
        return this.#published(id);
      });
      if (ended !== null) return ended;
    }
  }

  /**
   * Puts failed requests of an ended or paused job back and runs it again.
   * @param only a reason; all failed ones when undefined
   * @throws AppError `conflict` when the job runs, or nothing of it failed so
   */
  async retry(id: number, only: string | undefined): Promise<Job> {
    const { begun } = await this.#inTurn(async () => ({ begun: this.#beginRetry(id, only) }));
    return begun;
  }

  #beginRetry(id: number, only: string | undefined): Promise<Job> {
    const job = this.#options.jobs.get(id);
    if (this.#running.has(id) || this.#isQueued(id) || this.#retrying.has(id)) {
      throw new AppError('conflict', `Job ${id} is running; pause it or let it end before you retry what failed.`);
    }
    const begun = this.#retry(job, only).finally(() => this.#retrying.delete(id));
    this.#retrying.set(id, begun);
    return begun;
  }

  async #retry(job: Job, only: string | undefined): Promise<Job> {
    if (job.kind === 'crawl' || job.kind === 'import') {
      await putBackFailed({ ...this.#options, requireOpen: () => this.#requireOpen() }, job, only);
    }
    const waiting = await this.#options.jobs.setState(job.id, 'waiting');
    this.#unwritten.delete(job.id);
    this.#enqueue(waiting);
    return waiting;
  }

  /** Waits until no failed requests of a job are being put back. */
  async #retried(id: number): Promise<void> {
    await this.#retrying.get(id)?.catch(() => undefined);
  }

  #published(id: number): Job {
    const job = this.get(id);
    this.#tell(job);
    return job;
  }

  #tell(job: Job): void {
    this.#options.events.publish({ type: 'job.updated', job: progressOf(job) });
  }

  async #stop(id: number, kind: StopKind): Promise<void> {
    for (const queue of this.#queues.values()) {
      const index = queue.findIndex((job) => job.id === id);
      if (index >= 0) queue.splice(index, 1);
    }
    const running = this.#running.get(id);
    if (running === undefined) return;
    if (running.stop === null || (running.stop === 'pause' && kind === 'cancel')) {
      running.stop = kind;
      for (const listener of running.listeners) listener(kind);
    }
    await running.ended;
  }

  #isQueued(id: number): boolean {
    return [...this.#queues.values()].some((queue) => queue.some((job) => job.id === id));
  }

  #requireOpen(): void {
    if (this.#closing) throw new AppError('unavailable', 'PixCrawler is closing.');
  }

  #enqueue(job: Job): void {
    this.#requireOpen();
    const queue = this.#queues.get(job.kind) ?? [];
    this.#queues.set(job.kind, queue);
    queue.push(job);
    this.#next(job.kind);
  }

  #next(kind: JobKind): void {
    if (this.#busy.has(kind) || this.#closing) return;
    const queue = this.#queues.get(kind) ?? [];
    const place = queue.findIndex((each) => !CHANGING.has(kind) || !this.#changing.has(each.datasetId));
    const [job] = place < 0 ? [] : queue.splice(place, 1);
    if (job === undefined) return;
    this.#busy.add(kind);
    if (CHANGING.has(kind)) this.#changing.add(job.datasetId);
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    const tally = new JobTally(job.counts, job.reasons, job.progress);
    const running: Running = { job, tally, startedAt: Date.now(), stop: null, listeners: [], ended };
    this.#running.set(job.id, running);
    this.#run(running)
      .catch((error: unknown) => this.#options.onError(error, job.id))
      .finally(() => {
        this.#busy.delete(kind);
        if (CHANGING.has(kind)) this.#changing.delete(job.datasetId);
        resolve();
        for (const each of this.#queues.keys()) this.#next(each);
      });
  }

  async #run(running: Running): Promise<void> {
    const { job, tally } = running;
    const { database, handlers, jobs } = this.#options;
    const unhook = database.onBeforeCommit(
      () => {
        if (!tally.isDirty) return;
        jobs.saveCounts(job.id, tally.counts, tally.reasons, tally.progress);
        tally.isDirty = false;
      },
      () => tally.mark(),
    );
    let outcome: JobOutcome;
    try {
      const active = await jobs.setState(job.id, 'active');
      this.#throughput.record(job.id, tally.counts, Date.now());
      running.job = active;
      this.#tell(this.#live(active));
      outcome = await handlers[job.kind](active, {
        tally,
        onStop: (listener) => {
          if (running.stop === null) running.listeners.push(listener);
          else listener(running.stop);
        },
        log: (level, message) => void jobs.log(job.id, level, message).catch(() => undefined),
      });
    } catch (error) {
      outcome = this.#failed(running, error);
    }
    const activeMs = Date.now() - running.startedAt;
    this.#throughput.record(job.id, tally.counts, Date.now());
    try {
      if (outcome.state === 'stopped') {
        const state = running.stop === 'cancel' ? 'cancelled' : 'paused';
        await jobs.setState(job.id, state, { activeMs, error: outcome.error ?? null });
      } else {
        await jobs.setState(job.id, outcome.state, {
          activeMs,
          error: outcome.error ?? null,
          ...(outcome.result === undefined ? {} : { result: outcome.result }),
        });
      }
    } catch (error) {
      const { code, message } = toAppError(error);
      this.#unwritten.set(job.id, outcome.error ?? { code, message });
      this.#options.onError(error, job.id);
    } finally {
      unhook();
      this.#running.delete(job.id);
    }
    const ended = this.#published(job.id);
    if (isFinal(ended.state)) this.#options.onEnded?.(ended);
  }

  /** What a handler could not go on from: a full or absent disk pauses the job, anything else fails it. */
  #failed(running: Running, error: unknown): JobOutcome {
    const known = toAppError(error);
    if (known.code === 'internal') this.#options.onError(error, running.job.id);
    if (running.stop !== null) return { state: 'stopped' };
    const problem = { code: known.code, message: known.message };
    if (known.code === 'disk-full' || known.code === 'unavailable') return { state: 'stopped', error: problem };
    return { state: 'failed', error: problem };
  }

  #publishProgress(): void {
    for (const { job, tally } of this.#running.values()) {
      this.#throughput.record(job.id, tally.counts, Date.now());
      this.#tell(this.#live(job));
    }
  }

  /** What a job fetched in each of the last 600 seconds that it ran in, oldest first. */
  throughput(id: number): Promise<ThroughputPoint[]> {
    return this.#throughput.of(id, Date.now());
  }

  /** Pauses what runs and takes nothing new. */
  async close(): Promise<void> {
    this.#closing = true;
    clearInterval(this.#timer);
    const queued = [...this.#queues.values()].flat().map((job) => job.id);
    this.#queues.clear();
    await Promise.allSettled(this.#retrying.values());
    await Promise.all([
      ...[...this.#running.keys()].map((id) => this.#stop(id, 'pause')),
      ...queued.map((id) => this.#options.jobs.setState(id, 'paused')),
    ]);
  }
}

function progressOf(job: Job): JobProgress {
  const { id, kind, state, datasetId, progress, counts, reasons, startedAt, finishedAt, durationMs } = job;
  return { id, kind, state, datasetId, progress, counts, reasons, startedAt, finishedAt, durationMs };
}
