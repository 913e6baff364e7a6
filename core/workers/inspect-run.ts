/**
 * Inspections on top of units that may break: batches, then suspects one by one, so that each request gets exactly one
 * answer and a file that breaks processes is set aside.
 */

import { rm, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError, type ErrorCode } from '../../shared/errors.ts';
import {
  DEFAULT_INSPECTION_LIMITS,
  type Inspection,
  type InspectionAnswer,
  type InspectionLimits,
  type InspectionRequest,
  undecoded,
} from '../../shared/inspection.ts';
import type { Dispatcher } from './dispatcher.ts';
import type { Lane } from './task-queue.ts';
import type { BreakCause, Outcome } from './unit.ts';

const BATCH_SIZE = 20;
/** Small on screen, so that the first thumbnails are there soon. */
const SCREEN_BATCH_SIZE = 4;
/** Breaks after which a file is set aside. */
const MAX_BREAKS = 2;
/** For each so many deaths of late something else may be killing processes, and one more unexplained break is asked for. */
const STORM_DEATHS = 5;
const STORM_SPAN_MS = 10_000;
const MAX_STORM_BREAKS = 3;
/** Longer after each break: a storm that passes takes no file with it. */
const FIRST_STORM_WAIT_MS = 250;
const NOT_A_FILES_FAULT: readonly ErrorCode[] = ['unavailable', 'disk-full'];
const MAX_THUMBNAIL_BYTES = 4 * 1024 * 1024;

export interface InspectOptions {
  /** Aborts the call: it rejects with `cancelled` when nothing of it runs any more (at most about 0.6 s later). */
  readonly signal?: AbortSignal | undefined;
  /** Default `arrivals`. */
  readonly lane?: Lane;
  /** Default DEFAULT_INSPECTION_LIMITS. */
  readonly limits?: InspectionLimits;
  /** Longest time for one file, in ms. Default 10,000. */
  readonly deadlineMs?: number;
  /**
   * How often a request's file broke its process in earlier runs of the core: at 1 it runs alone from the start, at 2 it
   * is answered as `poisoned` unopened. Default 0 for all.
   */
  readonly earlierBreaks?: (index: number) => number;
  /**
   * Called, and awaited, before the bytes of these requests are opened, each time: the place to write attempts down.
   * `alone` means that a death of the process would be the file's own doing, `batch` proves nothing against a file.
   */
  readonly beforeAttempt?: (indices: readonly number[], kind: 'batch' | 'alone') => Promise<void> | void;
  /**
   * Called each time before these requests go to a process that is ready: until then their bytes cannot have done
   * anything. For attempts that are written down in place; must not throw.
   */
  readonly onGiven?: (indices: readonly number[]) => void;
  /**
   * Called with each heartbeat of a process that has the bytes of this request open, and was given no others with it: its
   * code is loaded, and what it does now it does because of them. Must not throw.
   */
  readonly onSeenAlone?: (index: number) => void;
  /** Called when a file broke its process, each time. */
  readonly onBroken?: (index: number, why: BreakCause) => void;
}

const DEFAULT_DEADLINE_MS = 10_000;

/** See WorkerPool.inspect. */
export async function inspectAll(
  dispatcher: Dispatcher,
  processes: number,
  requests: readonly InspectionRequest[],
  options: InspectOptions,
): Promise<InspectionAnswer[]> {
  const run = new InspectRun(dispatcher, requests, options);
  const fresh: number[] = [];
  const suspects: number[] = [];
  for (let index = 0; index < requests.length; index += 1) (run.breaksOf(index) > 0 ? suspects : fresh).push(index);

  const lane = options.lane ?? 'arrivals';
  const largest = lane === 'screen' ? SCREEN_BATCH_SIZE : BATCH_SIZE;
  // Idle processes share a small call; busy ones take whole batches.
  const size = dispatcher.isIdle ? Math.min(largest, Math.max(1, Math.ceil(fresh.length / processes))) : largest;
  const batches: number[][] = [];
  for (let at = 0; at < fresh.length; at += size) batches.push(fresh.slice(at, at + size));

  // Enough at a time to keep every process fed, and no more: other callers share the queue.
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < batches.length) {
      const batch = batches[next] as number[];
      next += 1;
      await run.batch(batch);
    }
  };
  const workers = Array.from({ length: Math.min(batches.length, processes * 4) }, work);
  await allEnded([...workers, ...suspects.map((index) => run.alone(index))]);
  return run.answers();
}

