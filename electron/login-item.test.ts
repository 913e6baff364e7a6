import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { LaunchItems, LoginItemSettings, Settings } from 'electron';
import { registerLoginItem } from './login-item.ts';
import { makeLibrary, makeState } from './testing/live-library.ts';

const IMAGE = { APPIMAGE: '/apps/PixCrawler.AppImage' };

interface Given {
  readonly environment?: Readonly<Record<string, string>>;
  readonly namedDirectory?: string | null;
  readonly home?: string;
  readonly launchItems?: readonly Partial<LaunchItems>[];
}

async function start(context: TestContext, platform: NodeJS.Platform, given: Given = {}) {
  const { environment = {}, namedDirectory = null } = given;
  const home = given.home ?? (await mkdtemp(join(tmpdir(), 'pixcrawler-login-')));
  context.after(() => rm(home, { recursive: true, force: true }));
  const library = makeLibrary(makeState({ isKnown: false }));
  const items: Settings[] = [];
  const problems: string[] = [];
  const item = registerLoginItem({
    app: {
      setLoginItemSettings: (settings) => void items.push(settings),
      getLoginItemSettings: () => ({ launchItems: given.launchItems ?? [] }) as unknown as LoginItemSettings,
    },
    library,
    platform,
    environment,
    homeDirectory: home,
    executablePath: 'C:\\Program Files\\PixCrawler.exe',
    arguments: ['app'],
    namedDirectory,
    log: (message) => problems.push(message),
  });
  const want = (startAtLogin: boolean) =>
    library.change({ isKnown: true, settings: { ...library.state.settings, startAtLogin } });
  return { home, item, library, items, problems, want };
}

test('on Linux an entry of the autostart folder comes and goes, whole', async (context) => {
  const { home, problems, want } = await start(context, 'linux', { environment: IMAGE });
  const path = join(home, '.config/autostart/pixcrawler.desktop');
  want(false);
  assert.ok(!existsSync(path));
  want(true);
  assert.match(readFileSync(path, 'utf8'), /^Exec="\/apps\/PixCrawler\.AppImage" "app" "--hidden"$/m);
  assert.deepEqual(readdirSync(join(home, '.config/autostart')), ['pixcrawler.desktop']);
  want(false);
  assert.ok(!existsSync(path));
  assert.deepEqual(problems, []);
});

test('on Linux the folder is where the user has it', async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'pixcrawler-xdg-'));
  context.after(() => rm(folder, { recursive: true, force: true }));
  const { want } = await start(context, 'linux', { environment: { XDG_CONFIG_HOME: folder } });
  want(true);
  assert.ok(existsSync(join(folder, 'autostart/pixcrawler.desktop')));
});

test('Windows is given the program and its words, macOS only the wish', async (context) => {
  const windows = await start(context, 'win32');
  windows.want(true);
  windows.want(true);
  assert.deepEqual(windows.items, [
    {
      openAtLogin: true,
      enabled: true,
      path: 'C:\\Program Files\\PixCrawler.exe',
      args: ['app', '--hidden'],
      name: 'dev.pixcrawler.desktop',
    },
  ]);
  const mac = await start(context, 'darwin');
  mac.library.change({});
  assert.deepEqual(mac.items, [], 'nothing is known of the settings yet');
  mac.want(true);
  mac.want(false);
  assert.deepEqual(mac.items, [{ openAtLogin: true }, { openAtLogin: false }]);
});

test('each library has a start of its own', async (context) => {
  const usual = await start(context, 'linux');
  const entries = () => readdirSync(join(usual.home, '.config/autostart')).sort();
  usual.want(true);
  const named = { home: usual.home, namedDirectory: '/data/other' };
  const other = await start(context, 'linux', named);
  other.want(false);
  assert.deepEqual(entries(), ['pixcrawler.desktop'], 'one that is not to be started leaves the other alone');
  other.want(true);
  const [name = ''] = entries();
  assert.match(name, /^pixcrawler-[0-9a-f]{8}\.desktop$/);
  const text = readFileSync(join(usual.home, '.config/autostart', name), 'utf8');
  assert.match(text, /^Exec=".*" "app" "--data-dir" "\/data\/other" "--hidden"$/m);
  usual.want(false);
  assert.deepEqual(entries(), [name]);

  const windows = await start(context, 'win32', { namedDirectory: 'C:\\my data' });
  windows.want(true);
  assert.deepEqual(windows.items[0]?.args, ['app', '--data-dir', 'C:\\my data', '--hidden']);
  assert.match(windows.items[0]?.name ?? '', /^dev\.pixcrawler\.desktop\.[0-9a-f]{8}$/);

  const mac = await start(context, 'darwin', { namedDirectory: '/data/other' });
  mac.want(true);
  mac.want(false);
  assert.deepEqual(mac.items, []);
  assert.equal(mac.problems.length, 1);
});

test('an AppImage whose update has another name is started by that one', async (context) => {
  const { home, item, want } = await start(context, 'linux', { environment: IMAGE });
  const path = join(home, '.config/autostart/pixcrawler.desktop');
  item.moveTo('/apps/PixCrawler-2.AppImage');
  assert.ok(!existsSync(path), 'it was not wanted');
  want(true);
  item.moveTo('/apps/PixCrawler-2.AppImage');
  assert.match(
    readFileSync(path, 'utf8'),
    /^TryExec=\/apps\/PixCrawler-2\.AppImage\nExec="\/apps\/PixCrawler-2\.AppImage" /m,
  );
});

test('what a person switched off with the means of the system stays off until they want it again here', async (context) => {
  const { home, item, want } = await start(context, 'linux', { environment: IMAGE });
  const path = join(home, '.config/autostart/pixcrawler.desktop');
  want(true);
  for (const mark of ['Hidden=true', 'X-GNOME-Autostart-enabled=false']) {
    const switchedOff = `[Desktop Entry]\nExec=old\n${mark}\n`;
    writeFileSync(path, switchedOff);
    const again = await start(context, 'linux', { environment: IMAGE, home });
    again.want(true);
    item.moveTo('/apps/PixCrawler-2.AppImage');
    assert.equal(readFileSync(path, 'utf8'), switchedOff);
  }
  want(false);
  want(true);
  assert.match(readFileSync(path, 'utf8'), /^X-GNOME-Autostart-enabled=true$/m);

  const off = { name: 'dev.pixcrawler.desktop', enabled: false };
  const windows = await start(context, 'win32', { launchItems: [{ name: 'another', enabled: true }, off] });
  windows.want(true);
  assert.equal(windows.items[0]?.enabled, false);
});
