/** The image library for another processor of this system: npm keeps that of the machine it runs on, and no second one. */

import { execFile } from 'node:child_process';
import { access, cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Environment } from './electron-binary.ts';
import type { Architecture, PackagingPlatform } from './package-needs.ts';

export interface NativeWish {
  /** The folder that has `node_modules`. */
  readonly root: string;
  readonly platform: PackagingPlatform;
  readonly architecture: Architecture;
}

/**
 * Packages of sharp that are not installed, as `name@version`; the other native modules bring all systems in one package.
 * @throws Error when sharp itself is not installed
 */
export async function missingNatives({ root, platform, architecture }: NativeWish): Promise<string[]> {
  // libvips lies in the package of its own, except on Windows.
  const names = [`@img/sharp-${platform}-${architecture}`];
  if (platform !== 'win32') names.push(`@img/sharp-libvips-${platform}-${architecture}`);
  const { optionalDependencies } = JSON.parse(
    await readFile(join(root, 'node_modules/sharp/package.json'), 'utf8'),
  ) as { optionalDependencies: Readonly<Record<string, string>> };
  const missing: string[] = [];
  for (const name of names) {
    const isThere = await access(join(root, 'node_modules', name)).then(
      () => true,
      () => false,
    );
    if (!isThere) missing.push(`${name}@${optionalDependencies[name]}`);
  }
  return missing;
}

/**
 * Fetches what is missing, as npm does, and puts it beside what is there. The next `npm ci` takes it away again.
 * Installed in place, npm would take away whatever is for this machine: Node.js and the bundler with it.
 * @throws Error with what npm said
 */
export async function addNatives(wish: NativeWish, environment: Environment): Promise<void> {
  const missing = await missingNatives(wish);
  if (missing.length === 0) return;
  const modules = join(wish.root, 'node_modules');
  const folder = await mkdtemp(join(modules, '.natives-'));
  try {
    await writeFile(join(folder, 'package.json'), '{}');
    const words = ['install', '--force', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock'];
    const machine = [`--os=${wish.platform}`, `--cpu=${wish.architecture}`];
    // A script of npm is told the folder that npm was started in, and would hand it on.
    await npm([...words, ...machine, `--prefix=${folder}`, ...missing], environment);
    await cp(join(folder, 'node_modules/@img'), join(modules, '@img'), { recursive: true });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The npm that started this program, or else the one that is found. */
async function npm(words: readonly string[], environment: Environment): Promise<void> {
  const script = environment.npm_execpath;
  const [file, ...first] = script ? [process.execPath, script] : ['npm'];
  await promisify(execFile)(file as string, [...first, ...words], { env: environment as NodeJS.ProcessEnv });
}
