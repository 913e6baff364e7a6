import { z } from 'zod';
import { id, name, procedure } from './common.ts';
import { job } from './jobs.ts';

export const importInput = z.object({
  datasetId: id,
  /** Absolute paths of folders, image files, or zip, tar, tar.gz and tgz archives. */
  paths: z.array(z.string().min(1).max(4096)).min(1).max(1000),
  /** `folders`: the folder that holds a file names its class. */
  labelsFrom: z.enum(['folders', 'none']).default('none'),
  label: name.optional(),
  /** `link` shares the bytes with the original where the file system can; `copy` never does. */
  mode: z.enum(['copy', 'link']).default('copy'),
});
export type ImportInput = z.infer<typeof importInput>;

const tags = ['imports'];

export const imports = {
  start: procedure
    .route({
      method: 'POST',
      path: '/imports',
      tags,
      summary: 'Starts an import; an unfinished one with the same input is resumed instead.',
    })
    .input(importInput)
    .output(job),
};
