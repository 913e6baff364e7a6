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

/** A sample without its origins: what a grid shows. */
export const sampleSummary = z.object({
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
  /** 0xRRGGBB of the image's mean colour, shown until the thumbnail is there. */
  dominantColour: z.int(),
  caption: z.string().nullable(),
  tags: z.array(z.string()),
  name: z.string().nullable(),
  createdAt: timestamp,
});
export type SampleSummary = z.infer<typeof sampleSummary>;

const sample = sampleSummary.extend({ origins: z.array(origin) });
export type Sample = z.infer<typeof sample>;

const singleFilter = z.object({
  datasetId: id,
  status: z.enum(SAMPLE_STATUSES).optional(),
  label: z.string().optional(),
  reason: z.string().optional(),
});
export type SingleFilter = z.infer<typeof singleFilter>;

/** Both ends inclusive. */
const range = z.object({ min: z.number().optional(), max: z.number().optional() });
export type NumberRange = z.infer<typeof range>;

/** Numbers of a sample that can be filtered by range and drawn as a histogram. */
export const SAMPLE_MEASURES = [
  'shortSide',
  'sizeBytes',
  'aspectRatio',
  'sharpness',
  'brightness',
  'contrast',
  'entropy',
  'createdAt',
] as const;
export type SampleMeasure = (typeof SAMPLE_MEASURES)[number];

/** Values of a facet are alternatives; facets narrow each other. An absent facet does not narrow. */
export const sampleFilter = z.object({
  datasetId: id,
  statuses: z.array(z.enum(SAMPLE_STATUSES)).max(3).optional(),
  /** Names; '' is "without a label". */
  labels: z.array(z.string().max(100)).max(1000).optional(),
  /** '' is "in no split". */
  splits: z
    .array(z.enum([...SPLITS, '']))
    .max(4)
    .optional(),
  reasons: z.array(z.string().max(100)).max(100).optional(),
  /** Where the sample first came from: web, sitemap, list, folder, archive, openverse, wikimedia. */
  sources: z.array(z.string().max(100)).max(100).optional(),
  /** Of its first origin; '' is "not known". */
  licences: z.array(z.string().max(200)).max(1000).optional(),
  formats: z.array(z.enum(IMAGE_FORMATS)).max(IMAGE_FORMATS.length).optional(),
  ranges: z.partialRecord(z.enum(SAMPLE_MEASURES), range).optional(),
  /** Words that caption, tags, name or page address hold; the last may be the beginning of one. */
  text: z.string().max(200).optional(),
  /** Samples that this job added. */
  jobId: id.optional(),
  /** Those that are in a duplicate group, as its keeper or set aside for it; or those that are in none. */
  duplicates: z.enum(['grouped', 'single']).optional(),
});
export type SampleFilter = z.infer<typeof sampleFilter>;

/** By `duplicates` each keeper comes with those set aside for it, in the order that keepers were added. */
export const SAMPLE_SORTS = [
  'added',
  'shortSide',
  'sizeBytes',
  'sharpness',
  'brightness',
  'name',
  'duplicates',
] as const;
const sampleSort = z.object({
  by: z.enum(SAMPLE_SORTS).default('added'),
  direction: z.enum(['ascending', 'descending']).default('ascending'),
});
export type SampleSort = z.infer<typeof sampleSort>;

/** A place in a sort, to be passed back as it came. */
const cursor = z.string().max(500);

/** Facets whose values are counted. */
export const SAMPLE_FACETS = ['status', 'label', 'split', 'reason', 'source', 'licence', 'format'] as const;
export type SampleFacet = (typeof SAMPLE_FACETS)[number];
const facetValues = z.array(z.object({ value: z.string(), count: z.int() }));

/** `from` inclusive, `to` exclusive. */
export const histogramBins = z.array(z.object({ from: z.number(), to: z.number(), count: z.int() }));

