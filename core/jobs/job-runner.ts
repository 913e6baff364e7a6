/**
 * Runs durable jobs, as many beside each other as `JobQueues` allows, and none while anything holds. A job's state is in
 * its row; what remains of it is a query of its handler, so a run that ended at any instant is simply run again.
 */

import type { Job, JobProgress, ThroughputPoint } from '../../shared/contract/jobs.ts';
import { AppError, toAppError } from '../../shared/errors.ts';
import type { JobKind, JobState } from '../../shared/vocabulary.ts';
import type { RequestRepository } from '../crawl/request-repository.ts';
import type { Database } from '../db/database.ts';
import type { DatabaseReader } from '../db/reader.ts';
import type { EventHub } from '../events/event-hub.ts';
import type { Holds } from './holds.ts';
import { JobQueues } from './job-queues.ts';
import { isFinal, type JobRepository } from './job-repository.ts';
import { JobTally } from './job-tally.ts';
import { putBackFailed } from './put-back-failed.ts';
import { RemainingTime } from './remaining-time.ts';
import { askToStop, restOf, type StopKind, type Stoppable, stopKindOf } from './stop-reason.ts';
import { Throughput } from './throughput.ts';

/** At most four updates a second for one job. */
const UPDATE_INTERVAL_MS = 250;

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

/** A job that ended or rests and could not be written down so, because the disk failed. */
interface Unwritten {
  readonly state: 'waiting' | 'paused';
  readonly error: { readonly code: string; readonly message: string };
}

interface Running extends Stoppable {
  /** As its row was when it was begun: no more than this is needed to tell how far it is. */
  job: Job;
  readonly tally: JobTally;
  readonly remaining: RemainingTime;
  readonly startedAt: number;
  readonly ended: Promise<void>;
}

export interface JobRunnerOptions {
  readonly database: Database;
  readonly reader: DatabaseReader;
  readonly jobs: JobRepository;
  readonly requests: RequestRepository;
  readonly events: EventHub;
  readonly handlers: Readonly<Record<JobKind, JobHandler>>;
  /** While any holds, jobs that run or wait rest. */
  readonly holds: Holds;
  /**
   * Asked when the disk is too full for a job to go on: whether that holds all jobs from now on, until there is space again.
   * Default: never, and the job is paused.
   */
  readonly waitsForSpace?: () => Promise<boolean>;
  readonly onError: (error: unknown, jobId: number) => void;
  /** Called when a job has reached a final state. */
  readonly onEnded?: (job: Job) => void;
}

export class JobRunner {
  readonly #options: JobRunnerOptions;
  readonly #queues = new JobQueues();
  readonly #running = new Map<number, Running>();
  /** The end of what was asked last: what is asked about jobs is done in turn. */
  #turn: Promise<unknown> = Promise.resolve();
  /** Jobs whose failed requests are being put back, which takes long for many: other jobs are not held up by it. */
  readonly #retrying = new Map<number, Promise<Job>>();
  readonly #unwritten = new Map<number, Unwritten>();
  readonly #throughput: Throughput;
  readonly #timer: NodeJS.Timeout;
  #closing = false;

