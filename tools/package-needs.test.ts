import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer as createSite } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { findNeeds, TARGETS, type Wish } from './package-needs.ts';

const PROGRAM = join(import.meta.dirname, 'package.ts');
const SHARP = {
  optionalDependencies: { '@img/sharp-linux-arm64': '1.2.3', '@img/sharp-libvips-linux-arm64': '4.5.6' },
};
const FILES = {
  'node_modules/electron/package.json': JSON.stringify({ version: '99.1.0' }),
  'node_modules/sharp/package.json': JSON.stringify(SHARP),
  'node_modules/@img/sharp-linux-x64/package.json': '{}',
  'node_modules/@img/sharp-libvips-linux-x64/package.json': '{}',
  'node_modules/@img/sharp-darwin-x64/package.json': '{}',
  'node_modules/@img/sharp-libvips-darwin-x64/package.json': '{}',
  'node_modules/@img/sharp-win32-x64/package.json': '{}',
};
const DEBIAN = { PIXCRAWLER_MAINTAINER: 'A Person <person@mail.example>', PIXCRAWLER_HOMEPAGE: 'https://home.example' };
const UPDATES = { PIXCRAWLER_UPDATE_URL: 'https://updates.example/' };

let root: string;
/** Answers, and has what is asked of it below /has/ only. */
let site: Server;
let address: string;

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

