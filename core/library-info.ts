import { stat, statfs } from 'node:fs/promises';
import type { LibraryInfo } from '../shared/contract/library.ts';
import type { CoreServices } from './core-services.ts';

/** Where the library is and how large. */
export async function libraryInfo(services: CoreServices, version: string): Promise<LibraryInfo> {
  const { directory, ownerId, reader } = services;
  const [images] = await reader.all<{ count: number; bytes: number }>(
    'SELECT count(*) AS count, coalesce(sum(size_bytes), 0) AS bytes FROM images WHERE owner_id = ?',
    [ownerId],
  );
  const { bavail, blocks, bsize } = await statfs(directory.root);
  return {
    version,
    dataDirectory: directory.root,
    imageCount: images?.count ?? 0,
    imageBytes: images?.bytes ?? 0,
    databaseBytes: await sizeOf(directory.databasePath),
    thumbnailBytes: await sizeOf(directory.thumbnailsPath),
    freeBytes: bavail * bsize,
    totalBytes: blocks * bsize,
  };
}

/** 0 for a file that is not there. */
async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => null))?.size ?? 0;
}
