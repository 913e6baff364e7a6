/** The fake itself: ports across processes, pages, and what it refuses as Electron does. */

import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from '../../reliability/product.ts';
import { type Desktop, startDesktopFor } from '../harness.ts';

const ENTRY = fileURLToPath(new URL('./main.fixture.ts', import.meta.url));

interface Bridge {
  add(left: number, right: number): Promise<number>;
  missing(): Promise<void>;
  pathOf(file: File): string;
  connect(): void;
  hasNode(): boolean;
}
type InBridge = Window & typeof globalThis & { readonly bridge: Bridge };
interface Reply {
  readonly isBytes: boolean;
  readonly seen: readonly unknown[];
}

/** Where electron.d.ts says that an event comes: `@platform darwin,win32` before its first listener. */
function platformsOf(declarations: string, event: string): readonly string[] {
  const [before = ''] = declarations.split(` on(event: '${event}'`);
  const comment = before.slice(before.lastIndexOf('/**'));
  return /@platform (\S+)/.exec(comment)?.[1]?.split(',') ?? ['darwin', 'linux', 'win32'];
}

async function start(context: TestContext, dataDirectory?: string): Promise<Desktop> {
  const folder = dataDirectory ?? (await temporaryFolder(context, 'fake-electron'));
  return startDesktopFor(context, { dataDirectory: join(folder, 'data'), entry: ENTRY });
}

/** What comes next through a port. */
function next(port: EventTarget): Promise<Reply> {
  return new Promise((resolve) =>
    port.addEventListener('message', (event) => resolve((event as MessageEvent<Reply>).data), { once: true }),
  );
}

test('a port between a page and a utility process keeps its order, and bytes stay bytes', async (context) => {
  const desktop = await start(context);
  const page = await desktop.page();
  await desktop.until(({ recorded }) => recorded.loads.length > 0);
  await page.evaluate((window) => (window as InBridge).bridge.connect());
  const port = (await page.port()) as unknown as MessagePort;
  const first = next(port);
  port.start();
  assert.deepEqual(await first, { isBytes: false, seen: [{ early: 1 }] });
  const second = next(port);
  port.postMessage(Buffer.from([1, 2, 3]));
  const { isBytes, seen } = await second;
  assert.equal(isBytes, true);
  assert.deepEqual(seen, [{ early: 1 }, new Uint8Array([1, 2, 3])]);
  const many = Array.from({ length: 200 }, (_, index) => index);
  const all = new Promise<Reply>((resolve) => {
    port.addEventListener('message', (event) => {
      if (event.data.seen.length === 202) resolve(event.data);
    });
  });
  for (const each of many) port.postMessage(each);
  assert.deepEqual((await all).seen.slice(2), many);
});

test('both ends of a port are told when one is closed, or its process dies', async (context) => {
  for (const end of ['close', 'die'] as const) {
    const desktop = await start(context);
    const page = await desktop.page();
    await desktop.until(({ recorded }) => recorded.loads.length > 0);
    await page.evaluate((window) => (window as InBridge).bridge.connect());
    const port = (await page.port()) as unknown as MessagePort;
    port.start();
    const closed = new Promise((resolve) => port.addEventListener('close', resolve));
    port.postMessage(end);
    await closed;
    if (end === 'close') {
      await desktop.until(() => (globalThis as { fromWorker?: { closed?: true } }).fromWorker?.closed);
    } else {
      const exit = await desktop.until(() => (globalThis as { workerExit?: unknown }).workerExit);
      assert.deepEqual(exit, { code: 9, output: 'began with a word' });
      assert.equal(await desktop.evaluate(({ recorded }) => recorded.utilityProcesses[0]?.exitCode), 9);
    }
    assert.deepEqual(await desktop.close(), { code: 0, signal: null });
  }
});

