import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Settings } from 'electron';
import { registerLoginItem } from './login-item.ts';
import { makeLibrary, makeState } from './testing/live-library.ts';

async function start(context: TestContext, platform: NodeJS.Platform, environment: Record<string, string> = {}) {
  const home = await mkdtemp(join(tmpdir(), 'pixcrawler-login-'));
  context.after(() => rm(home, { recursive: true, force: true }));
  const library = makeLibrary(makeState({ isKnown: false }));
  const items: Settings[] = [];
  const problems: string[] = [];
  registerLoginItem({
    app: { setLoginItemSettings: (settings) => void items.push(settings) },
    library,
    platform,
    environment,
    homeDirectory: home,
    executablePath: 'C:\\Program Files\\PixCrawler.exe',
    arguments: ['--data-dir', 'C:\\my data'],
    log: (message) => problems.push(message),
  });
  const want = (startAtLogin: boolean) =>
    library.change({ isKnown: true, settings: { ...library.state.settings, startAtLogin } });
  return { home, library, items, problems, want };
}

test('on Linux an entry of the autostart folder comes and goes, whole', async (context) => {
  const { home, problems, want } = await start(context, 'linux', { APPIMAGE: '/apps/PixCrawler.AppImage' });
  const path = join(home, '.config/autostart/pixcrawler.desktop');
  want(false);
  assert.ok(!existsSync(path));
  want(true);
  assert.match(readFileSync(path, 'utf8'), /^Exec="\/apps\/PixCrawler\.AppImage" "--data-dir" ".*" "--hidden"$/m);
  assert.deepEqual(readdirSync(join(home, '.config/autostart')), ['pixcrawler.desktop']);
  want(false);
  assert.ok(!existsSync(path));
  assert.deepEqual(problems, []);
});

test('on Linux the folder is where the user has it', async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'pixcrawler-xdg-'));
  context.after(() => rm(folder, { recursive: true, force: true }));
  const { want } = await start(context, 'linux', { XDG_CONFIG_HOME: folder });
  want(true);
  assert.ok(existsSync(join(folder, 'autostart/pixcrawler.desktop')));
});

test('Windows is given the program and its words, macOS only the wish', async (context) => {
  const windows = await start(context, 'win32');
  windows.want(true);
  windows.want(true);
  assert.deepEqual(windows.items, [
    { openAtLogin: true, path: 'C:\\Program Files\\PixCrawler.exe', args: ['--data-dir', 'C:\\my data', '--hidden'] },
  ]);
  const mac = await start(context, 'darwin');
  mac.library.change({});
  assert.deepEqual(mac.items, [], 'nothing is known of the settings yet');
  mac.want(true);
  mac.want(false);
  assert.deepEqual(mac.items, [{ openAtLogin: true }, { openAtLogin: false }]);
});
