import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { desktopSettingsOf } from './desktop-settings.ts';
import { makeLibrary, makeState } from './testing/live-library.ts';
import { type Packaging, whyNoUpdates } from './update-rules.ts';
import { createUpdates, type Updater } from './updates.ts';

const CONFIGURATION = 'provider: generic\nurl: https://updates.example/\npublisherName:\n  - PixCrawler\n';
const INSTALLED: Packaging = {
  isPackaged: true,
  platform: 'linux',
  isAppImage: true,
  configuration: CONFIGURATION,
};

test('what the system or the sources update does not update itself', () => {
  assert.equal(whyNoUpdates(INSTALLED), null);
  assert.match(whyNoUpdates({ ...INSTALLED, isPackaged: false }) ?? '', /from its sources/);
  assert.match(whyNoUpdates({ ...INSTALLED, isAppImage: false }) ?? '', /package manager/);
  assert.match(whyNoUpdates({ ...INSTALLED, configuration: null }) ?? '', /without an address/);
});

test('nothing is updated that could not be checked', () => {
  const unsigned = CONFIGURATION.split('publisherName')[0]!;
  const plain = CONFIGURATION.replace('https', 'http');
  const platforms = fc.constantFrom<NodeJS.Platform>('linux', 'darwin', 'win32');
  fc.assert(
    fc.property(platforms, fc.boolean(), (platform, isAppImage) => {
      assert.notEqual(whyNoUpdates({ ...INSTALLED, platform, isAppImage, configuration: plain }), null);
    }),
  );
  assert.match(whyNoUpdates({ ...INSTALLED, platform: 'win32', configuration: unsigned }) ?? '', /not signed/);
  assert.equal(whyNoUpdates({ ...INSTALLED, platform: 'win32' }), null);
  // macOS itself refuses what another has signed.
  assert.equal(whyNoUpdates({ ...INSTALLED, platform: 'darwin', configuration: unsigned }), null);
});

class FakeUpdater extends EventEmitter implements Updater {
  autoDownload = false;
  autoInstallOnAppQuit = false;
  allowDowngrade = true;
  allowPrerelease = false;
  channel: string | null = null;
  logger: Updater['logger'] = null;
  readonly calls: string[] = [];
  failure: Error | null = null;
  verifyUpdateCodeSignature?: Exclude<Updater['verifyUpdateCodeSignature'], undefined>;

  async checkForUpdates(): Promise<unknown> {
    this.calls.push(`check ${this.channel}`);
    if (this.failure === null) return null;
    this.emit('error', this.failure);
    throw this.failure;
  }

  quitAndInstall(isSilent?: boolean, isForceRunAfter?: boolean): void {
    this.calls.push(`install ${isSilent} ${isForceRunAfter}`);
  }
}

type Values = Readonly<Partial<Pick<ReturnType<typeof desktopSettingsOf>, 'checkForUpdates' | 'updateChannel'>>>;
const settings = (values: Values = {}) => ({ ...desktopSettingsOf([]), ...values });

interface Surroundings {
  readonly checkEveryMs?: number;
  readonly platform?: NodeJS.Platform;
  readonly namedDirectory?: string | null;
  readonly environment?: Record<string, string | undefined>;
}

/** A packed program whose core has been heard, and whose updater is a fake one. */
async function start(context: TestContext, values: Values = {}, surroundings: Surroundings = {}) {
  const resourcesPath = await mkdtemp(join(tmpdir(), 'pixcrawler-updates-'));
  context.after(() => rm(resourcesPath, { recursive: true }));
  await writeFile(join(resourcesPath, 'app-update.yml'), CONFIGURATION);
  const updater = new FakeUpdater();
  const nativeUpdater = new EventEmitter();
  const library = makeLibrary(makeState({ isKnown: false }));
  const seen: string[] = [];
  const updates = createUpdates({
    isPackaged: true,
    platform: 'linux',
    environment: { APPIMAGE: '/opt/PixCrawler.AppImage' },
    namedDirectory: null,
    nativeUpdater,
    resourcesPath,
    library,
    onWaiting: (version) => void seen.push(`waiting ${version}`),
    onMoved: (path) => void seen.push(`moved to ${path}`),
    endBy: (end) => {
      seen.push('stopped');
      end();
    },
    log: {
      write: (level, message) => void seen.push(`${level}: ${message}`),
      error: (error) => void seen.push(`error: ${(error as Error).message}`),
    },
    loadUpdater: async () => updater,
    ...surroundings,
  });
  context.after(() => updates.stop());
  await settle();
  library.change({ isKnown: true, settings: settings(values) });
  library.connect();
  await settle();
  const change = async (next: Values) => {
    library.change({ settings: settings(next) });
    await settle();
  };
  return { updater, nativeUpdater, library, updates, seen, change };
}

