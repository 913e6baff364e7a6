/**
 * What the core and a worker process say to each other, over `channel.ts`: each message in V8's structured serialization. The core trusts nothing that comes back: it checks every message.
 */

import type { ErrorCode } from '../shared/errors.ts';
import type { TaskName } from './tasks.ts';

/** Sent once, first. */
export interface WorkerSettings {
  /** Threads of the process's piscina pool; each runs one task at a time. */
  readonly threads: number;
  /** The process kills itself when its resident memory is above this. */
  readonly memoryBudgetBytes: number;
  /** How often deadlines and memory are looked at, in ms. */
  readonly watchIntervalMs: number;
  /** How often the process says that it is alive while tasks are in it, in ms. */
  readonly heartbeatIntervalMs: number;
  /** Longest time from a task's start to its first item (loading of code), in ms. */
  readonly loadAllowanceMs: number;
  /** Longest message to the core, in bytes. */
  readonly maxMessageBytes: number;
  /** URL of a module that replaces the built-in tasks; null for the built-in ones. */
  readonly taskModule: string | null;
}

export type MessageToWorker =
  | { readonly type: 'configure'; readonly settings: WorkerSettings }
  | {
      readonly type: 'run';
      readonly id: number;
      readonly task: TaskName;
      readonly input: unknown;
      /** For each item of an `inspect`, for the whole of any other task. */
      readonly deadlineMs: number;
    }
  /** Give the task back if it has not begun; answered with `dropped`, or not at all when it has begun. */
  | { readonly type: 'drop'; readonly id: number };

/** A task that has begun, seen by the watch. */
export interface RunningTask {
  readonly id: number;
  /** The item that has begun, -1 before the first. */
  readonly index: number;
  /** How long that item (or the load before the first) has been going on. */
  readonly elapsedMs: number;
}

export type MessageToCore =
  | { readonly type: 'ready' }
  | { readonly type: 'done'; readonly id: number; readonly output: unknown; readonly rssBytes: number }
  | {
      readonly type: 'failed';
      readonly id: number;
      /** null when the task threw anything but an AppError. */
      readonly code: ErrorCode | null;
      readonly message: string;
      readonly rssBytes: number;
    }
  | { readonly type: 'dropped'; readonly id: number }
  | { readonly type: 'alive'; readonly rssBytes: number; readonly running: readonly RunningTask[] }
  /** The last words of a process that is about to kill itself. */
  | {
      readonly type: 'breaking';
      /** null when it cannot be told which task did it. */
      readonly id: number | null;
      readonly index: number;
      readonly why: 'deadline' | 'memory' | 'crash';
    };

/**
 * What a task module exports as default: the code of some or all tasks. `begin` is called with the index of an item
 * before it is opened.
 */
export type TaskModule = {
  readonly [K in TaskName]?: (input: never, begin: (index: number) => void) => unknown;
};
