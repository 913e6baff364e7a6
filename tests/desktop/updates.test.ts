/** An update that waits, in the built desktop, with a stand-in for what fetches it. */

import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { openCore } from '../../core/index.ts';
import type { DesktopState } from '../../shared/host-bridge.ts';
import { clientOf, eventually, homeFor, openDesktopFor } from './life.ts';

const UPDATER = new URL('./updater.fixture.ts', import.meta.url).href;

/** The built desktop on a system, with the stand-in; nobody has looked for updates before that was there. */
async function openUpdating(context: TestContext, platform: 'linux' | 'darwin' | 'win32') {
  const { folder, dataDirectory } = homeFor(context);
  const home = join(folder, 'home');
  mkdirSync(join(home, 'resources'), { recursive: true });
  writeFileSync(
    join(home, 'resources', 'app-update.yml'),
    'provider: generic\nurl: https://updates.example/\npublisherName: [PixCrawler]\n',
  );
  const core = await openCore({ dataDirectory, environment: {}, version: '0.0.0' });
  await core.client.settings.set({ name: 'desktop.checkForUpdates', value: 'false' });
  await core.close();

  const desktop = await openDesktopFor(context, {
    dataDirectory,
    machine: { home, platform },
    // What is run here is Node, in its folder.
    environment: {
      APPIMAGE: join(folder, 'Pix.AppImage'),
      APPDIR: dirname(process.execPath),
      XDG_DATA_HOME: join(folder, 'share'),
      PATH: folder,
    },
  });
  await desktop.evaluate(async (_inside, url) => {
    const { registerHooks } = await import('node:module');
    registerHooks({
      resolve: (specifier, hooked, next) =>
        specifier === 'electron-updater' ? { url, shortCircuit: true } : next(specifier, hooked),
    });
  }, UPDATER);
  const page = await desktop.page();
  await page.evaluate((window) => {
    const states: unknown[] = [];
    Object.assign(window, { states });
    (
      window as unknown as { pixcrawler: { onState(listener: (state: DesktopState) => void): void } }
    ).pixcrawler.onState((state) => void states.push(state.updateVersion));
  });
  const client = await clientOf(desktop);
  await client.settings.set({ name: 'desktop.checkForUpdates', value: 'true' });
  await desktop.until(() => {
    const { autoUpdater } = globalThis as { autoUpdater?: NodeJS.EventEmitter };
    return autoUpdater?.emit('update-downloaded', { version: '1.2.3' });
  });
  const told = () => page.evaluate((window) => [...(window as unknown as { states: unknown[] }).states]);
  /** The program may be gone before it can answer. */
  const install = () =>
    void page
      .evaluate((window) =>
        (window as unknown as { pixcrawler: { installUpdate(): Promise<void> } }).pixcrawler.installUpdate(),
      )
      .catch(() => undefined);
  return { desktop, dataDirectory, told, install };
}

test('the page is told of an update that waits, and has it installed', { timeout: 30_000 }, async (context) => {
  const { desktop, dataDirectory, told, install } = await openUpdating(context, 'linux');
  await eventually(async () => (await told()).at(-1) === '1.2.3');
  install();
  assert.deepEqual(await desktop.exited, { code: 0, signal: null });
  // The library was named on the command line, which what starts anew does not get.
  assert.ok(desktop.output().includes(`installs true true, for ${dataDirectory}\n`), desktop.output());
});

test('on macOS the page is told when the system has taken it', { timeout: 30_000 }, async (context) => {
  const { desktop, told } = await openUpdating(context, 'darwin');
  assert.ok(!(await told()).includes('1.2.3'));
  await desktop.evaluate(({ electron }) => electron.autoUpdater.emit('update-downloaded'));
  await eventually(async () => (await told()).at(-1) === '1.2.3');
  assert.equal((await desktop.close()).code, 0);
});

test('on Windows no installer passes that nothing could look at', { timeout: 30_000 }, async (context) => {
  const { desktop, told } = await openUpdating(context, 'win32');
  await eventually(async () => (await told()).at(-1) === '1.2.3');
  const reason = await desktop.evaluate(() => {
    type Verify = (publishers: readonly string[], path: string) => Promise<string | null>;
    const { autoUpdater } = globalThis as unknown as { autoUpdater: { verifyUpdateCodeSignature?: Verify } };
    return autoUpdater.verifyUpdateCodeSignature?.(['PixCrawler'], 'C:\\update.exe');
  });
  assert.match(reason ?? 'accepted', /PowerShell could not look/);
  assert.equal((await desktop.close()).code, 0);
});
