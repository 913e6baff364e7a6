/** The lock of the one instance: a file in the program's own folder, beside which other instances lay what they were started with. */

import {
  existsSync,
  type FSWatcher,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  watch,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

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

/** @returns null when another instance has the lock: it has been told then */
export function acquire(
  userData: string,
  ours: OtherInstance,
  onOther: (other: OtherInstance) => void,
): Singleton | null {
  const folder = join(userData, 'Singleton');
  const lock = join(folder, 'lock');
  mkdirSync(folder, { recursive: true });
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' });
  } catch {
    if (isAlive(Number(readFileSync(lock, 'utf8')))) {
      const name = join(folder, `${process.pid}`);
      writeFileSync(`${name}.part`, JSON.stringify(ours));
      renameSync(`${name}.part`, `${name}.json`);
      return null;
    }
    writeFileSync(lock, String(process.pid));
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
