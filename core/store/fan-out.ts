import fs from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { AppError } from '../../shared/errors.ts';
import type { StoredFile } from './blob-store.ts';
import { errorCode } from './durable-file.ts';
import { bounded, fsync, SYNC_CONCURRENCY, storeError } from './store-io.ts';

/** The folders `ab/cd` below a root: two levels, so that ten million files stay under two hundred a folder. */
export class FanOut {
  readonly #root: string;
  /** Folders whose own names are durable, by their number 0xabcd; the others are made, or synced, at first use. */
  readonly #durable = new Uint8Array(0x10000);

  constructor(root: string) {
    this.#root = root;
  }

  pathOf(sha256: string): string {
    return `${this.#root}${sep}${sha256.slice(0, 2)}${sep}${sha256.slice(2, 4)}${sep}${sha256}`;
  }

  /** The folder's number, for `sync`. */
  folderOf(sha256: string): number {
    return Number.parseInt(sha256.slice(0, 4), 16);
  }

  /**
   * Makes the folders of these files where they are not known to be there. On the thread pool: in a new store nearly each
   * file needs two, and one can wait 25 ms for the file system's journal. Never recursive: an absent root is a disk that
   * is away, and must not be made again.
   */
  async make(sha256s: Iterable<string>): Promise<void> {
    const firsts = new Set<string>();
    const seconds = new Set<string>();
    for (const sha256 of sha256s) {
      if (this.#durable[this.folderOf(sha256)] !== 0) continue;
      const first = `${this.#root}${sep}${sha256.slice(0, 2)}`;
      firsts.add(first);
      seconds.add(`${first}${sep}${sha256.slice(2, 4)}`);
    }
    try {
      await bounded([...firsts], SYNC_CONCURRENCY, makeFolder);
      await bounded([...seconds], SYNC_CONCURRENCY, makeFolder);
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw storeError(error, this.#root);
      throw new AppError(
        'unavailable',
        `The store is offline: ${this.#root} is missing. Connect or mount its disk, then resume.`,
        {
          details: { path: this.#root },
          cause: error,
        },
      );
    }
  }

  /**
   * Renames a file into its folder, of which `make` has been told, and replaces what is there.
   * @returns the folder's number, for `sync`
   */
  async moveIn(path: string, sha256: string): Promise<number> {
    const folder = this.folderOf(sha256);
    const target = this.pathOf(sha256);
    try {
      fs.renameSync(path, target);
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw error;
      // Somebody removed the folder behind our back: once more, from its making on.
      this.#durable[folder] = 0;
      await this.make([sha256]);
      fs.renameSync(path, target);
    }
    return folder;
  }

  /** Makes the names in these folders durable, and the folders' own names where that has not been done before. */
  async sync(folders: ReadonlySet<number>): Promise<void> {
    const parents = new Set<string>();
    for (const folder of folders) {
      if (this.#durable[folder] === 0) parents.add(this.#root).add(join(this.#root, digits(folder).slice(0, 2)));
    }
    const paths = [...folders].map((folder) => {
      const name = digits(folder);
      return join(this.#root, name.slice(0, 2), name.slice(2));
    });
    await bounded([...paths, ...parents], SYNC_CONCURRENCY, syncFolderByFd);
    for (const folder of folders) this.#durable[folder] = 1;
  }

  /** Every file, blobs in ascending order. One folder's names are held at a time. */
  async *list(): AsyncGenerator<StoredFile> {
    for (const first of await sortedNames(this.#root)) {
      const firstPath = join(this.#root, first);
      if (!/^[0-9a-f]{2}$/.test(first) || !(await isFolder(firstPath))) {
        yield { sha256: null, path: firstPath };
        continue;
      }
      for (const second of await sortedNames(firstPath)) {
        const secondPath = join(firstPath, second);
        if (!/^[0-9a-f]{2}$/.test(second) || !(await isFolder(secondPath))) {
          yield { sha256: null, path: secondPath };
          continue;
        }
        for (const name of await sortedNames(secondPath)) {
          const isBlob = /^[0-9a-f]{64}$/.test(name) && name.startsWith(first + second);
          yield { sha256: isBlob ? name : null, path: join(secondPath, name) };
        }
      }
    }
  }
}

function digits(folder: number): string {
  return folder.toString(16).padStart(4, '0');
}

function makeFolder(path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    fs.mkdir(path, 0o700, (error) => {
      if (error === null || error.code === 'EEXIST') resolve();
      else reject(error);
    });
  });
}

async function syncFolderByFd(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  let fd: number | undefined;
  try {
    fd = fs.openSync(path, 'r');
    await fsync(fd);
  } catch (error) {
    throw storeError(error, path);
  } finally {
    if (fd !== undefined) fs.closeSync(fd);
  }
}

async function sortedNames(path: string): Promise<string[]> {
  try {
    return (await readdir(path)).sort();
  } catch (error) {
    throw storeError(error, path);
  }
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path)).isDirectory();
}
