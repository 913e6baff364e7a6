/**
 * From bytes that have arrived to committed samples: look (in worker processes), store, judge, commit in batches.
 * Every queue is bounded: `submit` waits while too many images are open, which is what slows fetching down.
 */

import { rm } from 'node:fs/promises';
import { AppError, toAppError } from '../../shared/errors.ts';
import { type InspectionAnswer, type InspectionLimits, undecoded } from '../../shared/inspection.ts';
import { aloneOf, attemptOf, hasBroken, isSetAside } from '../crawl/suspicion.ts';
import type { WorkerPool } from '../workers/worker-pool.ts';
import type { Arrival, Inspected } from './arrival.ts';
import { BatchCommitter, type CommitOptions } from './batch-committer.ts';
import type { OpenJournal } from './open-journal.ts';

/** Images a worker opens in one task; see `reference/performance` on what a round trip costs. */
const BATCH_SIZE = 20;
/** Images settled in one transaction at most. */
const COMMIT_SIZE = 200;
/** How long a batch waits to fill while the workers are busy anyway. */
const LINGER_MS = 10;
export interface PipelineOptions extends CommitOptions {
  /** Requests whose bytes a worker has open. */
  readonly attempts: OpenJournal;
  readonly workers: WorkerPool;
  readonly limits: InspectionLimits;
  /** Milliseconds one image may take to open. */
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
}

export class ImagePipeline {
  readonly #options: PipelineOptions;
  readonly #committer: BatchCommitter;
  readonly #maxOpen: number;
  readonly #maxBatches: number;
  #arrived: Arrival[] = [];
  #suspects: Arrival[] = [];
  #isOnSuspects = false;
  #inspected: Inspected[] = [];
  /** Staged files of what is open: the pipeline's, from `submit` to their commit. */
  readonly #staged = new Set<string>();
  #open = 0;
  #batches = 0;
  #committing = false;
  #lingering: NodeJS.Timeout | null = null;
  #error: unknown = null;
  #waiters: (() => void)[] = [];

  constructor(options: PipelineOptions) {
    this.#options = options;
    this.#committer = new BatchCommitter(options);
    this.#maxBatches = options.workers.processCount * 2;
    this.#maxOpen = (this.#maxBatches + 2) * BATCH_SIZE + COMMIT_SIZE;
  }

  /** Images submitted and not yet settled. */
  get open(): number {
    return this.#open;
  }

