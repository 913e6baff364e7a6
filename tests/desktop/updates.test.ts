/** An update that waits, in the built desktop, with a stand-in for what fetches it. */

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
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
  // The machine's own command changes nothing.
  writeFileSync(join(folder, 'xdg-mime'), '#!/bin/sh\n', { mode: 0o755 });
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
      XDG_CONFIG_HOME: join(folder, 'configuration'),
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
  const listen = () =>
    page.evaluate((window) => {
      const states: unknown[] = [];
      Object.assign(window, { states });
      (
        window as unknown as { pixcrawler: { onState(listener: (state: DesktopState) => void): void } }
      ).pixcrawler.onState((state) => void states.push(state.updateVersion));
    });
  await listen();
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
  return { desktop, client, folder, dataDirectory, listen, told, install };
}

test('the page is told of an update that waits, and has it installed', { timeout: 30_000 }, async (context) => {
  const { desktop, dataDirectory, listen, told, install } = await openUpdating(context, 'linux');
  await eventually(async () => (await told()).at(-1) === '1.2.3');
  // One that is loaded again has heard nothing.
  await desktop.evaluate(({ acts }) => acts.crashPage());
  await desktop.until(({ recorded }) => recorded.loads.length === 2);
  await desktop.until(({ recorded }) => !recorded.windows[0]?.window.webContents.isLoading());
  await listen();
  await eventually(async () => (await told()).at(-1) === '1.2.3');
  await desktop.evaluate(
    (_inside, [path]) => {
      const { existsSync } = process.getBuiltinModule('node:fs');
      const { autoUpdater } = globalThis as unknown as { autoUpdater: { quitAndInstall(...given: boolean[]): void } };
      const quitAndInstall = autoUpdater.quitAndInstall.bind(autoUpdater);
      autoUpdater.quitAndInstall = (...given) => {
        process.stdout.write(`the library is open: ${existsSync(path)}\n`);
        quitAndInstall(...given);
      };
    },
    [join(dataDirectory, 'owner.json')] as const,
  );
  install();
  assert.deepEqual(await desktop.exited, { code: 0, signal: null });
  // The library was named on the command line, which what starts anew does not get.
  assert.ok(desktop.output().includes(`installs true true, for ${dataDirectory}\n`), desktop.output());
  assert.match(desktop.output(), /^the library is open: false$/m);
});

test('an AppImage whose update renames it is found by links and by the login', { timeout: 30_000 }, async (context) => {
  const { desktop, client, folder } = await openUpdating(context, 'linux');
  const links = join(folder, 'share/applications/pixcrawler.desktop');
  const logins = join(folder, 'configuration/autostart');
  const login = () => readFileSync(join(logins, readdirSync(logins)[0] ?? ''), 'utf8');
  await client.settings.set({ name: 'desktop.startAtLogin', value: 'true' });
  await eventually(() => existsSync(links) && login().includes('/Pix.AppImage"'));
  await desktop.evaluate(
    (_inside, path) => {
      const { autoUpdater } = globalThis as unknown as { autoUpdater: NodeJS.EventEmitter };
      autoUpdater.emit('appimage-filename-updated', path);
    },
    join(folder, 'Pix-2.AppImage'),
  );
  for (const entry of [readFileSync(links, 'utf8'), login()]) assert.match(entry, /^Exec="\S+\/Pix-2\.AppImage" /m);
  assert.equal((await desktop.close()).code, 0);
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
