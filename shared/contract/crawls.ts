import { z } from 'zod';
import { id, name, procedure } from './common.ts';
import { job } from './jobs.ts';

const hostPattern = z
  .string()
  .min(1)
  .max(260)
  .regex(/^[^\s/@?#]+$/, 'expected HOST or HOST:PORT, without scheme or path');

export const crawlInput = z.object({
  datasetId: id,
  /** In the SOURCE grammar: a page URL, sitemap:URL, urls:FILE, folder:PATH, openverse:QUERY, wikimedia:QUERY. */
  sources: z.array(z.string().min(1).max(4096)).min(1).max(1000),
  /** Class given to every image; made in the dataset when it is missing. */
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
  /** For one request, redirects and body together. */
  timeoutMs: z.int().min(1000).max(600_000).optional(),
});
export type CrawlInput = z.infer<typeof crawlInput>;

const tags = ['crawls'];

export const crawls = {
  /** Starts a crawl; an unfinished one with the same input is resumed instead. */
  start: procedure.route({ method: 'POST', path: '/crawls', tags }).input(crawlInput).output(job),
};
