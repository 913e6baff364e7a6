import { z } from 'zod';
import { procedure } from './common.ts';

/** Larger files have a path, or are sent to a host over HTTP. */
const MAX_BASE64_CHARACTERS = 96 * 1024 * 1024;

const tags = ['uploads'];

export const uploads = {
  put: procedure
    .route({
      method: 'POST',
      path: '/uploads/files',
      tags,
      summary:
        'Keeps a file that has no path, such as a picture dragged from another program, for an import. At most 72 MiB; files without a job are removed after a day.',
    })
    .input(
      z.object({
        name: z.string().min(1).max(4096),
        /** Its bytes, as base64. */
        bytes: z.base64().max(MAX_BASE64_CHARACTERS),
      }),
    )
    .output(
      z.object({
        /** Absolute path of the folder that holds it alone. */
        folderPath: z.string(),
        path: z.string(),
      }),
    ),
};
