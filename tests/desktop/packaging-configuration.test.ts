import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { LinuxPackager } from 'app-builder-lib/out/linuxPackager.js';
import { LinuxTargetHelper } from 'app-builder-lib/out/targets/LinuxTargetHelper.js';
import { getConfig, validateConfiguration } from 'app-builder-lib/out/util/config/config.js';
import sharp from 'sharp';
import { APPLICATION_ID } from '../../electron/application-id.ts';
import { FILE_ENDINGS } from '../../shared/file-endings.ts';

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
  assert.deepEqual(configuration.asar, { smartUnpack: false });
  assert.equal(configuration.mac?.hardenedRuntime, true);
  assert.equal(configuration.win?.verifyUpdateCodeSignature, true);
  const entitlements = readFileSync(join(root, 'resources/entitlements.mac.plist'), 'utf8');
  assert.deepEqual(
    [...entitlements.matchAll(/<key>(.*?)<\/key>\s*<(\w+)/g)].map(([, key, value]) => [key, value]),
    [['com.apple.security.cs.allow-jit', 'true']],
  );
});

test('it is installed for whoever installs it, and takes no library with it when it goes', () => {
  assert.equal(configuration.nsis?.perMachine, false);
  assert.equal(configuration.nsis?.deleteAppDataOnUninstall, false);
  assert.equal(configuration.npmRebuild, false);
  assert.equal(configuration.allowMissingDependencies, false);
  // Docks know the window by it.
  assert.equal(configuration.linux?.syncDesktopName, true);
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
  const installer = readFileSync(join(root, 'resources/installer.nsh'), 'utf8');
  assert.match(installer, /LINK_KEY "Software\\Classes\\pixcrawler"/);
  // Starts at login are named by the application, and end with the program but not with an update.
  assert.match(installer, /StrCpy \$R3 \$R1 \$R2\n *\$\{If\} \$R3 == "\$\{APP_ID\}"/);
  assert.match(installer, /\$\{IfNot\} \$\{isUpdated\}\n *!insertmacro endStartsAtLogin\n/);
});

