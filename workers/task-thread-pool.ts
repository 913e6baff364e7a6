/** The piscina pool inside a worker process. On its own it is the pool without isolation that isolation is measured against. */

import { availableParallelism } from 'node:os';
import { Piscina } from 'piscina';
import { AppError } from '../shared/errors.ts';
import type { ThreadCall, ThreadData, ThreadReply } from './task-thread.ts';
import type { TaskInput, TaskName, TaskOutput } from './tasks.ts';

/** Of each thread's old generation, the same that the flags of a worker process say. Pixels are not in it. */
const HEAP_MIB = 256;

export interface TaskThreadPoolOptions {
  /** Default: one a core. */
  readonly threads?: number;
  /** Write begun items to standard output (see ThreadData). Default false. */
  readonly announce?: boolean;
  /** URL of a module that replaces the built-in tasks. */
  readonly taskModule?: string | null;
}

export interface TaskThreadPool {
  /** Runs a task on the next free thread. Rejects with an AppError, or with an Error when the thread broke. */
  run<K extends TaskName>(task: K, input: TaskInput<K>): Promise<TaskOutput<K>>;
  /** Runs one prepared call; the caller never uses a slot twice at a time. Rejects only when the thread broke. */
  call(call: ThreadCall): Promise<ThreadReply>;
  /** One cell a slot, see ThreadData. */
  readonly progress: Int32Array;
  /** Lets started tasks end, then stops the threads. */
  close(): Promise<void>;
}

/** Starts a pool of threads that run the tasks of `tasks.ts`. */
export function createTaskThreadPool(options: TaskThreadPoolOptions = {}): TaskThreadPool {
  const threads = options.threads ?? availableParallelism();
  const progress = new Int32Array(new SharedArrayBuffer(threads * Int32Array.BYTES_PER_ELEMENT));
  const threadData: ThreadData = {
    progress,
    announce: options.announce ?? false,
    taskModule: options.taskModule ?? null,
  };
  const piscina = new Piscina({
    // The same name beside this module, from source and in the bundle.
    filename: new URL(`./task-thread${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url).href,
    minThreads: threads,
    maxThreads: threads,
    idleTimeout: Number.POSITIVE_INFINITY,
    recordTiming: false,
    workerData: threadData,
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MIB },
  });
  let lastId = 0;
  return {
    progress,
    call: (call) => piscina.run(call) as Promise<ThreadReply>,
    async run<K extends TaskName>(task: K, input: TaskInput<K>): Promise<TaskOutput<K>> {
      lastId += 1;
      const reply = (await piscina.run({ id: lastId, slot: 0, task, input } satisfies ThreadCall)) as ThreadReply;
      if (!reply.ok) throw new AppError(reply.code ?? 'internal', reply.message);
      return reply.output as TaskOutput<K>;
    },
    close: () => piscina.close(),
  };
}