/** Waits for all, also when one has failed: nothing may go on behind a call that has ended. Throws what failed first. */
async function allEnded(promises: readonly Promise<void>[]): Promise<void> {
  const ends = await Promise.allSettled(promises);
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}

class InspectRun {
  readonly #dispatcher: Dispatcher;
  readonly #requests: readonly InspectionRequest[];
  readonly #options: InspectOptions;
  readonly #answers: (InspectionAnswer | undefined)[];
  /** Why each index broke its process, oldest first. */
  readonly #breaks = new Map<number, BreakCause[]>();
  /** What ended the call, when that is not a file's fault: nothing more is attempted. */
  #failure: { readonly reason: unknown } | null = null;

  constructor(dispatcher: Dispatcher, requests: readonly InspectionRequest[], options: InspectOptions) {
    this.#dispatcher = dispatcher;
    this.#requests = requests;
    this.#options = options;
    this.#answers = new Array(requests.length);
  }

  breaksOf(index: number): number {
    return (this.#options.earlierBreaks?.(index) ?? 0) + (this.#breaks.get(index)?.length ?? 0);
  }

  answers(): InspectionAnswer[] {
    return this.#answers as InspectionAnswer[];
  }

  async batch(indices: readonly number[]): Promise<void> {
    const outcome = await this.#attempt(indices, 'batch');
    if (this.#accept(indices, outcome)) return;
    await this.#removeCopies(indices);
    const culprit = outcome.state === 'broken' && outcome.index !== null ? indices[outcome.index] : undefined;
    if (culprit === undefined) {
      await allEnded(indices.map((index) => this.alone(index)));
      return;
    }
    if (outcome.state === 'broken' && outcome.certain) this.#note(culprit, outcome.why);
    const others = indices.filter((index) => index !== culprit);
    await allEnded([this.alone(culprit), ...(others.length > 0 ? [this.batch(others)] : [])]);
  }

  /** Runs one file with nothing beside it until it is answered or has broken its process too often. */
  async alone(index: number): Promise<void> {
    while (this.breaksOf(index) < this.#breaksNeeded(index)) {
      await this.#untilCalmer(index);
      const outcome = await this.#attempt([index], 'alone');
      if (this.#accept([index], outcome)) return;
      await this.#removeCopies([index]);
      if (outcome.state === 'broken') this.#note(index, outcome.why);
      else if (outcome.state === 'failed') return this.#set(index, 'unreadable', outcome.error.message);
      else return this.#set(index, 'unreadable', 'The worker process gave no proper answer for this file.');
    }
    const causes = this.#breaks.get(index) ?? [];
    const allDeadlines = causes.length > 0 && causes.every((why) => why === 'deadline');
    const detail = `Broke its worker process ${this.breaksOf(index)} times (${causes.join(', ') || 'earlier'}).`;
    await this.#set(index, allDeadlines ? 'deadline' : 'poisoned', detail);
  }

  async #attempt(indices: readonly number[], kind: 'batch' | 'alone'): Promise<Outcome> {
    const { signal, lane = 'arrivals' } = this.#options;
    const { queue } = this.#dispatcher;
    while (kind === 'batch' && queue.isFull && signal?.aborted !== true) await queue.whenSpace(signal);
    this.#throwIfOver();
    if (this.#options.beforeAttempt !== undefined) {
      try {
        await this.#options.beforeAttempt(indices, kind);
      } catch (reason) {
        this.#failure ??= { reason };
      }
      this.#throwIfOver();
    }
    const [only = -1] = indices;
    return this.#dispatcher.submit({
      task: 'inspect',
      input: {
        requests: indices.map((index) => this.#requests[index] as InspectionRequest),
        limits: this.#options.limits ?? DEFAULT_INSPECTION_LIMITS,
      },
      deadlineMs: this.#options.deadlineMs ?? DEFAULT_DEADLINE_MS,
      lane,
      alone: kind === 'alone',
      imageCount: indices.length,
      signal,
      onGiven: () => this.#options.onGiven?.(indices),
      onSeenOpen: indices.length === 1 ? () => this.#options.onSeenAlone?.(only) : undefined,
    });
  }

  #throwIfOver(): void {
    if (this.#failure !== null) throw this.#failure.reason;
    if (this.#options.signal?.aborted === true) throw cancelled(this.#options.signal);
  }

  /** Takes the answers of a task that ended well. Throws when the call is over, false when the files must run again. */
  #accept(indices: readonly number[], outcome: Outcome): boolean {
    if (outcome.state === 'cancelled') throw cancelled(this.#options.signal);
    if (outcome.state === 'failed' && NOT_A_FILES_FAULT.includes(outcome.error.code)) {
      this.#failure ??= { reason: outcome.error };
      throw this.#failure.reason;
    }
    if (outcome.state !== 'done' || !isAnswerList(outcome.output, indices.length)) return false;
    for (const [place, answer] of outcome.output.entries()) {
      const { thumbnail } = answer;
      // A copy of its own: the bytes that came are a view onto the whole batch's message.
      const own = thumbnail === null ? null : new Uint8Array(thumbnail);
      this.#answers[indices[place] as number] = { ...answer, thumbnail: own };
    }
    return true;
  }

  #note(index: number, why: BreakCause): void {
    const causes = this.#breaks.get(index) ?? [];
    causes.push(why);
    this.#breaks.set(index, causes);
    this.#options.onBroken?.(index, why);
  }

  #breaksNeeded(index: number): number {
    if (this.#breaks.get(index)?.includes('crash') !== true) return MAX_BREAKS;
    return MAX_BREAKS + Math.min(this.#storms(), MAX_STORM_BREAKS);
  }

  #storms(): number {
    return Math.floor(this.#dispatcher.recentDeaths(STORM_SPAN_MS) / STORM_DEATHS);
  }

  /** Waits before a file that broke its process for no known reason is tried again while others die as well. */
  async #untilCalmer(index: number): Promise<void> {
    const crashes = this.#breaks.get(index)?.filter((why) => why === 'crash').length ?? 0;
    if (crashes === 0 || this.#storms() === 0) return;
    // Cut short, the call is over, which the attempt that follows tells.
    await sleep(FIRST_STORM_WAIT_MS * 2 ** (crashes - 1), undefined, { signal: this.#options.signal }).catch(
      () => null,
    );
  }

  /** A copy that an unfinished attempt wrote would stand in the next one's way. */
  async #removeCopies(indices: readonly number[]): Promise<void> {
    for (const index of indices) {
      const copyTo = this.#requests[index]?.copyTo;
      if (copyTo !== undefined) await rm(copyTo, { force: true });
    }
  }

  async #set(index: number, reason: 'poisoned' | 'deadline' | 'unreadable', detail: string): Promise<void> {
    const path = this.#requests[index]?.path ?? '';
    const sizeBytes = await stat(path).then(
      ({ size }) => size,
      () => 0,
    );
    this.#answers[index] = { inspection: unreadable(reason, detail.slice(0, 200), sizeBytes), thumbnail: null };
  }
}

function cancelled(signal: AbortSignal | undefined): AppError {
  return new AppError('cancelled', 'The work was cancelled.', { cause: signal?.reason });
}

function unreadable(reason: 'poisoned' | 'deadline' | 'unreadable', detail: string, sizeBytes: number): Inspection {
  return undecoded({ integrity: 'unreadable', reason, detail, format: 'unknown', sizeBytes });
}

const INTEGRITIES: readonly unknown[] = ['ok', 'damaged', 'unreadable', 'refused'];

/** Whether the output has the shape of answers: it comes from a process that may have been taken over. */
function isAnswerList(output: unknown, count: number): output is InspectionAnswer[] {
  if (!Array.isArray(output) || output.length !== count) return false;
  return output.every((answer: Partial<InspectionAnswer> | null | undefined) => {
    if (typeof answer !== 'object' || answer === null) return false;
    const { inspection, sha256, thumbnail } = answer;
    if (typeof inspection !== 'object' || inspection === null || !INTEGRITIES.includes(inspection.integrity)) {
      return false;
    }
    if (sha256 !== undefined && !/^[0-9a-f]{64}$/.test(sha256)) return false;
    return thumbnail === null || (thumbnail instanceof Uint8Array && thumbnail.length <= MAX_THUMBNAIL_BYTES);
  });
}