test('Electron is pinned, and is the one that is installed', () => {
  const read = (path: string) => JSON.parse(readFileSync(join(root, path), 'utf8')) as Record<string, unknown>;
  const { devDependencies } = read('package.json') as { readonly devDependencies: Readonly<Record<string, string>> };
  assert.match(devDependencies.electron ?? '', /^\d+\.\d+\.\d+$/);
  assert.equal(read('node_modules/electron/package.json').version, devDependencies.electron);
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

/** As the system's shared database of types names them. */
const TYPES: Readonly<Record<string, string>> = {
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  png: 'image/png',
  webp: 'image/webp',
  gif: 'image/gif',
  avif: 'image/avif',
  tif: 'image/tiff',
  tiff: 'image/tiff',
  bmp: 'image/bmp',
  zip: 'application/zip',
  tar: 'application/x-tar',
  tgz: 'application/x-compressed-tar',
  // Of .tar.gz; what else is compressed so is nothing to take in.
  gz: 'application/x-compressed-tar',
  txt: 'text/plain',
  csv: 'text/csv',
  tsv: 'text/tab-separated-values',
  jsonl: 'application/jsonl',
  ndjson: 'application/x-ndjson',
};

/** Endings of what is an image but has no decoder here: nobody is offered what will be refused. */
const UNDECODED = ['heif', 'heic'].filter((ending) => !sharp.format.heif.input.fileSuffix?.includes(`.${ending}`));
const OFFERED = Object.values(FILE_ENDINGS)
  .flat()
  .filter((ending) => !UNDECODED.includes(ending));

/** What electron-builder writes into the packages of Linux. */
async function desktopEntry(target: 'appImage' | 'deb'): Promise<string> {
  // electron-builder adds to the lists that it is given.
  const { linux, protocols, ...rest } = structuredClone(configuration);
  const options = linux ?? {};
  const metadata = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as object;
  const helper = new LinuxTargetHelper({
    config: { protocols },
    info: { metadata },
    appInfo: { productName: rest.productName, sanitizedProductName: rest.productName },
    executableName: options.executableName,
    fileAssociations: [rest.fileAssociations ?? [], options.fileAssociations ?? []].flat(),
    platformSpecificBuildOptions: options,
  } as unknown as LinuxPackager);
  return helper.computeDesktopEntry({ ...options, ...rest[target] });
}

test('what can be opened with the program is what it takes in, on every system', async () => {
  assert.ok(UNDECODED.length > 0 && OFFERED.length > 15);
  const associations = [configuration.mac?.fileAssociations ?? []].flat();
  assert.deepEqual(
    associations.flatMap(({ ext }) => ext),
    OFFERED,
  );
  const installer = readFileSync(join(root, 'resources/installer.nsh'), 'utf8');
  const registered = [...installer.matchAll(/\$\{DO\} "\.(\w+)"/g)].map(([, ending]) => ending);
  assert.deepEqual(registered, OFFERED);
  const types = [...OFFERED.map((ending) => TYPES[ending]), 'inode/directory', 'x-scheme-handler/pixcrawler'];
  for (const target of ['appImage', 'deb'] as const) {
    const [, line = ''] = /^MimeType=(.*);$/m.exec(await desktopEntry(target)) ?? [];
    assert.deepEqual(line.split(';'), [...new Set(types)], target);
  }
});

test('no file or folder is taken from the program that has it', async () => {
  const { linux, mac, win, fileAssociations } = configuration;
  // On Windows they would set the default, on Linux define the types of everybody's files anew.
  assert.deepEqual(
    [win?.fileAssociations, linux?.fileAssociations, fileAssociations],
    [undefined, undefined, undefined],
  );
  for (const { role, rank } of [mac?.fileAssociations ?? []].flat()) {
    assert.deepEqual([role, rank], ['Viewer', 'Alternate']);
  }
  for (const target of ['appImage', 'deb'] as const) assert.match(await desktopEntry(target), /^InitialPreference=0$/m);
  const installer = readFileSync(join(root, 'resources/installer.nsh'), 'utf8');
  const written = [...installer.matchAll(/WriteRegStr SHELL_CONTEXT "(.+?)" "(.*?)"/g)].map(([, key, name]) => [
    key,
    name,
  ]);
  for (const [key, name] of written) {
    assert.match(key!, /\\Applications\\|\\OpenWithList\\|^\$\{(?:LINK|FOLDER)_KEY\}/, `${key} ${name}`);
  }
});

test('folders can be opened with the program on every system', async () => {
  const documents = (configuration.mac?.extendInfo as Record<string, unknown>)?.CFBundleDocumentTypes;
  assert.deepEqual(documents, [
    {
      CFBundleTypeName: 'Folder',
      CFBundleTypeRole: 'Viewer',
      LSHandlerRank: 'Alternate',
      LSItemContentTypes: ['public.folder'],
    },
  ]);
  for (const target of ['appImage', 'deb'] as const) {
    assert.match(await desktopEntry(target), /^Exec=\S+ %U$[\s\S]*^MimeType=.*;inode\/directory;/m);
  }
  const installer = readFileSync(join(root, 'resources/installer.nsh'), 'utf8');
  assert.match(installer, /!define FOLDER_KEY "Software\\Classes\\Directory\\shell\\PixCrawler"/);
  // A path with spaces is one word.
  assert.match(installer, /"\$\{FOLDER_KEY\}\\command" "" '"\$INSTDIR\\\$\{APP_EXECUTABLE_FILENAME\}" "%1"'/);
  const uninstaller = installer.slice(installer.indexOf('!macro customUnInstall'));
  assert.match(uninstaller, /DeleteRegKey SHELL_CONTEXT "\$\{FOLDER_KEY\}"/);
});
