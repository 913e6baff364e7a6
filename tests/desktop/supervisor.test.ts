/** The supervisor alone in a main process, over a core that stays and does nothing. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { CoreSupervisor } from '../../electron/core-supervisor.ts';
import { CORE_RESTARTS } from '../../electron/restart-policy.ts';
import { temporaryFolder } from '../reliability/product.ts';
import { type Desktop, startDesktopFor } from './harness.ts';

type Supervised = { readonly supervisor: CoreSupervisor };

async function start(context: TestContext): Promise<Desktop> {
  const dataDirectory = join(await temporaryFolder(context, 'supervisor'), 'library');
  const entry = fileURLToPath(new URL('./supervisor.fixture.ts', import.meta.url));
  const desktop = await startDesktopFor(context, { dataDirectory, entry });
  await desktop.until(({ recorded }) => recorded.utilityProcesses[0]?.pid);
  return desktop;
}

test('a core that is started while its restart waits is the only one', async (context) => {
  const desktop = await start(context);
  process.kill(await desktop.until(({ recorded }) => recorded.utilityProcesses[0]?.pid), 'SIGKILL');
  await desktop.until(() => (globalThis as unknown as Supervised).supervisor.state === 'restarting');
  await desktop.evaluate(() => (globalThis as unknown as Supervised).supervisor.start());
  await new Promise((resolve) => setTimeout(resolve, CORE_RESTARTS.firstDelayMs + 100));
  assert.equal(await desktop.evaluate(({ recorded }) => recorded.utilityProcesses.length), 2);
});

test('a supervisor that was stopped starts nothing more, neither by itself nor when it is asked', async (context) => {
  const desktop = await start(context);
  process.kill(await desktop.until(({ recorded }) => recorded.utilityProcesses[0]?.pid), 'SIGKILL');
  await desktop.until(() => (globalThis as unknown as Supervised).supervisor.state === 'restarting');
  const state = await desktop.evaluate(async () => {
    const { supervisor } = globalThis as unknown as Supervised;
    await supervisor.stop();
    supervisor.start();
    return supervisor.state;
  });
  assert.equal(state, 'stopped');
  await new Promise((resolve) => setTimeout(resolve, CORE_RESTARTS.firstDelayMs + 100));
  assert.equal(await desktop.evaluate(({ recorded }) => recorded.utilityProcesses.length), 1);
});

test('a process that never begins is given up, tried again, and keeps nobody from ending', async (context) => {
  const desktop = await start(context);
  const core = await desktop.until(({ recorded }) => recorded.utilityProcesses[0]?.pid);
  await desktop.evaluate(({ electron }) => {
    // Half a minute is too long for a test.
    const wait = globalThis.setTimeout;
    globalThis.setTimeout = ((run: () => void, ms?: number) => wait(run, (ms ?? 0) / 50)) as typeof wait;
    const { EventEmitter } = process.getBuiltinModule('node:events');
    const { fork } = electron.utilityProcess;
    let unborn = 0;
    electron.utilityProcess.fork = (...given) => {
      unborn += 1;
      Object.assign(globalThis, { unborn });
      if (unborn === 3) return fork(...given);
      const child = { pid: undefined, stdout: null, stderr: null, postMessage: () => undefined, kill: () => false };
      return Object.assign(new EventEmitter(), child) as unknown as ReturnType<typeof fork>;
    };
  });
  process.kill(core, 'SIGKILL');
  await desktop.until(({ recorded }) => recorded.utilityProcesses.length === 2);
  assert.equal(await desktop.evaluate(() => (globalThis as unknown as { unborn: number }).unborn), 3);
  const next = await desktop.until(({ recorded }) => recorded.utilityProcesses[1]?.pid);
  process.kill(next, 'SIGKILL');
  await desktop.until(() => (globalThis as unknown as { unborn: number }).unborn === 4);
  const state = await desktop.evaluate(async () => {
    const { supervisor } = globalThis as unknown as Supervised;
    await supervisor.stop();
    return supervisor.state;
  });
  assert.equal(state, 'stopped');
});

test('an image is not waited for for ever, and not at all where no core comes', async (context) => {
  const desktop = await start(context);
  const statuses = await desktop.evaluate(async () => {
    const { supervisor } = globalThis as unknown as Supervised;
    // Half a minute is too long for a test.
    const wait = globalThis.setTimeout;
    globalThis.setTimeout = ((run: () => void, ms?: number, ...given: []) =>
      wait(run, (ms ?? 0) / 50, ...given)) as typeof wait;
    const ask = () => supervisor.media({ kind: 'thumb', sha256: '0'.repeat(64), isHead: false, headers: {} });
    const silent = await ask();
    await supervisor.stop();
    globalThis.setTimeout = wait;
    const startedAt = performance.now();
    const ended = await ask();
    return [silent.status, ended.status, performance.now() - startedAt < 5_000];
  });
  assert.deepEqual(statuses, [503, 503, true]);
});
