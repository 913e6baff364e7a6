/**
 * Builds `dist/`: WebAssembly from AssemblyScript, one bundle per process and thread, and the interface. Each part is built
 * when something of it has changed.
 * `--force` builds everything; `--without-interface` leaves the interface out.
 */

import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, 'dist');
const COMMON = ['shared', 'sdk', 'tools/build.ts', 'package.json', 'package-lock.json'];

/** What can be built by itself: the file that tells when it was, and what it is made of. */
interface Part {
  readonly stamp: string;
  readonly sources: readonly string[];
}
const PROGRAMS: Part = {
  stamp: join(dist, '.built'),
  sources: [...COMMON, 'workers', 'core', 'server', 'cli', 'electron'],
};
const INTERFACE: Part = { stamp: join(dist, '.built-interface'), sources: [...COMMON, 'renderer'] };

/** Smaller files do not get smaller. */
const LEAST_COMPRESSED_BYTES = 1024;
const BROTLI_QUALITY = 9;

/** Bundle name by entry file. Names are found at run time beside `import.meta.url`: keep them in step with the loaders. */
const ENTRIES: Readonly<Record<string, string>> = {
  cli: 'cli/main.ts',
  core: 'core/index.ts',
  worker: 'workers/worker-process.ts',
  'task-thread': 'workers/task-thread.ts',
  'reader-thread': 'core/db/reader-thread.ts',
  'export-thread': 'core/exports/writer-thread.ts',
  'electron-main': 'electron/main.ts',
  'core-process': 'electron/core-process.ts',
};
/** What a sandboxed page may load before its scripts is CommonJS, and one file. */
const PRELOAD = 'electron/preload/preload.ts';

/** WebAssembly modules: name in `workers/wasm` and the compiler's options. */
const WASM: Readonly<Record<string, readonly string[]>> = {
  inspect: ['-O3', '--runtime', 'stub', '--noAssert', '--enable', 'simd', '--initialMemory', '32'],
  'near-duplicates': ['-O3', '--runtime', 'stub', '--noAssert', '--enable', 'simd'],
};

function newestMs(path: string): number {
  const facts = statSync(path);
  if (!facts.isDirectory()) return facts.mtimeMs;
  return Math.max(facts.mtimeMs, ...readdirSync(path).map((name) => newestMs(join(path, name))));
}

function isFresh({ stamp, sources }: Part): boolean {
  if (!existsSync(stamp)) return false;
  const builtMs = statSync(stamp).mtimeMs;
  return sources.every((source) => newestMs(join(root, source)) <= builtMs);
}

function compileWasm(): void {
  const compiler = join(root, 'node_modules/assemblyscript/bin/asc.js');
  for (const [name, options] of Object.entries(WASM)) {
    const source = join(root, 'workers/wasm', `${name}.ts`);
    const target = join(dist, `${name}.wasm`);
    if (existsSync(target) && statSync(target).mtimeMs >= newestMs(join(root, 'workers/wasm'))) continue;
    execFileSync(process.execPath, [compiler, source, ...options, '--outFile', target], { stdio: 'inherit' });
  }
}

async function bundle(): Promise<void> {
  const { rolldown } = await import('rolldown');
  const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  // Native modules, and those that start files of their own, stay packages; the rest is bundled to start fast.
  const external = ['better-sqlite3', 'sharp', '@julusian/jpeg-turbo', 'piscina', 'open', 'electron-updater'].filter(
    (name) => name in dependencies,
  );
  const build = await rolldown({
    input: Object.fromEntries(Object.entries(ENTRIES).map(([name, file]) => [name, join(root, file)])),
    external: ['electron', ...external].map((name) => new RegExp(`^${name}(/|$)`)),
    platform: 'node',
    logLevel: 'warn',
  });
  for (const name of readdirSync(dist)) if (/\.c?js$/.test(name)) rmSync(join(dist, name));
  await build.write({
    dir: dist,
    format: 'esm',
    minify: 'dce-only',
    entryFileNames: '[name].js',
    chunkFileNames: 'chunk-[name]-[hash].js',
  });
  await build.close();
  const preload = await rolldown({ input: join(root, PRELOAD), external: ['electron'], logLevel: 'warn' });
  await preload.write({ file: join(dist, 'preload.cjs'), format: 'cjs', minify: 'dce-only' });
  await preload.close();
}

/** Files that are read beside the bundle. */
function copyDocs(): void {
  cpSync(join(root, 'server/docs'), join(dist, 'docs'), { recursive: true });
}

async function buildInterface(): Promise<void> {
  const { build: bundleInterface } = await import('vite');
  await bundleInterface({ configFile: join(root, 'renderer/vite.config.ts'), logLevel: 'warn' });
  compress(join(dist, 'renderer/assets'));
}

/** Lays the smaller form of every text beside it, so that the host has nothing to compress. */
function compress(folder: string): void {
  for (const name of readdirSync(folder)) {
    if (!/\.(js|css|svg|json)$/.test(name)) continue;
    const bytes = readFileSync(join(folder, name));
    if (bytes.length < LEAST_COMPRESSED_BYTES) continue;
    const quality = { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY };
    writeFileSync(join(folder, `${name}.br`), brotliCompressSync(bytes, { params: quality }));
    writeFileSync(join(folder, `${name}.gz`), gzipSync(bytes));
  }
}

async function bring({ stamp, sources }: Part, isForced: boolean, make: () => Promise<void>): Promise<void> {
  if (!isForced && isFresh({ stamp, sources })) return;
  const startedAt = new Date();
  mkdirSync(dist, { recursive: true });
  await make();
  writeFileSync(stamp, '');
  // A source that changed while the build ran is newer than the build.
  utimesSync(stamp, startedAt, startedAt);
}

export interface BuildOptions {
  /** Builds what is up to date too. Default false. */
  readonly isForced?: boolean;
  /** Whether the interface is wanted as well. Default true. */
  readonly withInterface?: boolean;
}

/** Builds what has changed since it was built last. */
export async function build({ isForced = false, withInterface = true }: BuildOptions = {}): Promise<void> {
  await bring(PROGRAMS, isForced, async () => {
    compileWasm();
    await bundle();
    copyDocs();
  });
  if (withInterface) await bring(INTERFACE, isForced, buildInterface);
}

if (import.meta.main) {
  await build({
    isForced: process.argv.includes('--force'),
    withInterface: !process.argv.includes('--without-interface'),
  });
}
