import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { open } from 'node:fs/promises';
import { AppError, isDiskFull } from '../../shared/errors.ts';
import { errorCode } from './durable-file.ts';

/** Syncs in flight: more than the thread pool's default of 4, so that the disk can gather them into one flush. */
export const SYNC_CONCURRENCY = 8;

/** Runs `work` on every item, at most `limit` at once. After a failure no further item is started, and it rejects once all that run have ended. */
export async function bounded<T>(items: readonly T[], limit: number, work: (item: T) => Promise<void>): Promise<void> {
  let next = 0;
  let failure: { readonly error: unknown } | undefined;
  const lane = async () => {
    while (next < items.length && failure === undefined) {
      const item = items[next] as T;
      next += 1;
      try {
        await work(item);
      } catch (error) {
        failure ??= { error };
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, lane));
  if (failure !== undefined) throw failure.error;
}

export function fdatasync(fd: number): Promise<void> {
  return new Promise((resolve, reject) => {
    fs.fdatasync(fd, (error) => (error === null ? resolve() : reject(error)));
  });
}

export function fsync(fd: number): Promise<void> {
  return new Promise((resolve, reject) => {
    fs.fsync(fd, (error) => (error === null ? resolve() : reject(error)));
  });
}

export function yieldToEvents(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/** SHA-256 of a file in lower-case hex, reading 128 KiB at a time. @throws the system's error */
export async function hashFile(path: string): Promise<string> {
  const handle = await open(path, 'r');
  try {
    const hash = createHash('sha256');
    const buffer = Buffer.allocUnsafe(128 * 1024);
    for (;;) {
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, null);
      if (bytesRead === 0) return hash.digest('hex');
      hash.update(buffer.subarray(0, bytesRead));
    }
  } finally {
    await handle.close();
  }
}

/** A system error of the store's disk, in words that name the disk. */
export function storeError(error: unknown, path: string): unknown {
  if (error instanceof AppError) return error;
  const code = errorCode(error);
  const details = { path, systemCode: code };
  if (isDiskFull(code)) {
    return new AppError('disk-full', `The disk that holds ${path} is full. Free some space and resume.`, {
      details,
      cause: error,
    });
  }
  switch (code) {
    case 'EIO':
    case 'ENXIO':
    case 'ENODEV':
    case 'EROFS':
    case 'ESTALE':
      return new AppError(
        'unavailable',
        `The disk that holds ${path} failed (${code}). Check the disk and its connection, then resume.`,
        { details, cause: error },
      );
    case 'EMFILE':
    case 'ENFILE':
      return new AppError(
        'unavailable',
        `The system allows no more open files (${code}). Close programs or raise the limit, then resume.`,
        {
          details,
          cause: error,
        },
      );
    default:
      return error;
  }
}
