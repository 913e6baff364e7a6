import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import { mkdir, readdir, rename, rm, rmdir, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../shared/errors.ts';
import type { BlobState, BlobStore, LinkableFile, LinkOutcome, StagedBlob, StoredFile } from './blob-store.ts';
import type { DataDirectory } from './data-directory.ts';
import { errorCode } from './durable-file.ts';
import { FanOut } from './fan-out.ts';
import { linkIntoStaging } from './link-file.ts';
import { bounded, fdatasync, hashFile, SYNC_CONCURRENCY, storeError, yieldToEvents } from './store-io.ts';

const SHA256 = /^[0-9a-f]{64}$/;
const DAY_MS = 86_400_000;
/** Linux and macOS sync a file through any handle of it. */
const SYNC_FLAGS = process.platform === 'win32' ? 'r+' : 'r';
/** So long may files be moved in before the event loop has its turn: a rename takes 10 µs, or 10 ms on a busy disk. */
const TURN_MS = 4;

type StorePaths = Pick<DataDirectory, 'blobsPath' | 'stagingPath' | 'trashPath' | 'quarantinePath'>;

/** `blobs/ab/cd/<sha256>` on one file system with `staging/` and `trash/`. */
export class FileBlobStore implements BlobStore {
  readonly #paths: StorePaths;
  readonly #fanOut: FanOut;
  readonly #stagingPrefix: string;
  #stagingCount = 0;

  /** @param paths folders that exist, all on one file system */
  constructor(paths: StorePaths) {
    this.#paths = paths;
    this.#fanOut = new FanOut(paths.blobsPath);
    this.#stagingPrefix = join(paths.stagingPath, `${randomBytes(9).toString('base64url')}-`);
  }

  stagingPath(): string {
    this.#stagingCount += 1;
    return this.#stagingPrefix + this.#stagingCount;
  }

  /**
   * Opening, chmod and rename are done in place because each takes microseconds where a trip to the thread pool takes
   * more; only what waits for the disk goes there: the syncs, and making folders. An existing blob is replaced instead of looked for: that
   * is one system call less, and heals a damaged one.
   */
  async adoptMany(blobs: readonly StagedBlob[]): Promise<void> {
    for (const blob of blobs) requireSha256(blob.sha256);
    await bounded(blobs, SYNC_CONCURRENCY, makeDurable);
    await this.#moveIn(blobs);
  }

  async linkMany(files: readonly LinkableFile[]): Promise<LinkOutcome[]> {
    for (const file of files) requireSha256(file.sha256);
    const outcomes: LinkOutcome[] = new Array(files.length);
    const staged: StagedBlob[] = [];
    const stagedPaths: string[] = [];
    const present: string[] = [];
    try {
      await bounded([...files.entries()], SYNC_CONCURRENCY, async ([index, file]) => {
        if ((await sizeOf(this.pathOf(file.sha256))) === file.sizeBytes) {
          await syncContent(this.pathOf(file.sha256));
          present.push(file.sha256);
          outcomes[index] = 'present';
          return;
        }
        const stagingPath = this.stagingPath();
        const outcome = await linkIntoStaging(file, stagingPath);
        outcomes[index] = outcome;
        if (outcome === 'changed' || outcome === 'missing') return;
        stagedPaths.push(stagingPath);
        const blob = { stagingPath, sha256: file.sha256, sizeBytes: file.sizeBytes };
        // A hard link shares its mode with the user's file, which is not ours to change.
        if (outcome === 'hard-link') await syncContent(stagingPath);
        else await makeDurable(blob);
        staged.push(blob);
      });
      await this.#moveIn(staged);
    } finally {
      // After a failure what was not moved in; and renaming one hard link onto another of the same file leaves both.
      for (const stagingPath of stagedPaths) fs.rmSync(stagingPath, { force: true });
    }
    await this.#fanOut.sync(new Set(present.map((sha256) => this.#fanOut.folderOf(sha256))));
    return outcomes;
  }

  pathOf(sha256: string): string {
    requireSha256(sha256);
    return this.#fanOut.pathOf(sha256);
  }

  async has(sha256: string): Promise<boolean> {
    return (await sizeOf(this.pathOf(sha256))) !== undefined;
  }

  async trashMany(sha256s: readonly string[]): Promise<number> {
    const day = join(this.#paths.trashPath, new Date().toISOString().slice(0, 10));
    let moved = 0;
    await mkdir(day, { mode: 0o700 }).catch(ignore('EEXIST', day));
    await bounded(sha256s, SYNC_CONCURRENCY, async (sha256) => {
      if (await this.#moveOut(sha256, join(day, sha256))) moved += 1;
    });
    return moved;
  }

  async emptyTrash(olderThanMs: number): Promise<number> {
    let removed = 0;
    const now = Date.now();
    for (const day of await readdir(this.#paths.trashPath)) {
      const startMs = /^\d{4}-\d\d-\d\d$/.test(day) ? Date.parse(day) : Number.NaN;
      // The last file of a day may have come at its end. NaN compares false: what is not ours stays.
      if (!(startMs + DAY_MS + olderThanMs <= now)) continue;
      const folder = join(this.#paths.trashPath, day);
      for (const name of await readdir(folder)) {
        if (!SHA256.test(name)) continue;
        await unlink(join(folder, name));
        removed += 1;
      }
      await rmdir(folder).catch(ignore('ENOTEMPTY', folder));
    }
    return removed;
  }

  async quarantine(sha256: string): Promise<boolean> {
    requireSha256(sha256);
    return this.#moveOut(sha256, join(this.#paths.quarantinePath, sha256));
  }

  async *list(): AsyncGenerator<StoredFile> {
    yield* this.#fanOut.list();
  }

  async verify(sha256: string): Promise<BlobState> {
    const path = this.pathOf(sha256);
    try {
      return (await hashFile(path)) === sha256 ? 'ok' : 'corrupt';
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return 'missing';
      throw storeError(error, path);
    }
  }

  async clearStaging(olderThanMs = 0): Promise<number> {
    let removed = 0;
    const now = Date.now();
    for (const name of await readdir(this.#paths.stagingPath)) {
      const path = join(this.#paths.stagingPath, name);
      if (olderThanMs > 0) {
        const info = await stat(path).catch(ignore('ENOENT', path));
        if (info === undefined || now - info.mtimeMs < olderThanMs) continue;
      }
      await rm(path, { force: true, recursive: true });
      removed += 1;
    }
    return removed;
  }

  /** Gives durable staged files their names, and makes the names durable. */
  async #moveIn(blobs: readonly StagedBlob[]): Promise<void> {
    const folders = new Set<number>();
    await this.#fanOut.make(blobs.map(({ sha256 }) => sha256));
    let turnMs = performance.now();
    for (const { stagingPath, sha256, sizeBytes } of blobs) {
      try {
        folders.add(await this.#fanOut.moveIn(stagingPath, sha256));
      } catch (error) {
        await this.#dropIfStored(stagingPath, sha256, sizeBytes, error);
      }
      if (performance.now() - turnMs < TURN_MS) continue;
      await yieldToEvents();
      turnMs = performance.now();
    }
    await this.#fanOut.sync(folders);
  }

  /** Windows does not replace a file that is read-only or open: the one that is there is as good, if it is whole. */
  async #dropIfStored(stagingPath: string, sha256: string, sizeBytes: number, error: unknown): Promise<void> {
    const path = this.#fanOut.pathOf(sha256);
    const isRefusal = ['EPERM', 'EACCES', 'EBUSY', 'EEXIST'].includes(errorCode(error) ?? '');
    if (!isRefusal || (await sizeOf(path)) !== sizeBytes) throw storeError(error, path);
    await rm(stagingPath, { force: true });
  }

  async #moveOut(sha256: string, target: string): Promise<boolean> {
    const path = this.pathOf(sha256);
    try {
      await rename(path, target);
      return true;
    } catch (error) {
      if (errorCode(error) === 'ENOENT' && (await sizeOf(path)) === undefined) return false;
      throw storeError(error, path);
    }
  }
}

/** Checks the size, makes the file read-only and its bytes durable. After a failure the file is gone. */
async function makeDurable({ stagingPath, sizeBytes, sha256 }: StagedBlob): Promise<void> {
  let fd: number | undefined;
  try {
    fd = fs.openSync(stagingPath, SYNC_FLAGS);
    const { size } = fs.fstatSync(fd);
    if (size !== sizeBytes) {
      throw new Error(`Expected ${sizeBytes} bytes in the staged file of ${sha256}, but it holds ${size}.`);
    }
    fs.fchmodSync(fd, 0o444);
    await fdatasync(fd);
  } catch (error) {
    // A second fsync could succeed although the kernel dropped the pages: these bytes must not be adopted later.
    fs.rmSync(stagingPath, { force: true });
    throw storeError(error, stagingPath);
  } finally {
    if (fd !== undefined) fs.closeSync(fd);
  }
}

/** Windows syncs only writable handles, which a read-only file does not give; there NTFS must do. */
async function syncContent(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  let fd: number | undefined;
  try {
    fd = fs.openSync(path, 'r');
    await fdatasync(fd);
  } catch (error) {
    throw storeError(error, path);
  } finally {
    if (fd !== undefined) fs.closeSync(fd);
  }
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw storeError(error, path);
  }
}

function requireSha256(value: string): void {
  if (!SHA256.test(value)) {
    throw new AppError(
      'bad-request',
      `Expected a SHA-256 of 64 lower-case hexadecimal digits, but got ${JSON.stringify(value).slice(0, 100)}.`,
    );
  }
}

function ignore(code: string, path: string): (error: unknown) => undefined {
  return (error) => {
    if (errorCode(error) !== code) throw storeError(error, path);
  };
}
