/** The desktop as electron-builder packs it, around a binary that only stands in for Electron's. */

import { execFile } from 'node:child_process';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { extractAll } from '@electron/asar';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** How a binary of Electron marks the bytes of its fuses; see https://www.electronjs.org/docs/latest/tutorial/fuses */
const FUSES_MARK = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX';
const FUSES_VERSION = 1;
/** In the order of their bytes. */
const FUSES = [
  'runAsNode',
  'enableCookieEncryption',
  'enableNodeOptionsEnvironmentVariable',
  'enableNodeCliInspectArguments',
  'enableEmbeddedAsarIntegrityValidation',
  'onlyLoadAppFromAsar',
  'loadBrowserProcessSpecificV8Snapshot',
  'grantFileProtocolExtraPrivileges',
];

export interface PackedApp {
  readonly archivePath: string;
  /** What is in the archive and beside it, as the program sees it: one folder. */
  readonly appFolder: string;
  /** Where the update configuration and the archive lie. */
  readonly resourcesFolder: string;
  /** Fuses as they are in the packed binary. */
  readonly fuses: Readonly<Record<string, boolean>>;
}

/** @param folder an empty one, outside of the repository, so that nothing is found there by accident */
export async function packDesktop(folder: string): Promise<PackedApp> {
  const electronFolder = join(folder, 'electron');
  await mkdir(join(electronFolder, 'resources'), { recursive: true });
  const binaryPath = join(electronFolder, 'electron');
  // Every fuse the other way round.
  const states = FUSES.map((name) => (/^(enableC|enableE|only)/.test(name) ? '0' : '1')).join('');
  await writeFile(binaryPath, `\0${FUSES_MARK}${String.fromCharCode(FUSES_VERSION, FUSES.length)}${states}\0`);
  await chmod(binaryPath, 0o755);
  await promisify(execFile)(
    process.execPath,
    [
      join(root, 'node_modules/electron-builder/cli.js'),
      '--linux',
      'dir',
      `--${process.arch}`,
      '--publish',
      'never',
      `-c.electronDist=${electronFolder}`,
      `-c.directories.output=${join(folder, 'packages')}`,
    ],
    { cwd: root, env: { ...process.env, PIXCRAWLER_UPDATE_URL: 'https://updates.example/' } },
  );
  const programFolder = join(folder, 'packages', process.arch === 'x64' ? 'linux-unpacked' : 'linux-arm64-unpacked');
  const resourcesFolder = join(programFolder, 'resources');
  const archivePath = join(resourcesFolder, 'app.asar');
  const appFolder = join(folder, 'app');
  extractAll(archivePath, appFolder);
  return { archivePath, appFolder, resourcesFolder, fuses: await readFuses(join(programFolder, 'pixcrawler')) };
}

async function readFuses(binaryPath: string): Promise<Record<string, boolean>> {
  const binary = await readFile(binaryPath, 'latin1');
  const at = binary.indexOf(FUSES_MARK) + FUSES_MARK.length + 2;
  return Object.fromEntries(FUSES.map((name, index) => [name, binary[at + index] === '1']));
}
