/** Files that a host received for an import: a browser has no paths to give. Kept until the import that reads them has ended. */

import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AppError } from '../../shared/errors.ts';
import { insideRoot, UniqueNames } from '../names/safe-name.ts';
import { requireFreeSpace } from '../store/disk.ts';
import { errorCode } from '../store/durable-file.ts';

const BATCH_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const MAX_FILES = 200_000;
const MAX_DEPTH = 32;
const MAX_PATH_LENGTH = 4096;
/** An archive of a whole dataset may be sent. */
const MAX_FILE_BYTES = 64 * 1024 ** 3;
/** The disk's free space is looked at again after so many bytes. */
const LOOK_AGAIN_BYTES = 64 * 1024 * 1024;
/** A batch that no job refers to may still be on its way for this long. */
const UNCLAIMED_MS = 24 * 60 * 60 * 1000;

export interface UploadsOptions {
  readonly folderPath: string;
  /** What must stay free on the disk, in bytes. */
  readonly minFreeBytes: () => number;
  /** Parameters of jobs that have not ended for good, as JSON: what they name is kept. */
  readonly parametersInUse: () => readonly string[];
  /** Default `Date.now`. */
  readonly now?: () => number;
}

export interface Uploads {
  /** A new batch: the folder its files will be in. */
  begin(): Promise<{ readonly batchId: string; readonly folderPath: string }>;
  /**
   * Writes one file of a batch; a second one of the same path replaces the first. A stream that breaks off leaves nothing.
   * @param relativePath with forward slashes; made safe for every system, and paths that differ stay apart
   * @returns with the absolute path the file has got
   * @throws AppError `bad-request` for a path that leads out, `not-found` for an unknown batch, `payload-too-large`,
   *   `disk-full`
   */
  write(
    batchId: string,
    relativePath: string,
    bytes: Readable,
  ): Promise<{ readonly sizeBytes: number; readonly path: string }>;
  /**
   * Removes batches that no job needs any more: those whose job has ended, and those that nobody claimed within a day.
   * Call at the start, when a job has ended, and for upkeep.
   * @param endedParameters those of a job that has just ended, as JSON
   */
  sweep(endedParameters?: string): Promise<void>;
}

export function createUploads(options: UploadsOptions): Uploads {
  const { folderPath, minFreeBytes, parametersInUse, now = Date.now } = options;
  /** Batches that got files in this run. */
  const batches = new Map<string, Batch>();

  async function batchFolder(batchId: string): Promise<string> {
    const path = join(folderPath, batchId);
    if (!BATCH_ID.test(batchId) || (await stat(path).catch(() => undefined)) === undefined) {
      throw new AppError('not-found', 'There is no such upload. Begin one first.');
    }
    return path;
  }

  return {
    async begin() {
      const batchId = randomUUID();
      const path = join(folderPath, batchId);
      await mkdir(path, { recursive: true, mode: 0o700 });
      return { batchId, folderPath: path };
    },

    async write(batchId, relativePath, bytes) {
      const root = await batchFolder(batchId);
      const batch = batches.get(batchId) ?? new Batch(root);
      batches.set(batchId, batch);
      if (++batch.fileCount > MAX_FILES) {
        throw new AppError(
          'payload-too-large',
          `Expected at most ${MAX_FILES} files at once. Import a folder by its path.`,
        );
      }
      const path = batch.pathOf(relativePath);
      await requireFreeSpace(folderPath, minFreeBytes());
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      const partial = `${path}.${randomUUID()}.part`;
      let sizeBytes = 0;
      let nextLookBytes = LOOK_AGAIN_BYTES;
      const watched = new Transform({
        transform(chunk: Buffer, _encoding, done) {
          sizeBytes += chunk.length;
          if (sizeBytes > MAX_FILE_BYTES) {
            done(new AppError('payload-too-large', 'Expected a file of at most 64 GiB. Import it by its path.'));
          } else if (sizeBytes < nextLookBytes) {
            done(null, chunk);
          } else {
            nextLookBytes += LOOK_AGAIN_BYTES;
            requireFreeSpace(folderPath, minFreeBytes()).then(
              () => done(null, chunk),
              (error: Error) => done(error),
            );
          }
        },
      });
      try {
        await pipeline(bytes, watched, createWriteStream(partial, { flags: 'wx', mode: 0o600 }));
        await rename(partial, path);
      } catch (error) {
        await rm(partial, { force: true });
        throw error;
      }
      return { sizeBytes, path };
    },

    async sweep(endedParameters = '') {
      const inUse = parametersInUse();
      let names: string[];
      try {
        names = await readdir(folderPath);
      } catch (error) {
        if (errorCode(error) === 'ENOENT') return;
        throw error;
      }
      for (const name of names) {
        if (!BATCH_ID.test(name) || inUse.some((parameters) => parameters.includes(name))) continue;
        const path = join(folderPath, name);
        const info = await stat(path).catch(() => undefined);
        // What is part of a draft may be claimed by a job yet, also after a restart.
        const isUnclaimed = !endedParameters.includes(name);
        if (info === undefined || (isUnclaimed && now() - info.mtimeMs < UNCLAIMED_MS)) continue;
        batches.delete(name);
        await rm(path, { recursive: true, force: true });
      }
    },
  };
}

class Batch {
  fileCount = 0;
  readonly #root: string;
  /** The safe name of each part of the paths asked for, by the path to it. */
  readonly #names = new Map<string, string>();
  /** The names given out in each folder, by the path asked for. */
  readonly #folders = new Map<string, UniqueNames>();

  constructor(root: string) {
    this.#root = root;
  }

  /** The same for the same path. @throws AppError `bad-request` */
  pathOf(relativePath: string): string {
    const segments = relativePath.split('/');
    if (
      insideRoot(this.#root, relativePath) === null ||
      segments.length > MAX_DEPTH ||
      relativePath.length > MAX_PATH_LENGTH
    ) {
      throw new AppError(
        'bad-request',
        `Expected a relative path inside the upload, of at most ${MAX_DEPTH} folders, got "${relativePath.slice(0, 200)}".`,
      );
    }
    let path = this.#root;
    let asked = '';
    for (const segment of segments) {
      if (segment === '' || segment === '.') continue;
      const folder = asked;
      asked += `/${segment}`;
      path = join(path, this.#nameOf(asked, folder, segment));
    }
    return path;
  }

  #nameOf(asked: string, folder: string, segment: string): string {
    const known = this.#names.get(asked);
    if (known !== undefined) return known;
    const names = this.#folders.get(folder) ?? new UniqueNames();
    this.#folders.set(folder, names);
    const name = names.take(segment);
    this.#names.set(asked, name);
    return name;
  }
}