  constructor(options: JobRunnerOptions) {
    this.#options = options;
    this.#throughput = new Throughput(async (jobId, beforeMs, limit) => {
      const { sql, parameters } = options.requests.arrivalsQuery(jobId, beforeMs, limit);
      return (await options.reader.all<ThroughputPoint>(sql, parameters)).toReversed();
    });
    options.holds.onChange(({ length }) => {
      if (length === 0) this.#next();
      else for (const running of this.#running.values()) askToStop(running, 'hold');
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
      return unwritten === undefined ? job : { ...job, ...unwritten };
    }
    const now = Date.now();
    return {
      ...job,
      counts: { ...running.tally.counts },
      reasons: { ...running.tally.reasons },
      progress: Math.max(job.progress, running.tally.progress),
      remainingMs: running.remaining.of(running.tally.work, running.tally.endsNotBeforeMs, now),
      phase: running.tally.phase,
      durationMs: job.durationMs + now - running.startedAt,
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
    if (this.#running.has(id) || this.#queues.has(id)) return this.get(id);
    this.#options.jobs.requireInSight(job);
    const waiting = await this.#options.jobs.setState(id, 'waiting');
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
        if (this.#running.has(id) || this.#queues.has(id) || this.#retrying.has(id)) return null;
        const job = this.#options.jobs.get(id);
        if (!isFinal(job.state) && job.state !== state) {
          await Promise.all([this.#options.jobs.setState(id, state), this.#note(id, restWords(state, null))]);
        }
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
    if (this.#running.has(id) || this.#queues.has(id) || this.#retrying.has(id)) {
      throw new AppError('conflict', `Job ${id} is running; pause it or let it end before you retry what failed.`);
    }
    this.#options.jobs.requireInSight(job);
    const begun = this.#retry(job, only).finally(() => this.#retrying.delete(id));
    this.#retrying.set(id, begun);
    return begun;
  }

  async #retry(job: Job, only: string | undefined): Promise<Job> {
    if (job.kind === 'crawl' || job.kind === 'import') {
      await putBackFailed({ ...this.#options, requireOpen: () => this.#requireOpen() }, job, only);
    }
    const waiting = await this.#options.jobs.setState(job.id, 'waiting');
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
    this.#queues.remove(id);
    const running = this.#running.get(id);
    if (running === undefined) return;
    askToStop(running, kind);
    await running.ended;
  }

  #requireOpen(): void {
    if (this.#closing) throw new AppError('unavailable', 'PixCrawler is closing.');
  }

  #enqueue(job: Job): void {
    this.#requireOpen();
    this.#unwritten.delete(job.id);
    this.#queues.add(job);
    this.#next();
    // One that begins says so itself.
    if (this.#queues.has(job.id)) this.#tell(this.#live(job));
  }

  /** Begins what may begin. */
  #next(): void {
    if (this.#closing || this.#options.holds.isAny) return;
    for (const job of this.#queues.takeNext()) {
      this.#unwritten.delete(job.id);
      const { promise: ended, resolve } = Promise.withResolvers<void>();
      const tally = new JobTally(job.counts, job.reasons, job.progress);
      const remaining = new RemainingTime();
      const running: Running = { job, tally, remaining, startedAt: Date.now(), stop: null, listeners: [], ended };
      this.#running.set(job.id, running);
      this.#run(running)
        .catch((error: unknown) => this.#options.onError(error, job.id))
        .finally(() => {
          this.#queues.ended(job);
          resolve();
          this.#next();
        });
    }
  }

  async #run(running: Running): Promise<void> {
    const { job, tally } = running;
    const { database, jobs } = this.#options;
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
      if (job.startedAt !== null) void this.#note(job.id, 'Went on.');
      this.#throughput.record(job.id, tally.counts, Date.now());
      running.job = active;
      this.#tell(this.#live(active));
      outcome = running.stop === null ? await this.#handle(running, active) : { state: 'stopped' };
    } catch (error) {
      outcome = this.#failed(running, error);
    }
    if (outcome.state === 'stopped' && outcome.error?.code === 'disk-full' && (await this.#waitsForSpace(job.id))) {
      askToStop(running, 'hold');
    }
    let state: JobState | null = null;
    try {
      state = await this.#writeEnd(running, outcome);
    } finally {
      unhook();
      this.#running.delete(job.id);
    }
    // Whoever asked for a pause or a cancellation while that was written goes on from there.
    if (state === 'waiting' && running.stop === 'hold') this.#queues.putBack(jobs.get(job.id));
    const ended = this.#published(job.id);
    if (isFinal(ended.state)) this.#options.onEnded?.(ended);
  }

  #handle(running: Running, job: Job): Promise<JobOutcome> {
    return this.#options.handlers[job.kind](job, {
      tally: running.tally,
      onStop: (listener) => {
        running.listeners.push(listener);
        if (running.stop !== null) listener(stopKindOf(running.stop));
      },
      log: (level, message) => void this.#options.jobs.log(job.id, level, message).catch(() => undefined),
    });
  }

  async #waitsForSpace(jobId: number): Promise<boolean> {
    try {
      return (await this.#options.waitsForSpace?.()) === true;
    } catch (error) {
      this.#options.onError(error, jobId);
      return false;
    }
  }

  /** @returns the state that the job is in now, whether or not the disk took it */
  async #writeEnd(running: Running, outcome: JobOutcome): Promise<JobState> {
    const { job, tally } = running;
    const { jobs } = this.#options;
    const activeMs = Date.now() - running.startedAt;
    this.#throughput.record(job.id, tally.counts, Date.now());
    const state = outcome.state === 'stopped' ? restOf(running.stop) : outcome.state;
    // What waits has nothing wrong with it: why it does is told by what holds.
    const error = (state === 'waiting' ? null : outcome.error) ?? null;
    const result = 'result' in outcome ? { result: outcome.result } : {};
    try {
      await Promise.all([
        jobs.setState(job.id, state, { activeMs, error, ...result }),
        outcome.state === 'stopped' ? this.#note(job.id, restWords(state, error)) : undefined,
      ]);
    } catch (thrown) {
      const { code, message } = toAppError(thrown);
      this.#unwritten.set(job.id, {
        state: state === 'waiting' ? 'waiting' : 'paused',
        error: outcome.error ?? { code, message },
      });
      this.#options.onError(thrown, job.id);
    }
    return state;
  }

  /** Notes in the log that a job rests or goes on, which does not depend on that. */
  #note(jobId: number, message: string): Promise<void> {
    return this.#options.jobs.log(jobId, 'info', message).catch(() => undefined);
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
    for (const { job, remaining, tally } of this.#running.values()) {
      this.#throughput.record(job.id, tally.counts, Date.now());
      remaining.note(tally.work, Date.now());
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
    const queued = this.#queues.clear();
    await Promise.allSettled(this.#retrying.values());
    const running = [...this.#running.keys()];
    await Promise.all(running.map((id) => this.#stop(id, 'pause')));
    // Those that were about to wait for the end of a hold do so no more.
    const waiting = running.filter((id) => this.#options.jobs.get(id).state === 'waiting');
    await Promise.all([...queued, ...waiting].map((id) => this.#options.jobs.setState(id, 'paused')));
  }
}

function restWords(state: JobState, error: { readonly message: string } | null): string {
  if (state === 'cancelled') return 'Cancelled.';
  if (state === 'waiting') return 'Waits until jobs may run again.';
  return error === null ? 'Paused.' : `Paused: ${error.message}`;
}

function progressOf({ datasetName, parameters, error, result, createdAt, ...progress }: Job): JobProgress {
  return progress;
}
