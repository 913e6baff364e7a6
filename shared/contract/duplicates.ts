import { z } from 'zod';
import { id, pageInput, pageOf, procedure } from './common.ts';
import { sampleFilter, sampleSummary } from './samples.ts';

const duplicateGroup = z.object({
  id,
  datasetId: id,
  keeper: sampleSummary,
  /** Why it is the keeper: it has more pixels, else more bytes, else it came first; or a person chose it. */
  keptBecause: z.enum(['more-pixels', 'more-bytes', 'first', 'chosen']),
  /** Nearest first; at most 100, `memberCount` tells how many there are. */
  members: z.array(
    z.object({
      sample: sampleSummary,
      /** Bits in which its pHash differs from the keeper's. */
      distance: z.int(),
    }),
  ),
  memberCount: z.int(),
});
export type DuplicateGroup = z.infer<typeof duplicateGroup>;

const tags = ['duplicates'];

/** Groups are named by the id of their row; it stays when another keeper is chosen. */
export const duplicates = {
  list: procedure
    .route({
      method: 'GET',
      path: '/duplicates',
      tags,
      summary: 'Groups of near-duplicates that still have members, in the order of their ids.',
    })
    .input(pageInput.extend({ datasetId: id, limit: z.int().min(1).max(100).default(20) }))
    .output(pageOf(duplicateGroup).extend({ total: z.int() })),
  get: procedure
    .route({ method: 'GET', path: '/duplicates/{id}', tags, summary: 'One group of near-duplicates.' })
    .input(z.object({ id }))
    .output(duplicateGroup),
  sections: procedure
    .route({
      method: 'POST',
      path: '/duplicates/sections',
      tags,
      summary:
        'How many samples of each group match, in the order of the sort by duplicates; of the first 10,000 groups.',
    })
    .input(z.object({ filter: sampleFilter }))
    .output(
      z.object({
        counts: z.array(z.int()),
        /** Samples that match in all groups. */
        total: z.int(),
      }),
    ),
  chooseKeeper: procedure
    .route({
      method: 'POST',
      path: '/duplicates/{id}/keeper',
      tags,
      summary:
        'The chosen member is accepted, the others of the group quarantined as its near-duplicates. A decision: it can be undone.',
    })
    .input(z.object({ id, sampleId: id }))
    .output(z.object({ decisionId: id })),
  keepAll: procedure
    .route({
      method: 'POST',
      path: '/duplicates/{id}/keep-all',
      tags,
      summary: 'They are no duplicates: all are accepted. A decision: it can be undone.',
    })
    .input(z.object({ id }))
    .output(z.object({ decisionId: id })),
};
