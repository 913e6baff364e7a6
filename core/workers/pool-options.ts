/** What a worker pool can be told, and what it does when it is told nothing. */

import { availableParallelism, totalmem } from 'node:os';
import type { WorkerSettings } from '../../workers/protocol.ts';
import { createForkProcessHost, defaultWorkerEntry } from './fork-process-host.ts';
import type { ProcessHost } from './process-host.ts';

const MIB = 1024 * 1024;
/** Part of the machine's memory that all worker processes and the core may fill together. */
const MEMORY_SHARE = 0.6;
/** Set aside for the core itself. */
const CORE_BYTES = 512 * MIB;

export interface WorkerPoolOptions {
  /** Default: children of this process. */
  readonly host?: ProcessHost;
  /** File that a worker process runs. Default: `defaultWorkerEntry()`. */
  readonly entry?: string;
  /** Processes kept busy. Default: one a core, fewer where memory is short. */
  readonly processes?: number;
  /**
   * Further processes for as long as one hangs, or for a while after one died, so that the others' work goes on.
   * Default 2, fewer where memory is short.
   */
  readonly extraProcesses?: number;
  /** Threads of each process. Default 1: a crash then has one suspect. */
  readonly threadsPerProcess?: number;
  /** Resident memory above which a process is killed, in bytes. Default 1 GiB. */
  readonly memoryBudgetBytes?: number;
  /** A process is replaced between tasks when it holds more than this, in bytes. Default 500 MiB. */
  readonly recycleRssBytes?: number;
  /** A process is replaced between tasks after this many images. Default 20,000. */
  readonly recycleImages?: number;
  /** Tasks in the queue beyond which callers wait. Default 10,000. */
  readonly queueCapacity?: number;
  /** Time that running work of an aborted call has to end by itself, in ms. Default 500. */
  readonly cancelGraceMs?: number;
  /** An item that runs longer makes its process count as hanging, in ms. Default 2,000. */
  readonly hangingAfterMs?: number;
  /** How often deadlines and memory are looked at, in ms. Default 50. */
  readonly watchIntervalMs?: number;
  /** A process that says nothing for so long is killed, in ms. Default 5,000. */
  readonly silenceLimitMs?: number;
  /** A process that is not ready by then is killed, in ms. Default 30,000. */
  readonly startLimitMs?: number;
  /** URL of a module that replaces the built-in tasks. Default none. */
  readonly taskModule?: string | null;
}

export interface PoolSettings {
  readonly host: ProcessHost;
  readonly entry: string;
  readonly processes: number;
  readonly extraProcesses: number;
  readonly recycleRssBytes: number;
  readonly recycleImages: number;
  readonly queueCapacity: number;
  readonly cancelGraceMs: number;
  readonly hangingAfterMs: number;
  readonly silenceTicks: number;
  readonly startTicks: number;
  /** Pace of heartbeats and of the look at them. */
  readonly tickMs: number;
  readonly worker: WorkerSettings;
}

/** Fills in the defaults. Throws a RangeError for a number that makes no sense. */
export function poolSettings(options: WorkerPoolOptions): PoolSettings {
  const memoryBudgetBytes = positive('memoryBudgetBytes', options.memoryBudgetBytes ?? 1024 * MIB);
  const atMost = processesThatFit(totalmem(), memoryBudgetBytes);
  const processes = positive('processes', options.processes ?? Math.min(availableParallelism(), atMost));
  const silenceLimitMs = positive('silenceLimitMs', options.silenceLimitMs ?? 5000);
  const tickMs = Math.max(50, Math.min(250, silenceLimitMs / 10));
  return {
    host: options.host ?? createForkProcessHost(),
    entry: options.entry ?? defaultWorkerEntry(),
    processes,
    extraProcesses: options.extraProcesses ?? Math.max(0, Math.min(2, atMost - processes)),
    recycleRssBytes: options.recycleRssBytes ?? 500 * MIB,
    recycleImages: options.recycleImages ?? 20_000,
    queueCapacity: positive('queueCapacity', options.queueCapacity ?? 10_000),
    cancelGraceMs: options.cancelGraceMs ?? 500,
    hangingAfterMs: options.hangingAfterMs ?? 2000,
    silenceTicks: Math.ceil(silenceLimitMs / tickMs),
    startTicks: Math.ceil((options.startLimitMs ?? 30_000) / tickMs),
    tickMs,
    worker: {
      threads: positive('threadsPerProcess', options.threadsPerProcess ?? 1),
      memoryBudgetBytes,
      watchIntervalMs: positive('watchIntervalMs', options.watchIntervalMs ?? 50),
      heartbeatIntervalMs: tickMs,
      loadAllowanceMs: 30_000,
      maxMessageBytes: 256 * MIB,
      taskModule: options.taskModule ?? null,
    },
  };
}

/** How many processes of `budgetBytes` fit beside the core into the allowed part of `memoryBytes`; at least one. */
export function processesThatFit(memoryBytes: number, budgetBytes: number): number {
  return Math.max(1, Math.floor((memoryBytes * MEMORY_SHARE - CORE_BYTES) / budgetBytes));
}

function positive(name: string, value: number): number {
  if (!(value >= 1)) throw new RangeError(`Expected ${name} to be at least 1, got ${value}.`);
  return value;
}