test('a page has its bridge, frozen, and nothing of Node', async (context) => {
  const desktop = await start(context);
  const page = await desktop.page();
  await desktop.until(({ recorded }) => recorded.loads.length > 0);
  const seen = await page.evaluate(async (window, { fileAt }) => {
    const { bridge } = window as InBridge;
    return {
      sum: await bridge.add(2, 3),
      missing: await bridge.missing().catch((error: Error) => error.message),
      path: bridge.pathOf(fileAt('/somewhere/a.jpg')),
      none: bridge.pathOf(new File([], 'a.jpg')),
      isFrozen: Object.isFrozen(bridge),
      hasNode: bridge.hasNode(),
      names: ['require', 'process', 'module', 'Buffer'].filter((name) => name in window),
      origin: window.location.origin,
    };
  });
  assert.deepEqual(seen, {
    sum: 5,
    missing: "Error invoking remote method 'missing': Error: No handler registered for 'missing'",
    path: '/somewhere/a.jpg',
    none: '',
    isFrozen: true,
    hasNode: false,
    names: [],
    origin: 'test://app',
  });
});

test('a second instance is told no, the first what it was started with', async (context) => {
  const folder = await temporaryFolder(context, 'fake-electron');
  const first = await start(context, folder);
  await first.evaluate(({ electron }) => {
    electron.app.on('second-instance', (_event, argv) => Object.assign(globalThis, { argv }));
  });
  const second = await startDesktopFor(context, {
    dataDirectory: join(folder, 'data'),
    entry: ENTRY,
    arguments: ['--more'],
  });
  assert.deepEqual(await second.exited, { code: 0, signal: null });
  const argv = await first.until(() => (globalThis as { argv?: string[] }).argv);
  assert.equal(argv.at(-1), '--more');
});

test('the plug is told of where Electron declares that it is', async (context) => {
  const declarations = await readFile(createRequire(import.meta.url).resolve('electron/electron.d.ts'), 'utf8');
  for (const platform of ['darwin', 'linux', 'win32'] as const) {
    const folder = await temporaryFolder(context, 'fake-electron');
    const machine = { platform };
    const desktop = await startDesktopFor(context, { dataDirectory: join(folder, 'data'), entry: ENTRY, machine });
    const told = await desktop.evaluate(({ electron: { powerMonitor }, acts }) => {
      const events: string[] = [];
      powerMonitor.on('on-battery', () => events.push('on-battery'));
      powerMonitor.on('on-ac', () => events.push('on-ac'));
      acts.setBattery(true, 0.5);
      const isOnBattery = powerMonitor.isOnBatteryPower();
      acts.setBattery(false, 0.5);
      return { events, isOnBattery };
    });
    const expected = ['on-battery', 'on-ac'].filter((event) => platformsOf(declarations, event).includes(platform));
    // Chromium does not look at the battery of a Linux.
    assert.deepEqual(told, { events: expected, isOnBattery: platform !== 'linux' }, platform);
  }
});

test('what Electron offers later, or earlier, is refused', async (context) => {
  const desktop = await start(context);
  const refused = await desktop.evaluate(({ electron }) => {
    const attempts = [
      () => electron.protocol.registerSchemesAsPrivileged([]),
      () => electron.app.enableSandbox(),
      () => electron.app.setPath('userData', '/there/is/no/such/folder'),
      () => electron.app.setPath('nothing', '/'),
    ];
    return attempts.filter((attempt) => {
      try {
        attempt();
        return false;
      } catch {
        return true;
      }
    }).length;
  });
  assert.equal(refused, 4);

  const folder = await temporaryFolder(context, 'fake-electron');
  const entry = join(folder, 'main.mjs');
  await writeFile(entry, "import { BrowserWindow } from 'electron';\nnew BrowserWindow();\n");
  const early = await startDesktopFor(context, { dataDirectory: join(folder, 'data'), entry });
  assert.deepEqual([(await early.exited).code, /before app is ready/.test(early.output())], [1, true]);
});
