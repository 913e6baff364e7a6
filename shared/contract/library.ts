import { z } from 'zod';
import { procedure } from './common.ts';

const libraryInfo = z.object({
  version: z.string(),
  dataDirectory: z.string(),
  /** Of the disk the library is on. */
  freeBytes: z.int(),
  totalBytes: z.int(),
});
export type LibraryInfo = z.infer<typeof libraryInfo>;

const libraryStorage = z.object({
  imageCount: z.int(),
  /** Bytes of the stored originals, by their rows. */
  imageBytes: z.int(),
  databaseBytes: z.int(),
  thumbnailBytes: z.int(),
});
export type LibraryStorage = z.infer<typeof libraryStorage>;

const tags = ['library'];

export const library = {
  info: procedure
    .route({ method: 'GET', path: '/library', tags, summary: 'Where the library is: quick, however large it is.' })
    .output(libraryInfo),
  storage: procedure
    .route({ method: 'GET', path: '/library/storage', tags, summary: 'What it holds: reads a row of every image.' })
    .output(libraryStorage),
};
