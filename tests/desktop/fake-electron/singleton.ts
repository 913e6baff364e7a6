/**
 * The lock of the one instance: a symbolic link in the program's own folder to the name of its process, and on Windows a file,
 * as Chromium's process singleton has them; beside it other instances lay what they were started with.
 */

import {
  existsSync,
  type FSWatcher,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  watch,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { configuration } from './configuration.ts';

const isWindows = configuration.machine.platform === 'win32';

export interface OtherInstance {
  readonly argv: readonly string[];
  readonly workingDirectory: string;
  readonly additionalData: unknown;
}

export interface Singleton {
  release(): void;
}

function isAlive(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch {
    return false;
  }
}

function make(lock: string): boolean {
  try {
    if (isWindows) writeFileSync(lock, String(process.pid), { flag: 'wx' });
    else symlinkSync(`${hostname()}-${process.pid}`, lock);
    return true;
  } catch {
    return false;
  }
}

/** The process that a lock names; 0 where there is none. */
function holderOf(lock: string): number {
  try {
    return Number(isWindows ? readFileSync(lock, 'utf8') : readlinkSync(lock).split('-').at(-1));
  } catch {
    return 0;
  }
}

/** @returns null when another instance has the lock and has been told, and when no lock can be made: Electron says no to both */
export function acquire(
  userData: string,
  ours: OtherInstance,
  onOther: (other: OtherInstance) => void,
): Singleton | null {
  const folder = join(userData, 'Singleton');
  const lock = join(userData, isWindows ? 'lockfile' : 'SingletonLock');
  mkdirSync(folder, { recursive: true });
  if (!make(lock)) {
    const holder = holderOf(lock);
    if (holder !== 0 && isAlive(holder)) {
      const name = join(folder, `${process.pid}`);
      writeFileSync(`${name}.part`, JSON.stringify(ours));
      renameSync(`${name}.part`, `${name}.json`);
      return null;
    }
    rmSync(lock, { force: true });
    if (!make(lock)) return null;
  }
  // What was told to one that has ended since is told to nobody.
  for (const name of readdirSync(folder).filter((each) => each.endsWith('.json'))) rmSync(join(folder, name));
  const takeIn = () => {
    for (const name of readdirSync(folder).filter((each) => each.endsWith('.json'))) {
      const other = JSON.parse(readFileSync(join(folder, name), 'utf8')) as OtherInstance;
      rmSync(join(folder, name));
      onOther(other);
    }
  };
  const watcher: FSWatcher = watch(folder, () => {
    if (existsSync(folder)) takeIn();
  });
  watcher.unref();
  return {
    release: () => {
      watcher.close();
      rmSync(lock, { force: true });
    },
  };
}
