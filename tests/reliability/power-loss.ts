/** A disk that loses power: what `power-loss.c` kept, made into the data directory that the next start finds. */

import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Random } from '../web/random.ts';
import { type DriverEnd, runDriver } from './system-calls.ts';

const SOURCE = fileURLToPath(new URL('power-loss.c', import.meta.url));
const PAGE_BYTES = 4096;

/** Why the model cannot be used, as the `skip` of a test. */
export const POWER_LOSS_SKIP: string | false =
  process.platform !== 'linux'
    ? 'the model of power loss is for Linux'
    : spawnSync('gcc', ['--version']).status === 0
      ? false
      : 'gcc is not installed (apt-get install gcc libc6-dev)';

/** @returns the library to preload */
export function compileModel(folder: string): string {
  const library = join(folder, 'power-loss.so');
  execFileSync('gcc', ['-O2', '-Wall', '-Wextra', '-Werror', '-shared', '-fPIC', '-o', library, SOURCE]);
  return library;
}

interface PowerFailure {
  /** At which of the driver's syncs; else after a time, else never. */
  readonly atSync?: { readonly number: number; readonly after: boolean };
  readonly afterMs?: number;
  readonly afterFolders?: number;
  /** See `import-driver.fixture.ts`. */
  readonly without?: 'commit-sync' | 'file-sync' | 'folder-sync';
}

/** A data directory, `data`, on a disk of which only what was synced survives. */
export class PowerLossDisk {
  readonly #library: string;
  readonly #disk: string;
  readonly #shadow: string;

  /** @param folder is made; everything of the disk is in it */
  constructor(library: string, folder: string) {
    this.#library = library;
    mkdirSync(join(folder, 'disk'), { recursive: true });
    this.#disk = realpathSync(join(folder, 'disk'));
    this.#shadow = join(folder, 'shadow');
    for (const name of ['files', 'folders']) mkdirSync(join(this.#shadow, name), { recursive: true });
  }

  /** Runs the import driver on it until it ends or the power fails. */
  async runDriver(parent: string, { atSync, afterMs, afterFolders, without }: PowerFailure): Promise<DriverEnd> {
    const environment: Record<string, string> = {
      LD_PRELOAD: this.#library,
      POWER_DISK: this.#disk,
      POWER_SHADOW: this.#shadow,
    };
    if (atSync !== undefined) environment.POWER_FAILS_AT = String(atSync.number);
    if (atSync?.after === true) environment.POWER_FAILS_AFTER = '1';
    if (without !== undefined) environment.DRIVER_WITHOUT = without;
    return runDriver(join(this.#disk, 'data'), parent, [], {
      environment,
      ...(afterMs === undefined ? {} : { killedAfterMs: afterMs }),
      ...(afterFolders === undefined ? {} : { killedAfterFolders: afterFolders }),
    });
  }

  /** Syncs so far. */
  get syncs(): number {
    return statSync(join(this.#shadow, 'syncs')).size;
  }

  /**
   * Writes out what survived: in the worst case nothing but what was synced; with `random`, also a random part of the
   * 4 KiB pages and of the folders that the system may have written by itself.
   * @param target must not exist
   * @returns the data directory in it
   */
  survivors(target: string, random?: Random): string {
    const live = new Map<string, string>();
    collect(this.#disk, live);
    this.#writeFolder(keyOf(this.#disk), target, live, random);
    const dataDirectory = join(target, 'data');
    mkdirSync(dataDirectory, { recursive: true });
    return dataDirectory;
  }

  #writeFolder(key: string, target: string, live: ReadonlyMap<string, string>, random?: Random): void {
    mkdirSync(target, { recursive: true });
    for (const { kind, key: child, name } of this.#names(key, live.get(key), random)) {
      const path = join(target, name);
      if (kind === 'd') this.#writeFolder(child, path, live, random);
      else writeFileSync(path, this.#bytes(child, live.get(child), random), { mode: 0o600 });
    }
  }

  #names(key: string, livePath: string | undefined, random?: Random): readonly Name[] {
    if (random !== undefined && livePath !== undefined && random() < 0.5) return liveNames(livePath);
    const kept = join(this.#shadow, 'folders', key);
    if (!existsSync(kept)) return [];
    return readFileSync(kept, 'utf8').split('\n').filter(Boolean).map(parseName);
  }

  #bytes(key: string, livePath: string | undefined, random?: Random): Buffer {
    const kept = join(this.#shadow, 'files', key);
    const synced = existsSync(kept) ? readFileSync(kept) : Buffer.alloc(0);
    if (random === undefined || livePath === undefined) return synced;
    const written = readFileSync(livePath);
    if (written.equals(synced)) return synced;
    const torn = Buffer.alloc(random() < 0.5 ? written.length : synced.length);
    for (let at = 0; at < torn.length; at += PAGE_BYTES) {
      torn.set((random() < 0.5 ? written : synced).subarray(at, at + PAGE_BYTES).subarray(0, torn.length - at), at);
    }
    return torn;
  }
}

interface Name {
  readonly kind: string;
  readonly key: string;
  readonly name: string;
}

function parseName(line: string): Name {
  const [kind = '', key = '', ...name] = line.split(' ');
  return { kind, key, name: name.join(' ') };
}

function liveNames(folder: string): Name[] {
  return readdirSync(folder, { withFileTypes: true }).map((entry) => ({
    kind: entry.isDirectory() ? 'd' : 'f',
    key: keyOf(join(folder, entry.name)),
    name: entry.name,
  }));
}

/** As `key_of` in `power-loss.c`. */
function keyOf(path: string): string {
  const { ino, birthtimeNs } = statSync(path, { bigint: true });
  return `${ino}-${birthtimeNs}`;
}

function collect(path: string, live: Map<string, string>): void {
  live.set(keyOf(path), path);
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    const child = join(path, entry.name);
    if (entry.isDirectory()) collect(child, live);
    else live.set(keyOf(child), child);
  }
}
