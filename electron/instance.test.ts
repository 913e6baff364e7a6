import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { App } from 'electron';
import { claimInstance, type InstanceOptions } from './instance.ts';
import { type Launch, NOTHING } from './launch.ts';

/** Claims a library that another has. @param locks what Electron answers, in order; the last one from then on */
function claim(context: TestContext, locks: readonly boolean[], ending: string | null, isLocked = true) {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'pixcrawler-instance-'));
  context.after(() => rmSync(dataDirectory, { recursive: true, force: true }));
  const endingPath = join(dataDirectory, 'desktop', 'ending');
  mkdirSync(join(dataDirectory, 'desktop'));
  if (ending !== null) writeFileSync(endingPath, ending);
  const userData = join(dataDirectory, 'desktop');
  if (isLocked) symlinkSync('machine-1', join(userData, 'SingletonLock'));
  let asked = 0;
  const app: Pick<App, 'getPath' | 'setPath' | 'on' | 'requestSingleInstanceLock'> = {
    getPath: () => userData,
    setPath: () => undefined,
    on: () => app as App,
    requestSingleInstanceLock: () => locks[Math.min(asked++, locks.length - 1)] ?? false,
  };
  const instance = claimInstance({
    app: app as App,
    argv: ['pixcrawler', '--data-dir', dataDirectory],
    isBareElectron: false,
    environment: {},
    platform: 'linux',
    homeDirectory: dataDirectory,
    workingDirectory: dataDirectory,
  });
  assert.ok(!readdirSync(userData).some((name) => name.startsWith('lock-probe')));
  return { isClaimed: instance !== null, asked, isEnding: existsSync(endingPath) };
}

/** Of a process that is gone. */
const GONE = String(spawnSync(process.execPath, ['--version']).pid);

test('one that was told a moment before it was gone has lost nothing', (context) => {
  assert.deepEqual(claim(context, [false, true], GONE), { isClaimed: true, asked: 2, isEnding: false });
});

test('one that goes on is told once', (context) => {
  assert.deepEqual(claim(context, [false], null), { isClaimed: false, asked: 1, isEnding: false });
});

test('what was left behind by one that ended long ago is not believed for ever', (context) => {
  assert.deepEqual(claim(context, [false], GONE), { isClaimed: false, asked: 3, isEnding: true });
  assert.deepEqual(claim(context, [false], 'no number'), { isClaimed: false, asked: 3, isEnding: true });
});

test('no lock, and nobody who has it, is not taken for another instance', (context) => {
  assert.throws(() => claim(context, [false], null, false), { code: 'unavailable', message: /A lock was expected in/ });
  assert.throws(() => claim(context, [false], GONE, false), { code: 'unavailable' });
  assert.equal(claim(context, [false, true], GONE, false).isClaimed, true);
});

/** The one instance of a library, with an app that tells it what the system hands over. */
function first(
  context: TestContext,
  options: Partial<Pick<InstanceOptions, 'argv' | 'environment' | 'isBareElectron'>>,
) {
  const folder = mkdtempSync(join(tmpdir(), 'pixcrawler-instance-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  const handed: unknown[] = [];
  const app = Object.assign(new EventEmitter(), {
    getPath: () => folder,
    setPath: () => undefined,
    requestSingleInstanceLock: (data: unknown) => handed.push(data) > 0,
  });
  const instance = claimInstance({
    app: app as unknown as App,
    argv: ['pixcrawler'],
    isBareElectron: false,
    environment: {},
    platform: 'linux',
    homeDirectory: folder,
    workingDirectory: folder,
    ...options,
  });
  assert.ok(instance !== null);
  return { app, folder, instance, handed };
}

test('a library that the environment names is that one, unless the arguments name another', (context) => {
  const library = mkdtempSync(join(tmpdir(), 'pixcrawler-library-'));
  context.after(() => rmSync(library, { recursive: true, force: true }));
  const environment = { PIXCRAWLER_DATA_DIR: library };
  const { instance } = first(context, { environment });
  assert.deepEqual([instance.dataDirectory, instance.namedDirectory], [library, library]);
  const other = first(context, { environment, argv: ['pixcrawler', '--data-dir', join(library, 'other')] });
  assert.equal(other.instance.dataDirectory, join(library, 'other'));
});

test('the folder of the app is none that a bare Electron was to open', (context) => {
  const given = [tmpdir(), 'https://a.example/'];
  const bare = first(context, { argv: ['electron', ...given], isBareElectron: true });
  assert.deepEqual([bare.instance.first.paths, bare.instance.first.links], [[], ['https://a.example/']]);
  assert.deepEqual(bare.handed, [{ arguments: ['https://a.example/'], workingDirectory: bare.folder }]);
  assert.deepEqual(first(context, { argv: ['pixcrawler', ...given] }).instance.first.paths, [tmpdir()]);
});

test('what comes before anybody listens is told then, and of what nobody understands the window is what is left', (context) => {
  const { app, folder, instance } = first(context, {});
  const event = { preventDefault: () => undefined };
  app.emit('open-url', event, 'pixcrawler://job/2');
  app.emit('open-file', event, folder);
  app.emit('open-file', event, join(folder, 'gone'));
  const told: Launch[] = [];
  instance.onLaunch((launch) => told.push(launch));
  assert.deepEqual(
    told.map(({ place, paths }) => [place, paths]),
    [
      ['/jobs/2', []],
      [null, [folder]],
      [null, []],
    ],
  );
  const junk = [null, 7, {}, { arguments: 'x', workingDirectory: '/' }, { arguments: [7], workingDirectory: '/' }];
  for (const handed of [...junk, { arguments: ['x'] }]) app.emit('second-instance', {}, [], '', handed);
  assert.deepEqual(
    told.slice(3),
    Array.from({ length: junk.length + 1 }, () => NOTHING),
  );
});
