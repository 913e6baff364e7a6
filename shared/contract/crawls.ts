import { z } from 'zod';
import { CONSENT_OVERRIDES } from '../vocabulary.ts';
import { id, name, nothing, procedure } from './common.ts';
import { job } from './jobs.ts';

const hostPattern = z
  .string()
  .min(1)
  .max(260)
  .regex(/^[^\s/@?#]+$/, 'expected HOST or HOST:PORT, without scheme or path');

export const crawlInput = z.object({
  datasetId: id,
  /**
   * In the SOURCE grammar: a page URL, sitemap:URL, urls:FILE, folder:PATH, openverse:QUERY, wikimedia:QUERY; with a
   * label of its own where images of one source are of one class.
   */
  sources: z
    .array(z.union([z.string().min(1).max(4096), z.object({ source: z.string().min(1).max(4096), label: name })]))
    .min(1)
    .max(1000),
  /** Class given to every image whose source has none; made in the dataset when it is missing. */
  label: name.optional(),
  /** Stop after this many new images; no limit when absent. */
  maxImages: z.int().min(1).optional(),
  /** Pages, sitemaps and API answers fetched at most. */
  maxPages: z.int().min(1).default(10_000),
  /** Links followed from a given page; 0 means the given pages alone. */
  depth: z.int().min(0).max(100).default(3),
  /** Requests in flight to one host. Default: the setting crawl.perHost. */
  perHost: z.int().min(1).max(8).optional(),
  /** Least time between the starts of two requests to one host. Default: the setting crawl.delayMs. */
  delayMs: z.int().min(0).max(300_000).optional(),
  include: z.array(z.string().min(1)).max(100).default([]),
  exclude: z.array(z.string().min(1)).max(100).default([]),
  /** Exactly these hosts (and ports) may have private addresses. */
  allowHosts: z.array(hostPattern).max(100).default([]),
  /**
   * Wishes of sites that this crawl goes past; none unless named. Kept with the job, and each origin it makes says
   * which of them had refused.
   */
  overrideConsent: z
    .array(z.enum(CONSENT_OVERRIDES, `expected some of ${CONSENT_OVERRIDES.join(', ')}`))
    .max(CONSENT_OVERRIDES.length)
    .default([]),
  /** For one request, redirects and body together. */
  timeoutMs: z.int().min(1000).max(600_000).optional(),
});
export type CrawlInput = z.infer<typeof crawlInput>;

/** What can be told before the run. Every number is a guess; null where there is nothing to guess from. */
const crawlEstimate = z.object({
  sources: z.array(
    z.object({
      source: z.string(),
      /** Images that it says it has, or that were counted in it. */
      images: z.int().nullable(),
      /**
       * What the number is from: a search service's own count, lines or files counted; or why there is none. `waiting`: the
       * service is asked as seldom as it wants, and its turn has not come; the next estimate may know.
       */
      basis: z.enum(['service-count', 'counted', 'unknown', 'unreachable', 'waiting']),
      /** Why it cannot be reached, as failures are named; null where it can, or where `detail` says all there is. */
      reason: z.string().nullable(),
      detail: z.string().nullable(),
    }),
  ),
  /** Images over all sources, limited by `maxImages`. */
  images: z.int().nullable(),
  durationMs: z.int().nullable(),
  bytes: z.int().nullable(),
  freeBytes: z.int(),
});
export type CrawlEstimate = z.infer<typeof crawlEstimate>;

const tags = ['crawls'];

export const crawls = {
  start: procedure
    .route({
      method: 'POST',
      path: '/crawls',
      tags,
      summary: 'Starts a crawl; an unfinished one with the same input is resumed instead.',
    })
    .input(crawlInput)
    .output(job),
  estimate: procedure
    .route({
      method: 'POST',
      path: '/crawls/estimate',
      tags,
      summary: 'Asks search services, at their pace, and reads lists and folders; fetches no image.',
    })
    .input(crawlInput)
    .output(crawlEstimate),
  trial: procedure
    .route({
      method: 'POST',
      path: '/crawls/trial',
      tags,
      summary:
        "The first ten images of a crawl, into a dataset of its own that lists do not show: the job's `datasetId`. A trial of the same kind that the dataset had before is removed.",
    })
    .input(crawlInput)
    .output(job),
  endTrial: procedure
    .route({
      method: 'DELETE',
      path: '/crawls/trial/{datasetId}',
      tags,
      summary: 'Removes the trial of a crawl or an import with its images. Removing one that is gone changes nothing.',
    })
    .input(z.object({ datasetId: id }))
    .output(nothing),
};
