/** Pools of misbehaving tasks, and how to look at processes from outside. */

import { readFileSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { WorkerPoolOptions } from '../../core/workers/pool-options.ts';
import { createWorkerPool, type WorkerPool } from '../../core/workers/worker-pool.ts';
import type { InspectionAnswer, InspectionRequest } from '../../shared/inspection.ts';
import type { TaskInput } from '../../workers/tasks.ts';

export const FAKE_TASKS = new URL('./fake-tasks.ts', import.meta.url).href;

/** A pool of two processes on the fake tasks, closed when the test ends. */
export function fakePool(t: TestContext, options: WorkerPoolOptions = {}): WorkerPool {
  const pool = createWorkerPool({ processes: 2, extraProcesses: 2, taskModule: FAKE_TASKS, ...options });
  t.after(() => pool.close());
  return pool;
}

export function requestsOf(commands: readonly string[]): InspectionRequest[] {
  return commands.map((path) => ({ path }));
}

export function pageOf(path: string): TaskInput<'extract-page'> {
  return { path, url: 'https://example.org/', contentType: null, maxLinks: 1, maxImages: 1 };
}

/** `ok:<command>` or `<integrity>:<reason>`, in order. */
export function verdicts(answers: readonly InspectionAnswer[]): string[] {
  return answers.map(({ inspection }) =>
    inspection.integrity === 'ok' ? `ok:${inspection.detail}` : `${inspection.integrity}:${inspection.reason}`,
  );
}

export function pids(pool: WorkerPool): number[] {
  return pool.status().processes.flatMap(({ pid, state }) => (pid !== undefined && state === 'ready' ? [pid] : []));
}

/** Whether a process runs. A dead one that nobody has waited for yet is dead all the same. */
export function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

/** Resident memory of a process in bytes; 0 when it is gone. */
export function rssOf(pid: number): number {
  try {
    return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}

/** CPU time of a process so far, in ms. */
export function cpuMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** Waits until something holds; throws when it does not within the time. */
export async function until(what: string, holds: () => boolean, limitMs = 10_000): Promise<void> {
  const endMs = performance.now() + limitMs;
  while (!holds()) {
    if (performance.now() > endMs) throw new Error(`Expected within ${limitMs} ms: ${what}`);
    await sleep(5);
  }
}

export const onLinux = process.platform === 'linux';
