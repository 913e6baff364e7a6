/** Brings units to processes: keeps processes running and fed, replaces those that end, gives suspects a process to themselves. */

import { AppError } from '../../shared/errors.ts';
import type { TaskName } from '../../workers/tasks.ts';
import type { PoolSettings } from './pool-options.ts';
import { type ProcessEnd, SupervisedProcess } from './supervised-process.ts';
import { type Lane, TaskQueue } from './task-queue.ts';
import { isHeavy, type Outcome, type Unit } from './unit.ts';

/** Processes that end before they are ready, in a row, after which waiting work is refused. */
const MAX_START_FAILURES = 5;
const FIRST_RESTART_DELAY_MS = 50;
/** How long after a death a further process is kept. */
const AFTER_DEATH_MS = 10_000;
/** Young processes are not recycled for their size: it is their work's. */
const MIN_IMAGES_BEFORE_RECYCLING = 200;

export interface UnitRequest {
  readonly task: TaskName;
  readonly input: unknown;
  readonly deadlineMs: number;
  readonly lane: Lane;
  readonly alone?: boolean;
  readonly imageCount?: number;
  readonly signal?: AbortSignal | undefined;
  /** Called each time before a process that is ready gets it; must not throw. */
  readonly onGiven?: () => void;
  /** Called with each heartbeat of its process that finds an item of it open; must not throw. */
  readonly onSeenOpen?: (() => void) | undefined;
}

export class Dispatcher {
  readonly #settings: PoolSettings;
  readonly #processes = new Set<SupervisedProcess>();
  readonly #queue: TaskQueue<Unit>;
  readonly #suspects = new Set<Unit>();
  readonly #deathsMs: number[] = [];
  #lastId = 0;
  #outstanding = 0;
  #restarts = 0;
  #startFailures = 0;
  #startTimer: NodeJS.Timeout | null = null;
  #ticker: NodeJS.Timeout | null = null;
  #closing = false;
  #onAllEnded: (() => void) | null = null;

  constructor(settings: PoolSettings) {
    this.#settings = settings;
    this.#queue = new TaskQueue(settings.queueCapacity);
  }

  get processes(): ReadonlySet<SupervisedProcess> {
    return this.#processes;
  }
  get queue(): TaskQueue<Unit> {
    return this.#queue;
  }
  get suspectCount(): number {
    return this.#suspects.size;
  }
  /** Processes that ended without being told to. */
  get restarts(): number {
    return this.#restarts;
  }
  get isIdle(): boolean {
    return this.#outstanding === 0;
  }

  /** Unintended deaths within the last `spanMs`. */
  recentDeaths(spanMs: number): number {
    const sinceMs = performance.now() - spanMs;
    return this.#deathsMs.filter((atMs) => atMs >= sinceMs).length;
  }

  /** Runs one unit once; never rejects. An aborted unit settles when nothing of it runs any more. */
  submit(request: UnitRequest): Promise<Outcome> {
    const { signal } = request;
    if (signal?.aborted === true) return Promise.resolve({ state: 'cancelled' });
    return new Promise((resolve) => {
      this.#lastId += 1;
      const abort = (): void => this.#abandon(unit);
      const unit: Unit = {
        id: this.#lastId,
        task: request.task,
        input: request.input,
        deadlineMs: request.deadlineMs,
        lane: request.lane,
        alone: request.alone ?? false,
        imageCount: request.imageCount ?? 0,
        losses: 0,
        abandoned: false,
        onGiven: request.onGiven,
        onSeenOpen: request.onSeenOpen,
        settle: (outcome) => {
          // An abort has removed its listeners already, and looking for each would be quadratic.
          if (signal?.aborted !== true) signal?.removeEventListener('abort', abort);
          this.#outstanding -= 1;
          resolve(outcome);
        },
      };
      signal?.addEventListener('abort', abort, { once: true });
      this.#outstanding += 1;
      if (unit.alone) this.#suspects.add(unit);
      else this.#queue.add(unit);
      this.#pump();
    });
  }