/** Long enough for what reads a small file. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 50));

test('it looks for updates when the settings are known, and downloads them for the end of the program', async (context) => {
  const { updater, updates } = await start(context);
  assert.deepEqual(updater.calls, ['check latest']);
  assert.deepEqual(
    [updater.autoDownload, updater.autoInstallOnAppQuit, updater.allowDowngrade, updater.allowPrerelease],
    [true, true, false, false],
  );
  assert.equal(updates.version, null);
});

test('it tells where an update has put the program', async (context) => {
  const { updater, seen } = await start(context);
  updater.emit('appimage-filename-updated', '/opt/PixCrawler-2.AppImage');
  assert.deepEqual(seen, ['moved to /opt/PixCrawler-2.AppImage']);
});

test('it looks again after a while, until it is stopped', async (context) => {
  const { updater, updates } = await start(context, {}, { checkEveryMs: 40 });
  await settle();
  await settle();
  assert.ok(updater.calls.length >= 3);
  updates.stop();
  const { length } = updater.calls;
  await settle();
  assert.equal(updater.calls.length, length);
});

test('a change of the settings leaves no look of before behind', async (context) => {
  const { updater, change } = await start(context, { updateChannel: 'beta' }, { checkEveryMs: 60 });
  await change({ updateChannel: 'latest' });
  await change({ checkForUpdates: false });
  const { length } = updater.calls;
  await settle();
  await settle();
  assert.equal(updater.calls.length, length, 'turned off it looks no more');
});

test('turned off it asks nobody, and what was fetched is not installed', async (context) => {
  const { updater, change } = await start(context, { checkForUpdates: false });
  assert.deepEqual(updater.calls, []);
  await change({ checkForUpdates: true });
  assert.deepEqual([updater.calls, updater.autoInstallOnAppQuit], [['check latest'], true]);
  await change({ checkForUpdates: false });
  assert.deepEqual([updater.calls, updater.autoInstallOnAppQuit], [['check latest'], false]);
});

test('another channel is looked at at once, and leaving the beta never goes back a version', async (context) => {
  const { updater, change } = await start(context, { updateChannel: 'beta' });
  assert.deepEqual([updater.calls, updater.allowPrerelease], [['check beta'], true]);
  await change({ updateChannel: 'latest' });
  assert.deepEqual(updater.calls, ['check beta', 'check latest']);
  assert.deepEqual([updater.allowPrerelease, updater.allowDowngrade], [false, false]);
});

test('other changes of the library, and another core, are no reason to look', async (context) => {
  const { updater, library } = await start(context);
  library.change({ holds: ['battery'] });
  library.connect();
  await settle();
  assert.deepEqual(updater.calls, ['check latest']);
});

test('a failure is one line in the log', async (context) => {
  const { updater, seen, change } = await start(context, { checkForUpdates: false });
  updater.failure = new Error('net::ERR_INTERNET_DISCONNECTED');
  await change({});
  assert.deepEqual(seen, ['error: net::ERR_INTERNET_DISCONNECTED']);
});

test('what waits is told and installed once the program has stopped', async (context) => {
  const { updater, updates, seen } = await start(context);
  assert.throws(() => updates.install(), { code: 'conflict' });
  updater.emit('update-downloaded', { version: '1.2.3' });
  assert.equal(updates.version, '1.2.3');
  updates.install();
  assert.deepEqual(seen, ['info: An update waits to be installed.', 'waiting 1.2.3', 'stopped']);
  // Without a wizard that waits for somebody, and with a start afterwards.
  assert.equal(updater.calls.at(-1), 'install true true');
});

test('on macOS nothing waits before the system has copied and checked it', async (context) => {
  const { updater, nativeUpdater, updates, seen } = await start(context, {}, { platform: 'darwin' });
  nativeUpdater.emit('update-downloaded');
  updater.emit('update-downloaded', { version: '1.2.3' });
  assert.deepEqual([updates.version, seen], [null, []]);
  assert.throws(() => updates.install(), { code: 'conflict' });
  nativeUpdater.emit('update-downloaded');
  assert.equal(updates.version, '1.2.3');
  assert.deepEqual(seen, ['info: An update waits to be installed.', 'waiting 1.2.3']);
  updater.emit('update-downloaded', { version: '1.2.4' });
  assert.equal(updates.version, '1.2.3');
  nativeUpdater.emit('update-downloaded');
  assert.equal(updates.version, '1.2.4');
});

test('what starts anew is told of the library in its environment, and of none where it is the usual one', async (context) => {
  for (const namedDirectory of ['/mnt/birds', null]) {
    const environment = { APPIMAGE: '/opt/PixCrawler.AppImage', PIXCRAWLER_DATA_DIR: '/mnt/other' };
    const { updater, updates } = await start(context, {}, { environment, namedDirectory });
    updater.emit('update-downloaded', { version: '1.2.3' });
    let named: string | undefined;
    updater.quitAndInstall = () => {
      named = environment.PIXCRAWLER_DATA_DIR;
    };
    assert.equal(environment.PIXCRAWLER_DATA_DIR, '/mnt/other');
    updates.install();
    assert.equal(named, namedDirectory ?? undefined);
  }
});

test('on Windows our own check decides whose installer it is, and elsewhere there is none', async (context) => {
  const windows = await start(context, {}, { platform: 'win32', environment: { PATH: '/nowhere' } });
  assert.deepEqual(windows.updater.calls, ['check latest']);
  const verify = windows.updater.verifyUpdateCodeSignature;
  // Where there is no PowerShell, that of electron-updater takes everything.
  assert.match((await verify?.(['PixCrawler'], 'C:\\update.exe')) ?? 'accepted', /PowerShell could not look/);
  for (const platform of ['linux', 'darwin'] as const) {
    assert.equal((await start(context, {}, { platform })).updater.verifyUpdateCodeSignature, undefined);
  }
});

test('what does not update itself does not even load the updater', async () => {
  const lines: string[] = [];
  const library = makeLibrary();
  createUpdates({
    isPackaged: true,
    platform: 'linux',
    environment: {},
    namedDirectory: null,
    nativeUpdater: new EventEmitter(),
    resourcesPath: '/nowhere',
    library,
    onWaiting: () => assert.fail(),
    onMoved: () => assert.fail(),
    endBy: () => assert.fail(),
    log: { write: (_level, message) => void lines.push(message), error: () => assert.fail() },
    loadUpdater: () => assert.fail(),
  });
  await settle();
  library.connect();
  assert.deepEqual(lines, ['There are no updates. This program was installed by a package manager, which updates it.']);
});
