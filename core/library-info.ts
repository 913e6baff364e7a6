import { stat, statfs } from 'node:fs/promises';
import type { LibraryInfo, LibraryStorage } from '../shared/contract/library.ts';
import type { CoreServices } from './core-services.ts';

/** Where the library is, and the room on its disk. */
export async function libraryInfo({ directory }: CoreServices, version: string): Promise<LibraryInfo> {
  const { bavail, blocks, bsize } = await statfs(directory.root);
  return { version, dataDirectory: directory.root, freeBytes: bavail * bsize, totalBytes: blocks * bsize };
}

/** What the library holds. */
export async function libraryStorage({ directory, ownerId, reader }: CoreServices): Promise<LibraryStorage> {
  const [images] = await reader.all<{ count: number; bytes: number }>(
    'SELECT count(*) AS count, coalesce(sum(size_bytes), 0) AS bytes FROM images WHERE owner_id = ?',
    [ownerId],
    'bulk',
  );
  return {
    imageCount: images?.count ?? 0,
    imageBytes: images?.bytes ?? 0,
    databaseBytes: await sizeOf(directory.databasePath),
    thumbnailBytes: await sizeOf(directory.thumbnailsPath),
  };
}

/** 0 for a file that is not there. */
async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => null))?.size ?? 0;
}
