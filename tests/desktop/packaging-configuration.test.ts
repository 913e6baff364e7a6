import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { getConfig, validateConfiguration } from 'app-builder-lib/out/util/config/config.js';
import { APPLICATION_ID } from '../../electron/application-id.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const configuration = await getConfig(root, 'electron-builder.yml', null);
/** electron-builder writes down what it decided where it is asked to. */
const silent = { isEnabled: false, data: new Map(), add: () => undefined, save: async () => undefined };
const validate = (changes: object = {}) =>
  validateConfiguration({ ...structuredClone(configuration), ...changes }, silent);

test("electron-builder.yml is valid by electron-builder's own schema", async () => {
  await validate();
});

test('the schema finds what is wrong', async () => {
  for (const [name, changes] of Object.entries({
    'a name that is none': { asarUnpacked: [] },
    'a fuse that is none': { electronFuses: { runAsNod: false } },
    'a target that is none': { linux: { target: 'AppImag3', icons: 1 } },
    'a value of another type': { protocols: { name: 'PixCrawler', schemes: 7 } },
  })) {
    await assert.rejects(validate(changes), /does not match the API schema/, name);
  }
});

test('each system gets what was promised, for both processors', () => {
  const targets = (['linux', 'win', 'mac'] as const).map((system) => {
    const list = configuration[system]?.target as readonly { target: string; arch: readonly string[] }[];
    for (const { arch } of list) assert.deepEqual(arch, ['x64', 'arm64']);
    return list.map(({ target }) => target);
  });
  assert.deepEqual(targets, [['AppImage', 'deb'], ['nsis'], ['dmg', 'zip']]);
});

test('the runtime is hardened, sandboxes stay, and updates are checked', () => {
  // The other fuses are looked at in what was packed.
  assert.equal(configuration.electronFuses?.resetAdHocDarwinSignature, true);
  // What is not set is --no-sandbox.
  assert.deepEqual(configuration.appImage?.executableArgs, []);
  assert.equal(configuration.asar, true);
  assert.equal(configuration.mac?.hardenedRuntime, true);
  assert.equal(configuration.win?.verifyUpdateCodeSignature, true);
  const entitlements = readFileSync(join(root, 'resources/entitlements.mac.plist'), 'utf8');
  assert.deepEqual(
    [...entitlements.matchAll(/<key>(.*?)<\/key>\s*<(\w+)/g)].map(([, key, value]) => [key, value]),
    [['com.apple.security.cs.allow-jit', 'true']],
  );
});

test('updates are found by whoever looks: for each processor apart, in each channel, and macOS opens what comes', () => {
  assert.match(configuration.artifactName ?? '', /\$\{arch\}/);
  assert.equal(configuration.nsis?.buildUniversalInstaller, false);
  assert.equal(configuration.generateUpdatesFilesForAllChannels, true);
  assert.equal(configuration.mac?.notarize, true);
});

test('the running program and the installed one have the same names', () => {
  const { desktopName } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<string, unknown>;
  assert.equal(configuration.appId, APPLICATION_ID);
  assert.equal(desktopName, `${configuration.linux?.executableName}.desktop`);
  assert.deepEqual(configuration.protocols, { name: 'PixCrawler', schemes: ['pixcrawler'] });
  assert.match(readFileSync(join(root, 'resources/installer.nsh'), 'utf8'), /LINK_KEY "Software\\Classes\\pixcrawler"/);
});

test('macOS is asked for the version that Electron asks for, so that nobody installs what does not start', () => {
  const names: Readonly<Record<string, string>> = { Ventura: '13.0', Sonoma: '14.0', Sequoia: '15.0', Tahoe: '26.0' };
  const readme = readFileSync(join(root, 'node_modules/electron/README.md'), 'utf8');
  const [, oldest = ''] = /macOS \((\w+) and up\)/.exec(readme) ?? [];
  assert.equal(configuration.mac?.minimumSystemVersion, names[oldest] ?? `the number of macOS ${oldest}`);
});

test('files that the configuration names are there', () => {
  const { linux, win, mac, nsis } = configuration;
  for (const path of [linux?.icon, win?.icon, mac?.icon, mac?.entitlements, mac?.entitlementsInherit, nsis?.include]) {
    assert.ok(typeof path === 'string' && existsSync(join(root, path)), String(path));
  }
});

test('what can be opened is the same everywhere, and never taken from the program that has it', () => {
  const { linux, mac, win, fileAssociations } = configuration;
  assert.deepEqual([win?.fileAssociations, fileAssociations], [undefined, undefined]);
  const associations = [linux?.fileAssociations ?? []].flat();
  assert.deepEqual(mac?.fileAssociations, linux?.fileAssociations);
  for (const { role, rank } of associations) assert.deepEqual([role, rank], ['Viewer', 'Alternate']);
  const offered = associations.flatMap(({ ext }) => ext).map((extension) => `.${extension}`);
  const installer = readFileSync(join(root, 'resources/installer.nsh'), 'utf8');
  assert.deepEqual(
    [...installer.matchAll(/\$\{DO\} "(\.\w+)"/g)].map(([, extension]) => extension),
    offered,
  );
});
