import { z } from 'zod';
import { id, name, procedure } from './common.ts';
import { job } from './jobs.ts';

export const importInput = z.object({
  datasetId: id,
  /** Absolute paths of folders, image files, or zip, tar, tar.gz and tgz archives. */
  paths: z.array(z.string().min(1).max(4096)).min(1).max(1000),
  /**
   * `folders`: the folder that holds a file names its class, below the given ones; `given-folders`: they name the class of
   * what lies in them directly, too.
   */
  labelsFrom: z.enum(['folders', 'given-folders', 'none']).default('none'),
  label: name.optional(),
  /** `link` shares the bytes with the original where the file system can; `copy` never does. */
  mode: z.enum(['copy', 'link']).default('copy'),
  /** Stop after this many new images; no limit when absent. */
  maxImages: z.int().min(1).optional(),
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
  trial: procedure
    .route({
      method: 'POST',
      path: '/imports/trial',
      tags,
      summary:
        "The first ten images of an import, into a dataset of its own that lists do not show: the job's `datasetId`. A trial of the same kind that the dataset had before is removed. It is ended as the trial of a crawl is.",
    })
    .input(importInput)
    .output(job),
};
