/** The core's only way to have untrusted bytes parsed: worker processes that are watched, killed and replaced. */

import { AppError } from '../../shared/errors.ts';
import type { InspectionAnswer, InspectionRequest } from '../../shared/inspection.ts';
import type { TaskInput, TaskName, TaskOutput } from '../../workers/tasks.ts';
import { Dispatcher } from './dispatcher.ts';
import { type InspectOptions, inspectAll } from './inspect-run.ts';
import { poolSettings, type WorkerPoolOptions } from './pool-options.ts';
import { LANES, type Lane } from './task-queue.ts';
import type { BreakCause } from './unit.ts';

export interface RunOptions {
  /** Aborts the call: it rejects with `cancelled` when nothing of it runs any more (at most about 0.6 s later). */
  readonly signal?: AbortSignal | undefined;
  /** Default `arrivals`. */
  readonly lane?: Lane;
  /** Longest running time, in ms. Default: 20 s for documents, 10 min for archives and near-duplicates. */
  readonly deadlineMs?: number;
}

export interface WorkerPoolStatus {
  readonly processes: readonly {
    readonly pid: number | undefined;
    readonly state: 'starting' | 'ready' | 'ended';
    /** As of its last message; 0 before the first. */
    readonly rssBytes: number;
    /** Tasks in it, running and next. */
    readonly tasks: number;
  }[];
  /** Processes that ended without being told to and were replaced. */
  readonly restarts: number;
  readonly queued: Readonly<Record<Lane, number>>;
  /** Tasks that wait to run alone in a process. */
  readonly suspects: number;
}

export interface WorkerPool {
  /** Processes that are kept busy when there is work; to size what is in flight. */
  readonly processCount: number;
  /**
   * Runs one task; while the queue is full it waits first.
   * A task that broke two processes is given up: `internal` with `details.reason` `deadline` or `poisoned`.
   * @throws AppError `cancelled`, `unavailable` (no process can be started, or the pool is closed), or the task's own
   */
  run<K extends TaskName>(task: K, input: TaskInput<K>, options?: RunOptions): Promise<TaskOutput<K>>;
  /**
   * Looks at files: one answer per request, in order. A file that broke its process twice is answered with integrity
   * `unreadable`, reason `deadline` when time ran out each time, else `poisoned`.
   * @throws AppError `cancelled`, `unavailable` or `disk-full`; never because of a file
   */
  inspect(requests: readonly InspectionRequest[], options?: InspectOptions): Promise<InspectionAnswer[]>;
  /** Takes no new calls, waits for those that run, then ends the processes. Abort the calls first to be quick. */
  close(): Promise<void>;
  status(): WorkerPoolStatus;
}

const MAX_ATTEMPTS = 2;

const DEADLINE_MS: Readonly<Record<TaskName, number>> = {
  inspect: 10_000,
  'extract-page': 20_000,
  'read-sitemap': 20_000,
  'read-search-answer': 20_000,
  'read-list': 20_000,
  'unpack-archive': 600_000,
  'group-near-duplicates': 600_000,
};

/** A pool whose processes start with the first task. Throws a RangeError for options that make no sense. */
export function createWorkerPool(options: WorkerPoolOptions = {}): WorkerPool {
  const settings = poolSettings(options);
  const dispatcher = new Dispatcher(settings);
  const calls = new Set<Promise<unknown>>();
  let closed: Promise<void> | null = null;

  /** Lets close() wait for a call. */
  function tracked<T>(call: () => Promise<T>): Promise<T> {
    if (closed !== null) return Promise.reject(new AppError('unavailable', 'The worker pool is closed.'));
    const promise = call();
    calls.add(promise);
    const forget = (): void => void calls.delete(promise);
    promise.then(forget, forget);
    return promise;
  }

  async function runTask<K extends TaskName>(task: K, input: TaskInput<K>, run: RunOptions): Promise<TaskOutput<K>> {
    const { signal, lane = 'arrivals', deadlineMs = DEADLINE_MS[task] } = run;
    const causes: BreakCause[] = [];
    while (causes.length < MAX_ATTEMPTS) {
      const alone = causes.length > 0;
      while (!alone && dispatcher.queue.isFull && signal?.aborted !== true) await dispatcher.queue.whenSpace(signal);
      const outcome = await dispatcher.submit({ task, input, deadlineMs, lane, alone, signal });
      if (outcome.state === 'done') return outcome.output as TaskOutput<K>;
      if (outcome.state === 'failed') throw outcome.error;
      if (outcome.state === 'cancelled') {
        throw new AppError('cancelled', 'The work was cancelled.', { cause: signal?.reason });
      }
      causes.push(outcome.why);
    }
    const reason = causes.every((why) => why === 'deadline') ? 'deadline' : 'poisoned';
    throw new AppError(
      'internal',
      `The task ${task} broke its worker process ${MAX_ATTEMPTS} times and was given up.`,
      {
        details: { reason, task, causes },
      },
    );
  }

  return {
    processCount: settings.processes,
    run: (task, input, run = {}) => tracked(() => runTask(task, input, run)),
    inspect: (requests, inspect = {}) => tracked(() => inspectAll(dispatcher, settings.processes, requests, inspect)),
    close: () => {
      closed ??= Promise.allSettled(calls).then(() => dispatcher.close());
      return closed;
    },
    status: () => ({
      processes: Array.from(dispatcher.processes, ({ pid, state, rssBytes, units }) => ({
        pid,
        state,
        rssBytes,
        tasks: units.size,
      })),
      restarts: dispatcher.restarts,
      queued: Object.fromEntries(LANES.map((lane) => [lane, dispatcher.queue.sizeOf(lane)])) as Record<Lane, number>,
      suspects: dispatcher.suspectCount,
    }),
  };
}
