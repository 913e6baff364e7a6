/** An update that waits, in the built desktop, with a stand-in for what fetches it. */

import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { openCore } from '../../core/index.ts';
import type { DesktopState } from '../../shared/host-bridge.ts';
import { clientOf, homeFor, openDesktopFor } from './life.ts';

const UPDATER = new URL('./updater.fixture.ts', import.meta.url).href;

test('the page is told of an update that waits, and has it installed', { timeout: 30_000 }, async (context) => {
  const { folder, dataDirectory } = homeFor(context);
  const home = join(folder, 'home');
  mkdirSync(join(home, 'resources'), { recursive: true });
  writeFileSync(join(home, 'resources', 'app-update.yml'), 'provider: generic\nurl: https://updates.example/\n');
  // Nobody looks for updates before the stand-in is there.
  const core = await openCore({ dataDirectory, environment: {}, version: '0.0.0' });
  await core.client.settings.set({ name: 'desktop.checkForUpdates', value: 'false' });
  await core.close();

  const desktop = await openDesktopFor(context, {
    dataDirectory,
    machine: { home },
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
  const client = await clientOf(desktop);
  await page.evaluate((window) => {
    const states: unknown[] = [];
    Object.assign(window, { states });
    (
      window as unknown as { pixcrawler: { onState(listener: (state: DesktopState) => void): void } }
    ).pixcrawler.onState((state) => void states.push(state.updateVersion));
  });
  await client.settings.set({ name: 'desktop.checkForUpdates', value: 'true' });
  await desktop.until(() => {
    const { autoUpdater } = globalThis as { autoUpdater?: NodeJS.EventEmitter };
    return autoUpdater?.emit('update-downloaded', { version: '1.2.3' });
  });
  let states: readonly unknown[] = [];
  for (let wait = 0; wait < 100 && states.at(-1) !== '1.2.3'; wait++) {
    states = await page.evaluate((window) => [...(window as unknown as { states: unknown[] }).states]);
  }
  assert.equal(states.at(-1), '1.2.3');

  // It may be gone before it can answer.
  void page
    .evaluate((window) =>
      (window as unknown as { pixcrawler: { installUpdate(): Promise<void> } }).pixcrawler.installUpdate(),
    )
    .catch(() => undefined);
  assert.deepEqual(await desktop.exited, { code: 0, signal: null });
  assert.match(desktop.output(), /^installs false true$/m);
});