const sampleDetails = z.object({
  sample,
  measurements: z.object({
    brightness: z.number(),
    /** Luma that so many per cent of the pixels stay below: 1, 5, 50, 95 and 99. */
    brightnessPercentiles: z.array(z.number()),
    contrast: z.number(),
    entropy: z.number(),
    colourfulness: z.number(),
    sharpness: z.number(),
    sharpnessHalf: z.number(),
    dHash: z.string(),
    pHash: z.string(),
  }),
  facts: z.object({
    orientation: z.int(),
    frames: z.int(),
    channels: z.int(),
    bitDepth: z.int(),
    colourSpace: z.string(),
    hasAlpha: z.boolean(),
    hasIccProfile: z.boolean(),
    integrity: z.enum(['ok', 'damaged']),
    detail: z.string().nullable(),
  }),
  /** Every rule that was looked at, as the rule set in force sees this image now. */
  checks: z.array(
    z.object({
      finding: z.string(),
      /** The rule whose threshold it is; null where there is none. Two rules may lead to one finding. */
      rule: z.string().nullable(),
      /** False where it makes the finding. A value beyond its threshold passes where the finding needs another value too. */
      passed: z.boolean(),
      /** The measured value; null where the rule looks at no number. */
      value: z.number().nullable(),
      threshold: z.number().nullable(),
      /** Whether a value below or above the threshold is a finding; null where there is none. */
      bad: z.enum(['below', 'above']).nullable(),
      unit: z.string(),
      description: z.string(),
    }),
  ),
  exif: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
  /** Newest first. */
  history: z.array(
    z.object({
      at: timestamp,
      event: z.enum(['added', 'judged', 'decided', 'undone']),
      /** What changed, by field: from and to as text; null is "nothing". */
      changes: z.array(z.object({ field: z.string(), from: z.string().nullable(), to: z.string().nullable() })),
    }),
  ),
  /** The duplicate group it is in, as keeper or member; null when in none. */
  duplicateGroupId: id.nullable(),
});
export type SampleDetails = z.infer<typeof sampleDetails>;

const tags = ['samples'];

export const samples = {
  list: procedure
    .route({ method: 'GET', path: '/samples', tags, summary: 'With origins, in the order they were added.' })
    .input(singleFilter.extend(pageInput.shape))
    .output(pageOf(sample)),
  get: procedure
    .route({ method: 'GET', path: '/samples/{id}', tags, summary: 'One sample with its origins.' })
    .input(z.object({ id }))
    .output(sample),
  count: procedure
    .route({ method: 'GET', path: '/samples/count', tags, summary: 'How many samples match.' })
    .input(singleFilter)
    .output(z.object({ count: z.int() })),
  browse: procedure
    .route({
      method: 'POST',
      path: '/samples/browse',
      tags,
      summary: 'A page of the grid, by keyset: pass `next` back as `after` until it is null.',
    })
    .input(
      z.object({
        filter: sampleFilter,
        sort: sampleSort.prefault({}),
        after: cursor.nullable().default(null),
        limit: z.int().min(1).max(500).default(200),
      }),
    )
    .output(z.object({ items: z.array(sampleSummary), next: cursor.nullable() })),
  index: procedure
    .route({
      method: 'POST',
      path: '/samples/index',
      tags,
      summary:
        'How many match, and for each page of `pageSize` what to pass to `browse` as `after`, so that any page can be had.',
    })
    .input(
      z.object({
        filter: sampleFilter,
        sort: sampleSort.prefault({}),
        pageSize: z.int().min(50).max(500).default(200),
      }),
    )
    .output(z.object({ count: z.int(), anchors: z.array(cursor.nullable()) })),
  ids: procedure
    .route({
      method: 'POST',
      path: '/samples/ids',
      tags,
      summary:
        'Ids at places `offset` to `offset + limit - 1` of a sort: a range that was selected without being loaded.',
    })
    .input(
      z.object({
        filter: sampleFilter,
        sort: sampleSort.prefault({}),
        offset: z.int().nonnegative(),
        limit: z.int().min(1).max(1_000_000),
      }),
    )
    .output(z.object({ ids: z.array(id) })),
  facets: procedure
    .route({
      method: 'POST',
      path: '/samples/facets',
      tags,
      summary:
        "Counts beside every value of every facet; a facet's own choice does not narrow its own counts. Largest first.",
    })
    .input(z.object({ filter: sampleFilter }))
    .output(
      z.object({
        count: z.int(),
        facets: z.object(
          Object.fromEntries(SAMPLE_FACETS.map((facet) => [facet, facetValues])) as Record<
            SampleFacet,
            typeof facetValues
          >,
        ),
      }),
    ),
  histogram: procedure
    .route({
      method: 'POST',
      path: '/samples/histogram',
      tags,
      summary:
        'How a number is spread over what matches, its own range apart. Bins do not overlap; the first that holds any comes first.',
    })
    .input(z.object({ filter: sampleFilter, measure: z.enum(SAMPLE_MEASURES) }))
    .output(
      z.object({
        bins: histogramBins,
        scale: z.enum(['linear', 'logarithmic', 'time']),
        unit: z.string(),
      }),
    ),
  details: procedure
    .route({
      method: 'GET',
      path: '/samples/{id}/details',
      tags,
      summary: 'Everything about one sample: rules with values, origins, EXIF, history.',
    })
    .input(z.object({ id }))
    .output(sampleDetails),
};