before(async () => {
  root = await mkdtemp(join(tmpdir(), 'pixcrawler-needs-'));
  for (const [path, text] of Object.entries(FILES)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  site = createSite((request, response) => response.writeHead(request.url?.startsWith('/has/') ? 206 : 404).end());
  address = await listen(site);
});

after(async () => {
  site.close();
  await rm(root, { recursive: true, force: true });
});

/** What is needed where nothing is kept from before, and servers answer as they are told to. */
function needs(change: Partial<Wish> = {}, environment: Record<string, string> = {}) {
  const base = {
    electron_config_cache: join(root, 'no-cache'),
    ELECTRON_BUILDER_CACHE: join(root, 'no-tools'),
    ELECTRON_MIRROR: `${address}has/`,
    ELECTRON_BUILDER_BINARIES_MIRROR: address,
  };
  const wish: Wish = {
    root,
    platform: 'linux',
    architectures: ['x64'],
    targets: TARGETS.linux,
    electronPath: null,
    environment: { ...base, ...environment },
    ...change,
  };
  return findNeeds(wish);
}

test('nothing is lacking where everything can be had', async () => {
  assert.deepEqual(await needs({}, { ...DEBIAN, ...UPDATES }), []);
});

test('what is lacking is said with what to do about it', async () => {
  const closed = createServer();
  const refusing = await listen(closed);
  await new Promise((resolve) => closed.close(resolve));
  const environment = { ELECTRON_MIRROR: address, npm_config_registry: refusing };
  const found = await needs({ architectures: ['x64', 'arm64'] }, environment);
  const text = found.map(({ lack, remedy, isFatal }) => `${isFatal ? 'fatal' : 'note'}: ${lack}: ${remedy}`).join('\n');
  for (const expected of [
    /^fatal: the image library for linux on arm64 is not here, and 127\.0\.0\.1:\d+ does not answer: go online once/m,
    /^fatal: Electron 99\.1\.0 for linux on x64 is not here, and http:.* cannot be fetched: go online/m,
    /^fatal: Electron 99\.1\.0 for linux on arm64/m,
    /^fatal: a package for Debian must name a maintainer: set PIXCRAWLER_MAINTAINER/m,
    /^fatal: a package for Debian must name a home page: set PIXCRAWLER_HOMEPAGE/m,
    /^note: no address for updates is named/m,
  ]) {
    assert.match(text, expected);
  }
  assert.equal(found.length, 6);
});

test('Debian is asked for nothing where no package of it is made', async () => {
  assert.deepEqual(await needs({ targets: ['AppImage'] }, UPDATES), []);
});

test('tools that were fetched before need no network, nor does a folder', async () => {
  const tools = join(root, 'tools');
  await mkdir(join(tools, 'appimage@1.0.3'), { recursive: true });
  const closed = createServer();
  const refusing = await listen(closed);
  await new Promise((resolve) => closed.close(resolve));
  const environment = { ELECTRON_BUILDER_BINARIES_MIRROR: refusing, ...DEBIAN, ...UPDATES };
  const [need] = await needs({}, { ...environment, ELECTRON_BUILDER_CACHE: tools });
  assert.match(need!.lack, /^the tools that make deb are not here, and 127\.0\.0\.1:\d+ does not answer$/);
  assert.deepEqual(await needs({ targets: ['AppImage'] }, { ...environment, ELECTRON_BUILDER_CACHE: tools }), []);
  assert.deepEqual(await needs({ targets: ['dir'] }, environment), []);
  assert.deepEqual(await needs({ targets: ['deb'] }, { ...environment, USE_SYSTEM_FPM: 'true' }), []);
});

test('Electron may be given', async () => {
  const environment = { ELECTRON_MIRROR: address, ...DEBIAN, ...UPDATES };
  const folder = join(root, 'given');
  await mkdir(folder);
  const lackAt = async (electronPath: string) => (await needs({ electronPath }, environment))[0]?.lack ?? null;
  assert.match((await lackAt(join(root, 'nowhere'))) ?? '', /^there is no Electron at .*nowhere$/);
  assert.match((await lackAt(folder)) ?? '', /is not the folder of Electron: it has no version$/);
  await writeFile(join(folder, 'version'), '99.1.0');
  assert.match((await lackAt(folder)) ?? '', /is not the folder of Electron: it has no electron$/);
  assert.match((await lackAt(join(folder, 'version'))) ?? '', /neither a folder nor a zip$/);
  await writeFile(join(folder, 'electron'), '');
  assert.equal(await lackAt(folder), null);
  await writeFile(join(folder, 'electron.zip'), '');
  assert.equal(await lackAt(join(folder, 'electron.zip')), null);
});

test('a folder that contains the output is never taken for Electron, whatever lies in it', async () => {
  for (const name of ['version', 'electron']) await writeFile(join(root, name), '');
  for (const electronPath of [root, dirname(root), '/', join(root, 'node_modules', '..')]) {
    const [need] = await needs({ electronPath }, { ...DEBIAN, ...UPDATES });
    assert.match(need?.lack ?? '', /contains dist.packages, where packages are written$/, electronPath);
    assert.equal(need?.isFatal, true);
  }
});

test('an option that is none is told in one line', async () => {
  const run = promisify(execFile)(process.execPath, [PROGRAM, '--bogus'], { timeout: 30_000 });
  await assert.rejects(run, {
    code: 2,
    stderr: /^Unknown option '--bogus'\. Expected TARGET…, [^\n]*--electron PATH\.\n$/,
  });
});

test('what can be made is told to whoever asks, and to whoever asks for something else', async () => {
  const run = (...words: string[]) => promisify(execFile)(process.execPath, [PROGRAM, ...words], { timeout: 30_000 });
  assert.match((await run('--help')).stdout, /^npm run package -- \[TARGET…\].*--electron PATH/s);
  await assert.rejects(run('msi'), { code: 2, stderr: /^On this system .*, dir can be made, not msi\.\n$/ });
});

test('packages that are not signed are made, and said to be', async () => {
  for (const [platform, targets, expected] of [
    ['win32', TARGETS.win32, [/no certificate/]],
    ['darwin', TARGETS.darwin, [/no certificate/, /not be notarized/]],
  ] as const) {
    const found = await needs({ platform, targets }, UPDATES);
    assert.equal(found.length, expected.length);
    for (const [index, pattern] of expected.entries()) {
      assert.match(found[index]!.lack, pattern);
      assert.equal(found[index]!.isFatal, false);
    }
  }
  const signed = { CSC_LINK: 'file.p12', APPLE_API_KEY: 'key', ...UPDATES };
  assert.deepEqual(await needs({ platform: 'darwin', targets: TARGETS.darwin }, signed), []);
  assert.deepEqual(await needs({ platform: 'win32', targets: TARGETS.win32 }, signed), []);
  // An account that electron-builder.yml does not sign with.
  const azure = { AZURE_TENANT_ID: 'id', AZURE_CLIENT_ID: 'id', AZURE_CLIENT_SECRET: 'secret', ...UPDATES };
  assert.equal((await needs({ platform: 'win32', targets: TARGETS.win32 }, azure)).length, 1);
});

test('a network that swallows everything costs seconds', async () => {
  const sockets = new Set<Socket>();
  const silent = createServer((socket) => sockets.add(socket.on('error', () => undefined)));
  const swallowing = await listen(silent);
  const startedMs = performance.now();
  try {
    const mirrors = { ELECTRON_MIRROR: swallowing, ELECTRON_BUILDER_BINARIES_MIRROR: swallowing };
    const found = await needs({ architectures: ['x64', 'arm64'] }, { ...mirrors, ...DEBIAN, ...UPDATES });
    assert.equal(found.length, 4);
    assert.ok(performance.now() - startedMs < 8_000);
  } finally {
    for (const socket of sockets) socket.destroy();
    silent.close();
  }
});
