import { z } from 'zod';
import { procedure } from './common.ts';

const libraryInfo = z.object({
  version: z.string(),
  dataDirectory: z.string(),
  imageCount: z.int(),
  /** Bytes of the stored originals, by their rows. */
  imageBytes: z.int(),
  databaseBytes: z.int(),
  thumbnailBytes: z.int(),
  freeBytes: z.int(),
  totalBytes: z.int(),
});
export type LibraryInfo = z.infer<typeof libraryInfo>;

const tags = ['library'];

export const library = {
  info: procedure.route({ method: 'GET', path: '/library', tags }).output(libraryInfo),
};
