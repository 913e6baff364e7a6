import { z } from 'zod';
import { procedure } from './common.ts';

const fileEntry = z.object({
  name: z.string(),
  path: z.string(),
  kind: z.enum(['folder', 'image', 'archive', 'list', 'other']),
  /** null for folders. */
  sizeBytes: z.int().nullable(),
});
export type FileEntry = z.infer<typeof fileEntry>;

const tags = ['files'];

export const files = {
  list: procedure
    .route({
      method: 'GET',
      path: '/files',
      tags,
      summary:
        "What a folder of the core's machine holds, folders first: to choose what to import and where to export to.",
    })
    .input(
      z.object({
        /** Absolute, or below `~`, the home folder. Default: that folder. */
        path: z.string().min(1).max(4096).optional(),
      }),
    )
    .output(
      z.object({
        path: z.string(),
        /** null at the root. */
        parent: z.string().nullable(),
        /** At most 5,000. */
        entries: z.array(fileEntry),
        isTruncated: z.boolean(),
        isWritable: z.boolean(),
        freeBytes: z.int(),
      }),
    ),
};
