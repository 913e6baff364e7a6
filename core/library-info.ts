import { stat, statfs } from 'node:fs/promises';
import type { LibraryInfo, LibraryStorage } from '../shared/contract/library.ts';
import type { CoreServices } from './core-services.ts';

/** Where the library is, and the room on its disk. */
export async function libraryInfo({ directory }: CoreServices, version: string): Promise<LibraryInfo> {
  const { bavail, blocks, bsize } = await statfs(directory.root);
  return { version, dataDirectory: directory.root, freeBytes: bavail * bsize, totalBytes: blocks * bsize };
}

/** What the library holds. */
export async function libraryStorage({ directory, images, reader }: CoreServices): Promise<LibraryStorage> {
  const { sql, parameters } = images.sizeQuery();
  const [size] = await reader.all<{ count: number; bytes: number }>(sql, parameters, 'bulk');
  return {
    imageCount: size?.count ?? 0,
    imageBytes: size?.bytes ?? 0,
    databaseBytes: await databaseSize(directory.databasePath),
    thumbnailBytes: await databaseSize(directory.thumbnailsPath),
  };
}

/** With what is not yet written back from its log, and the log's index. */
async function databaseSize(path: string): Promise<number> {
  const sizes = await Promise.all(['', '-wal', '-shm'].map((suffix) => sizeOf(path + suffix)));
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** 0 for a file that is not there. */
async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => null))?.size ?? 0;
}
