/** The unit of dispatch: one task on its way to one process, and how it ended. */

import type { AppError } from '../../shared/errors.ts';
import type { TaskName } from '../../workers/tasks.ts';
import type { Lane } from './task-queue.ts';

/** Why a process ended under a task. */
export type BreakCause = 'crash' | 'deadline' | 'memory';

export type Outcome =
  | { readonly state: 'done'; readonly output: unknown }
  /** The task rejected, or no process can be had. */
  | { readonly state: 'failed'; readonly error: AppError }
  /** The process ended while the task ran. */
  | {
      readonly state: 'broken';
      readonly why: BreakCause;
      /** The item that had begun; null when unknown. */
      readonly index: number | null;
      /** Whether this item did it. A process that just died may have been killed by somebody else. */
      readonly certain: boolean;
    }
  | { readonly state: 'cancelled' };

export interface Unit {
  readonly id: number;
  readonly task: TaskName;
  readonly input: unknown;
  readonly deadlineMs: number;
  readonly lane: Lane;
  /** Run with nothing else in the process, because it is under suspicion. */
  readonly alone: boolean;
  readonly imageCount: number;
  /** Called each time before a process that is ready gets it. */
  readonly onGiven: (() => void) | undefined;
  /** Called with each heartbeat of its process that finds an item of it open. */
  readonly onSeenOpen: (() => void) | undefined;
  /** Called exactly once. */
  readonly settle: (outcome: Outcome) => void;
  /** How often a process ended before the unit was seen to begin. */
  losses: number;
  /** Its caller has gone; whatever comes of it is dropped. */
  abandoned: boolean;
}

/** Tasks that may take minutes: nothing is queued behind them in a process. */
export function isHeavy(task: TaskName): boolean {
  return task === 'unpack-archive' || task === 'group-near-duplicates';
}
