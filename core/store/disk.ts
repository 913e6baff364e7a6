import { statfs } from 'node:fs/promises';
import { AppError } from '../../shared/errors.ts';

export interface DiskSpace {
  /** What an ordinary user may still write. */
  readonly freeBytes: number;
  readonly totalBytes: number;
}

/** Space on the disk that holds `path`, which must exist. */
export async function diskSpace(path: string): Promise<DiskSpace> {
  const { bavail, blocks, bsize } = await statfs(path);
  return { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
}

/**
 * @param floorBytes what must stay free after `neededBytes` (default 0) more are written
 * @throws AppError `disk-full` naming the disk's folder, what is free and what is needed
 */
export async function requireFreeSpace(path: string, floorBytes: number, neededBytes = 0): Promise<DiskSpace> {
  const space = await diskSpace(path);
  if (space.freeBytes < floorBytes + neededBytes) {
    const mebibytes = (bytes: number) => `${Math.ceil(bytes / 1024 / 1024).toLocaleString('en')} MiB`;
    throw new AppError(
      'disk-full',
      `Expected at least ${mebibytes(floorBytes + neededBytes)} free on the disk that holds ${path}, but ` +
        `${mebibytes(space.freeBytes)} are. Free some space and resume.`,
      { details: { path, freeBytes: space.freeBytes, floorBytes, neededBytes } },
    );
  }
  return space;
}
