/** Worker processes do not outlive the core. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { FAKE_TASKS, isRunning, onLinux, until } from './pools.ts';

const POOL = new URL('../../core/workers/worker-pool.ts', import.meta.url).href;

/** A core of its own: keeps two processes busy with a command and prints their ids. */
function startCore(command: string): ChildProcess {
  const script = `
    const { createWorkerPool } = await import(${JSON.stringify(POOL)});
    const pool = createWorkerPool({ processes: 2, taskModule: ${JSON.stringify(FAKE_TASKS)} });
    void pool.inspect(Array.from({ length: 100 }, () => ({ path: ${JSON.stringify(command)} })));
    let told = '';
    setInterval(() => {
      const pids = pool.status().processes.flatMap(({ pid }) => pid ?? []).join(' ');
      if (pids !== told) console.log(told = pids);
    }, 5);
  `;
  return spawn(process.execPath, ['--input-type=module', '--eval', script], { stdio: ['ignore', 'pipe', 'inherit'] });
}

for (const [command, waitMs] of [
  ['spin', 0],
  ['spin', 150],
  ['spin', 600],
  ['slow:20', 400],
] as const) {
  test(`G7.9 a core killed ${waitMs} ms into "${command}" leaves no process after 2 s`, {
    skip: !onLinux,
  }, async () => {
    const core = startCore(command);
    const seen = new Set<number>();
    core.stdout?.on('data', (chunk: Buffer) => {
      for (const word of chunk.toString().trim().split(/\s+/)) seen.add(Number(word));
    });
    await until('the core has started its processes', () => seen.size >= 2);
    await sleep(waitMs);
    core.kill('SIGKILL');
    await once(core, 'exit');
    await until('all worker processes are gone', () => ![...seen].some(isRunning), 2000);
  });
}