  /** Ends all processes; resolves when they are gone. To be called when idle. */
  close(): Promise<void> {
    this.#closing = true;
    if (this.#startTimer !== null) clearTimeout(this.#startTimer);
    this.#startTimer = null;
    this.#keepTicking();
    for (const process of this.#processes) process.retire();
    return new Promise((resolve) => {
      if (this.#processes.size === 0) resolve();
      else this.#onAllEnded = resolve;
    });
  }

  #abandon(unit: Unit): void {
    if (this.#queue.remove(unit) || this.#suspects.delete(unit)) {
      unit.settle({ state: 'cancelled' });
      return;
    }
    unit.abandoned = true;
    for (const process of this.#processes) {
      if (!process.units.has(unit.id)) continue;
      process.takeBack(unit);
      setTimeout(() => {
        if (process.units.has(unit.id)) process.retire();
      }, this.#settings.cancelGraceMs);
    }
  }

  #pump(): void {
    if (!this.#closing) {
      this.#startSuspects();
      this.#feed();
      this.#startProcesses();
      this.#retireSurplus();
    }
    this.#keepTicking();
  }

  #startSuspects(): void {
    // While there is other work, half of the processes at most: it must go on beside a row of files that hang.
    const half = Math.max(1, Math.floor(this.#settings.processes / 2));
    const places = this.#queue.size === 0 ? this.#processes.size : half;
    let taken = 0;
    for (const process of this.#processes) {
      if (isRunningAlone(process)) taken += 1;
      // Reserved anew below, if still needed.
      else process.reserved = false;
    }
    if (this.#suspects.size === 0) return;
    const candidates = [...this.#processes]
      .filter((process) => process.state === 'ready' && !isRunningAlone(process) && this.#accepts(process))
      .sort((a, b) => a.units.size - b.units.size);
    for (const unit of this.#suspects) {
      const process = candidates.shift();
      if (process === undefined || taken >= places) break;
      taken += 1;
      if (process.units.size > 0) {
        process.reserved = true;
        continue;
      }
      this.#suspects.delete(unit);
      process.give(unit);
    }
  }

  #feed(): void {
    for (;;) {
      const unit = this.#queue.peek();
      const process = unit === undefined ? undefined : this.#roomiest();
      if (unit === undefined || process === undefined) return;
      this.#queue.remove(unit);
      process.give(unit);
    }
  }

  /** The process with the least in it that may be given more: one unit a thread, and one to follow without a pause. */
  #roomiest(): SupervisedProcess | undefined {
    let best: SupervisedProcess | undefined;
    for (const process of this.#processes) {
      const size = process.units.size;
      if (process.state !== 'ready' || process.reserved || size > this.#settings.worker.threads) continue;
      if (size > 0 && (this.#isHanging(process) || isRunningAlone(process) || holdsHeavy(process))) continue;
      if (!this.#accepts(process)) continue;
      if (best === undefined || size < best.units.size) best = process;
    }
    return best;
  }

  #accepts(process: SupervisedProcess): boolean {
    if (!process.retiring) return true;
    const fresh = [...this.#processes].filter((other) => other.state === 'ready' && !other.retiring);
    return fresh.length < this.#settings.processes;
  }

  #isHanging(process: SupervisedProcess): boolean {
    return process.longestMs >= this.#settings.hangingAfterMs && process.units.size > 0;
  }

  #extrasWanted(): number {
    const hanging = [...this.#processes].filter((process) => this.#isHanging(process)).length;
    const spare = this.recentDeaths(AFTER_DEATH_MS) > 0 ? 1 : 0;
    return Math.min(this.#settings.extraProcesses, hanging + spare);
  }

  #startProcesses(): void {
    if (this.#startTimer !== null || this.#outstanding === 0) return;
    const wanted = Math.min(this.#outstanding, this.#settings.processes) + this.#extrasWanted();
    let live = 0;
    for (const { retiring, state } of this.#processes) if (!retiring && state !== 'ended') live += 1;
    for (; live < wanted; live += 1) {
      this.#processes.add(
        new SupervisedProcess(this.#settings.host, this.#settings.entry, this.#settings.worker, {
          onChange: () => this.#onChange(),
          onReturned: (unit) => this.#queue.giveBack(unit),
          onEnd: (process, end) => this.#onEnd(process, end),
        }),
      );
    }
  }

  #retireSurplus(): void {
    const { processes, recycleImages, recycleRssBytes } = this.#settings;
    let surplus = -processes - this.#extrasWanted();
    for (const process of this.#processes) {
      process.retiring ||=
        process.images >= recycleImages ||
        (process.rssBytes > recycleRssBytes && process.images >= MIN_IMAGES_BEFORE_RECYCLING);
      if (!process.retiring && process.state !== 'ended') surplus += 1;
    }
    for (const process of this.#processes) {
      if (process.state !== 'ready' || process.units.size > 0) continue;
      if (process.retiring ? this.#queue.size === 0 || !this.#accepts(process) : surplus > 0) {
        if (!process.retiring) surplus -= 1;
        process.retiring = true;
        process.retire();
      }
    }
  }

  #onChange(): void {
    if (this.#startFailures > 0 && [...this.#processes].some(({ state }) => state === 'ready')) this.#startFailures = 0;
    for (const process of this.#processes) {
      if (!this.#isHanging(process)) continue;
      // What waits behind a hanging item is better off elsewhere; what has begun stays.
      for (const unit of process.units.values()) process.takeBack(unit);
    }
    this.#pump();
  }

  #onEnd(process: SupervisedProcess, end: ProcessEnd): void {
    this.#processes.delete(process);
    for (const unit of end.again) {
      if (unit.alone) this.#suspects.add(unit);
      else this.#queue.giveBack(unit);
    }
    if (!end.intended && end.wasReady) {
      this.#restarts += 1;
      this.#deathsMs.push(performance.now());
      if (this.#deathsMs.length > 100) this.#deathsMs.shift();
    }
    if (!end.intended && !end.wasReady) this.#onStartFailure(end.description);
    if (this.#processes.size === 0) this.#onAllEnded?.();
    this.#pump();
  }

  #onStartFailure(description: string): void {
    this.#startFailures += 1;
    if (this.#startFailures < MAX_START_FAILURES) {
      if (this.#startTimer !== null || this.#closing) return;
      this.#startTimer = setTimeout(
        () => {
          this.#startTimer = null;
          this.#pump();
        },
        FIRST_RESTART_DELAY_MS * 2 ** this.#startFailures,
      );
      return;
    }
    this.#startFailures = 0;
    const error = new AppError(
      'unavailable',
      `Worker processes cannot be started: expected one to run ${this.#settings.entry}, but ${MAX_START_FAILURES} ended ` +
        `at once (${description}). Check the installation, then try again.`,
      { details: { reason: 'workers-unavailable' } },
    );
    for (const unit of [...this.#queue.clear(), ...this.#suspects]) unit.settle({ state: 'failed', error });
    this.#suspects.clear();
  }

  #keepTicking(): void {
    const needed = !this.#closing && (this.#outstanding > 0 || this.#processes.size > this.#settings.processes);
    if (needed && this.#ticker === null) {
      this.#ticker = setInterval(() => {
        for (const process of this.#processes) {
          process.tick(process.state === 'starting' ? this.#settings.startTicks : this.#settings.silenceTicks);
        }
        this.#pump();
      }, this.#settings.tickMs);
    } else if (!needed && this.#ticker !== null) {
      clearInterval(this.#ticker);
      this.#ticker = null;
    }
  }
}

function isRunningAlone(process: SupervisedProcess): boolean {
  const [unit] = process.units.values();
  return unit?.alone === true;
}

function holdsHeavy(process: SupervisedProcess): boolean {
  for (const unit of process.units.values()) if (isHeavy(unit.task)) return true;
  return false;
}