  /** Hands over bytes that have arrived; waits while too many are open. @throws what broke the pipeline */
  async submit(arrival: Arrival): Promise<void> {
    while (this.#open >= this.#maxOpen && this.#error === null) await this.#change();
    if (this.#error !== null) throw this.#error;
    this.#open++;
    this.#staged.add(arrival.stagedPath);
    this.#arrived.push(arrival);
    this.#pump();
  }

  /** Resolves when nothing is open. @throws what broke the pipeline */
  async drained(): Promise<void> {
    while (this.#open > 0 && this.#error === null) await this.#change();
    if (this.#error !== null) throw this.#error;
  }

  /**
   * Resolves when nothing moves any more, whatever went wrong: after it, nothing is written for this job, and what was
   * staged for it and not committed is gone.
   */
  async settled(): Promise<void> {
    this.#error ??= new AppError('cancelled', 'The pipeline was closed.');
    while (this.#batches > 0 || this.#isOnSuspects || this.#committing) await this.#change();
    // What cannot be removed, the next core clears; what ended the job is the error to tell.
    await Promise.allSettled(Array.from(this.#staged, (path) => rm(path, { force: true })));
    this.#staged.clear();
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  #changed(): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const wake of waiters) wake();
  }

  #fail(error: unknown): void {
    this.#error ??= error;
    this.#changed();
  }

  #pump(): void {
    if (this.#error !== null) return;
    while (this.#arrived.length > 0 && this.#batches < this.#maxBatches) {
      if (this.#arrived.length < BATCH_SIZE && this.#batches > 0) {
        this.#linger();
        return;
      }
      this.#startBatch();
    }
  }

  #linger(): void {
    this.#lingering ??= setTimeout(() => {
      this.#lingering = null;
      if (this.#error !== null) return;
      if (this.#arrived.length > 0 && this.#batches < this.#maxBatches) this.#startBatch();
      this.#pump();
    }, LINGER_MS);
  }

  #startBatch(): void {
    const batch = this.#arrived.splice(0, BATCH_SIZE);
    this.#batches++;
    this.#inspect(batch)
      .catch((error: unknown) => this.#fail(error))
      .finally(() => {
        this.#batches--;
        this.#pump();
        this.#changed();
      });
  }

  #take(inspected: readonly Inspected[]): void {
    this.#inspected.push(...inspected);
    void this.#commit();
  }

  async #inspect(batch: readonly Arrival[]): Promise<void> {
    const known: Inspected[] = [];
    const unknown: Arrival[] = [];
    for (const arrival of batch) {
      const knownImageId = arrival.sha256 === null ? undefined : this.#options.writer.findImageId(arrival.sha256);
      if (knownImageId === undefined) unknown.push(arrival);
      else known.push({ arrival, sha256: arrival.sha256, knownImageId, answer: null });
    }
    const calm = unknown.filter((arrival) => arrival.request.suspicion === 0);
    this.#suspects.push(...unknown.filter((arrival) => arrival.request.suspicion > 0));
    void this.#inspectSuspects();
    this.#take([...known, ...(await this.#inspectFiles(calm))]);
  }

  /**
   * One by one, each on its way to its commit before the next is opened: a kill among them then costs one of them, and
   * finds no two of them open. Beside the batches, so that a row of files that hang holds up nothing else.
   */
  async #inspectSuspects(): Promise<void> {
    if (this.#isOnSuspects) return;
    this.#isOnSuspects = true;
    try {
      for (;;) {
        const arrival = this.#suspects.shift();
        if (arrival === undefined || this.#error !== null) return;
        this.#take(isSetAside(arrival.request.suspicion) ? [setAside(arrival)] : await this.#inspectFiles([arrival]));
      }
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#isOnSuspects = false;
      this.#changed();
    }
  }

  /** Writes the attempts down, then lets a worker open the files. */
  async #inspectFiles(arrivals: readonly Arrival[]): Promise<Inspected[]> {
    if (arrivals.length === 0) return [];
    const { attempts, database, requests, workers, limits, deadlineMs, signal, link } = this.#options;
    const begun: number[] = [];
    const notes: Promise<void>[] = [];
    const idOf = (index: number): number => arrivals[index]?.request.id ?? 0;
    const writeDown = (names: readonly string[]): void => {
      try {
        begun.push(attempts.begin(names));
      } catch (error) {
        this.#fail(toAppError(error));
      }
    };
    /** The only suspect that is open, or the only file at all. */
    const isSuspect = arrivals[0]?.request.suspicion !== 0;
    let isSeenAlone = false;
    try {
      const answers = await workers.inspect(
        arrivals.map((arrival) =>
          arrival.sha256 !== null
            ? { path: arrival.path }
            : link || arrival.path === arrival.stagedPath
              ? { path: arrival.path, hash: true }
              : { path: arrival.path, copyTo: arrival.stagedPath },
        ),
        {
          limits,
          deadlineMs,
          signal,
          lane: 'arrivals',
          earlierBreaks: (index) => (hasBroken(arrivals[index]?.request.suspicion ?? 0) ? 1 : 0),
          onGiven: (indices) => writeDown(indices.map((index) => attemptOf(idOf(index)))),
          onSeenAlone: (index) => {
            if (isSeenAlone || !(isSuspect || this.#open === 1)) return;
            isSeenAlone = true;
            writeDown([aloneOf(idOf(index))]);
          },
          onBroken: (index) => {
            const arrival = arrivals[index];
            if (arrival === undefined) return;
            const note = database.write(() => requests.suspectBroken(arrival.request.id));
            notes.push(note.catch((error: unknown) => this.#fail(toAppError(error))));
          },
        },
      );
      return arrivals.map((arrival, index) => {
        const answer = answers[index] as InspectionAnswer;
        return { arrival, sha256: arrival.sha256 ?? answer.sha256 ?? null, knownImageId: null, answer };
      });
    } finally {
      await Promise.all(notes);
      for (const attempt of begun) attempts.end(attempt);
    }
  }

  async #commit(): Promise<void> {
    if (this.#committing) return;
    this.#committing = true;
    try {
      while (this.#inspected.length > 0 && this.#error === null) {
        const batch = this.#inspected.splice(0, COMMIT_SIZE);
        const { left, lost } = await this.#committer.commit(batch);
        for (const { arrival } of batch) this.#staged.delete(arrival.stagedPath);
        for (const { arrival } of [...left, ...lost]) this.#staged.add(arrival.stagedPath);
        this.#lookAgain(lost);
        this.#inspected.unshift(...left);
        this.#open -= batch.length - left.length;
        this.#changed();
      }
    } catch (error) {
      this.#fail(toAppError(error));
    } finally {
      this.#committing = false;
      this.#changed();
    }
  }

  /** Files that were not opened because the library had their content, which has since been removed. */
  #lookAgain(lost: readonly Inspected[]): void {
    if (lost.length === 0) return;
    this.#open += lost.length;
    this.#arrived.push(...lost.map((inspected) => inspected.arrival));
    this.#pump();
  }
}

function setAside(arrival: Arrival): Inspected {
  return {
    arrival,
    sha256: arrival.sha256,
    knownImageId: null,
    answer: {
      thumbnail: null,
      inspection: undecoded({
        integrity: 'unreadable',
        reason: 'poisoned',
        detail: 'It was open each time PixCrawler ended unexpectedly.',
        format: 'unknown',
        sizeBytes: 0,
      }),
    },
  };
}
