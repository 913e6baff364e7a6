/** The broker of worker processes, alone in a main process, over workers that do not end by themselves. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { MessagePortMain } from 'electron';
import type { MessageToCore } from '../../electron/core-protocol.ts';
import type { WorkerBroker } from '../../electron/worker-broker.ts';
import { WORKER_FLAGS } from '../../shared/worker-environment.ts';
import { REPOSITORY, temporaryFolder } from '../reliability/product.ts';
import { type Desktop, startDesktopFor } from './harness.ts';

interface Brokered {
  readonly broker: WorkerBroker;
  readonly entry: string;
  readonly told: readonly MessageToCore[];
  readonly ports: readonly MessagePortMain[];
}

async function start(context: TestContext): Promise<Desktop> {
  const dataDirectory = join(await temporaryFolder(context, 'workers'), 'library');
  const entry = fileURLToPath(new URL('./broker.fixture.ts', import.meta.url));
  return startDesktopFor(context, { dataDirectory, entry });
}
const told = (desktop: Desktop) => desktop.evaluate(() => (globalThis as unknown as Brokered).told);
const exitCodes = (desktop: Desktop) =>
  desktop.evaluate(({ recorded }) => recorded.utilityProcesses.map(({ exitCode }) => exitCode));

test('nothing is started but the one program', async (context) => {
  const desktop = await start(context);
  await desktop.evaluate(() => (globalThis as unknown as Brokered).broker.spawn(1, '/bin/another'));
  const [refusal, ...others] = await told(desktop);
  assert.ok(refusal?.type === 'exited' && /^Only .* may be started, not \/bin\/another/.test(refusal.exit.errorTail));
  assert.deepEqual([others, await exitCodes(desktop)], [[], []]);
});

test('a worker has the flags, and what it said last is told with its end', async (context) => {
  const desktop = await start(context);
  await desktop.evaluate(() => {
    const { broker, entry } = globalThis as unknown as Brokered;
    broker.spawn(1, entry);
  });
  const flags = await desktop.until(({ recorded }) => recorded.utilityProcesses[0]?.options.execArgv);
  assert.deepEqual(flags, [`--js-flags=${WORKER_FLAGS.join(' ')}`]);
  await desktop.until(() => (globalThis as unknown as Brokered).told.length === 1);
  await desktop.evaluate(() => (globalThis as unknown as Brokered).ports[0]?.postMessage('die'));
  await desktop.until(({ recorded }) => recorded.utilityProcesses[0]?.exitCode !== null);
  const endedAt = performance.now();
  await desktop.until(() => (globalThis as unknown as Brokered).told.length === 2);
  assert.ok(performance.now() - endedAt < 700, 'the end of its output was not heard');
  const [, exited] = await told(desktop);
  assert.ok(exited?.type === 'exited');
  assert.deepEqual(exited.exit, { code: 7, signal: null, outputTail: '', errorTail: 'last words' });
});

test('that V8 gave up in a worker is told with its end, and main goes on', async (context) => {
  const desktop = await start(context);
  await desktop.evaluate(() => {
    const { broker, entry } = globalThis as unknown as Brokered;
    broker.spawn(1, entry);
  });
  await desktop.until(() => (globalThis as unknown as Brokered).told.length === 1);
  await desktop.evaluate(({ recorded, acts }) => {
    setImmediate(() => acts.failFatally(recorded.utilityProcesses[0]!.pid, 'v8::ToLocalChecked'));
  });
  await desktop.until(() => (globalThis as unknown as Brokered).told.length === 2);
  const [, exited] = await told(desktop);
  assert.ok(exited?.type === 'exited');
  assert.deepEqual([exited.exit.code, exited.exit.errorTail], [11, 'FatalError in v8::ToLocalChecked\n']);
});

test('a worker that is to end before it has begun ends when it has', async (context) => {
  const desktop = await start(context);
  await desktop.evaluate(() => {
    const { broker, entry } = globalThis as unknown as Brokered;
    broker.spawn(1, entry);
    broker.kill(1);
  });
  await desktop.until(({ recorded }) => recorded.utilityProcesses[0]?.exitCode === 9);
  await desktop.until(() => (globalThis as unknown as Brokered).told.some(({ type }) => type === 'exited'));
});

test('all workers end with their core, and nobody is told of it', async (context) => {
  const desktop = await start(context);
  await desktop.evaluate(() => {
    const { broker, entry } = globalThis as unknown as Brokered;
    for (const id of [1, 2]) broker.spawn(id, entry);
  });
  await desktop.until(() => (globalThis as unknown as Brokered).told.length === 2);
  await desktop.evaluate(() => {
    const { broker, entry } = globalThis as unknown as Brokered;
    broker.spawn(3, entry);
    broker.close();
    broker.spawn(4, entry);
  });
  await desktop.until(({ recorded }) => recorded.utilityProcesses.every(({ exitCode }) => exitCode === 9));
  assert.deepEqual(
    [(await exitCodes(desktop)).length, (await told(desktop)).map(({ type }) => type)],
    [3, ['spawned', 'spawned']],
  );
});

for (const [program, exitCode] of [
  ['electron/core-process.ts', 1],
  ['workers/worker-process.ts', 9],
] as const) {
  test(`${program} ends with a rejection that nobody handles, of which Electron only warns`, async (context) => {
    const desktop = await start(context);
    await desktop.evaluate(
      ({ electron }, [fixture, path]) => {
        electron.utilityProcess.fork(fixture, [path], { stdio: ['ignore', 'ignore', 'inherit'] });
      },
      [fileURLToPath(new URL('./rejecting.fixture.ts', import.meta.url)), join(REPOSITORY, program)] as const,
    );
    await desktop.until(({ recorded }) => recorded.utilityProcesses[0]?.exitCode !== null);
    assert.deepEqual(await exitCodes(desktop), [exitCode]);
    assert.match(desktop.output(), /Error: nobody waits for this/);
  });
}
