import { statfs } from 'node:fs/promises';
import { AppError } from '../../shared/errors.ts';

/** What an ordinary user may still write to the disk that holds `path`, which must exist. */
export async function freeBytes(path: string): Promise<number> {
  const { bavail, bsize } = await statfs(path);
  return bavail * bsize;
}

/**
 * @param floorBytes what must stay free after `neededBytes` (default 0) more are written
 * @param purpose what needs them, as `to unpack a.zip`; default nothing in particular
 * @throws AppError `disk-full` naming the disk's folder, what is free and what is needed
 */
export async function requireFreeSpace(path: string, floorBytes: number, neededBytes = 0, purpose = ''): Promise<void> {
  const free = await freeBytes(path);
  if (free < floorBytes + neededBytes) {
    const mebibytes = (bytes: number) => `${Math.ceil(bytes / 1024 / 1024).toLocaleString('en')} MiB`;
    throw new AppError(
      'disk-full',
      `Expected at least ${mebibytes(floorBytes + neededBytes)} free on the disk that holds ${path}${purpose === '' ? '' : ` ${purpose}`}, but ` +
        `${mebibytes(free)} are. Free some space and resume.`,
      { details: { path, freeBytes: free, floorBytes, neededBytes } },
    );
  }
}
