/** The worker's piscina pool without a process around it: what isolation is measured against. */

import { DEFAULT_INSPECTION_LIMITS, type InspectionAnswer } from '../../shared/inspection.ts';
import { createTaskThreadPool, type TaskThreadPool } from '../../workers/task-thread-pool.ts';
import { serveHost } from '../harness/host.ts';

const BATCH_SIZE = 20;
let pool: TaskThreadPool | null = null;

const functions = {
  open: (threads: number) => {
    pool = createTaskThreadPool({ threads });
  },
  /** @returns how many files were looked at and sound */
  inspect: async (paths: readonly string[]) => {
    if (pool === null) throw new Error('The pool is not open.');
    const { run } = pool;
    const batches: Promise<readonly InspectionAnswer[]>[] = [];
    for (let at = 0; at < paths.length; at += BATCH_SIZE) {
      const requests = paths.slice(at, at + BATCH_SIZE).map((path) => ({ path }));
      batches.push(run('inspect', { requests, limits: DEFAULT_INSPECTION_LIMITS }));
    }
    return (await Promise.all(batches)).flat().filter(({ inspection }) => inspection.integrity === 'ok').length;
  },
};

export type ThreadPoolHost = typeof functions;

serveHost(functions, () => pool?.close());
