import { z } from 'zod';
import { IMAGE_FORMATS, SAMPLE_STATUSES, SPLITS } from '../vocabulary.ts';
import { id, pageInput, pageOf, procedure, sha256, timestamp } from './common.ts';

const origin = z.object({
  source: z.string(),
  pageUrl: z.string().nullable(),
  imageUrl: z.string(),
  licence: z.string().nullable(),
  creator: z.string().nullable(),
  attribution: z.string().nullable(),
  consent: z.object({
    verdict: z.enum(['allowed', 'refused', 'overridden']),
    /** What each signal said, and where it was read. */
    signals: z.array(z.object({ signal: z.string(), refused: z.boolean(), evidence: z.string() })),
  }),
  fetchedAt: timestamp,
  httpStatus: z.int().nullable(),
});
export type Origin = z.infer<typeof origin>;

const sample = z.object({
  id,
  datasetId: id,
  sha256,
  label: z.string().nullable(),
  split: z.enum(SPLITS).nullable(),
  status: z.enum(SAMPLE_STATUSES),
  decidedBy: z.enum(['rules', 'user']),
  reasons: z.array(z.string()),
  /** The kept image this one nearly repeats; null unless quarantined as a near-duplicate. */
  keeper: z.object({ sha256, distance: z.int() }).nullable(),
  width: z.int(),
  height: z.int(),
  format: z.enum(IMAGE_FORMATS),
  bytes: z.int(),
  caption: z.string().nullable(),
  name: z.string().nullable(),
  createdAt: timestamp,
  origins: z.array(origin),
});
export type Sample = z.infer<typeof sample>;

const sampleFilter = z.object({
  datasetId: id,
  status: z.enum(SAMPLE_STATUSES).optional(),
  label: z.string().optional(),
  reason: z.string().optional(),
});
export type SampleFilter = z.infer<typeof sampleFilter>;

const tags = ['samples'];

export const samples = {
  /** In the order they were added. */
  list: procedure
    .route({ method: 'GET', path: '/samples', tags })
    .input(sampleFilter.extend(pageInput.shape))
    .output(pageOf(sample)),
  get: procedure.route({ method: 'GET', path: '/samples/{id}', tags }).input(z.object({ id })).output(sample),
  count: procedure
    .route({ method: 'GET', path: '/samples/count', tags })
    .input(sampleFilter)
    .output(z.object({ count: z.int() })),
};
