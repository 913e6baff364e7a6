/** What isolation costs against the same threads in this process. */

import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { test } from 'node:test';
import { DEFAULT_INSPECTION_LIMITS } from '../../shared/inspection.ts';
import { createTaskThreadPool } from '../../workers/task-thread-pool.ts';
import { FAKE_TASKS, fakePool, requestsOf } from './pools.ts';

const BATCH_SIZE = 20;

test('G7.10 isolation costs at most 15% of the throughput of threads', async (t) => {
  const processes = Math.min(2, availableParallelism());
  const pool = fakePool(t, { processes });
  const threads = createTaskThreadPool({ threads: processes, taskModule: FAKE_TASKS });
  t.after(() => threads.close());
  // Each item takes 2 ms by the clock, less than any real image.
  const requests = requestsOf(Array.from({ length: 400 }, () => 'busy:2'));

  async function onThreadsMs(): Promise<number> {
    const startMs = performance.now();
    const batches: Promise<unknown>[] = [];
    for (let at = 0; at < requests.length; at += BATCH_SIZE) {
      const batch = requests.slice(at, at + BATCH_SIZE);
      batches.push(threads.run('inspect', { requests: batch, limits: DEFAULT_INSPECTION_LIMITS }));
    }
    await Promise.all(batches);
    return performance.now() - startMs;
  }
  async function inProcessesMs(): Promise<number> {
    const startMs = performance.now();
    await pool.inspect(requests, { lane: 'bulk' });
    return performance.now() - startMs;
  }

  await onThreadsMs();
  await inProcessesMs();
  const ratios: number[] = [];
  for (let round = 0; round < 5; round += 1) ratios.push((await onThreadsMs()) / (await inProcessesMs()));
  // The best round is the one least disturbed by whatever else the machine does.
  assert.ok(Math.max(...ratios) >= 0.85, `throughput against threads: ${ratios.map((r) => r.toFixed(2)).join(', ')}`);
});
