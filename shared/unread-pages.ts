/** What the counts of a job tell of its pages beside those that are read. */

import type { Job } from './contract/jobs.ts';
import { FINDINGS } from './vocabulary.ts';

const ABOUT_KEPT_IMAGES: ReadonlySet<string> = new Set(FINDINGS);

/**
 * How many of the pages that are done were not read: they did not answer, were no page, or were not to be read. Counts of
 * failures and refusals are of images; their reasons are of pages too, so that the difference is what pages met.
 */
export function unreadPages({ counts, reasons }: Pick<Job, 'counts' | 'reasons'>): number {
  const met = Object.entries(reasons).reduce(
    (sum, [reason, count]) => (ABOUT_KEPT_IMAGES.has(reason) ? sum : sum + count),
    0,
  );
  return Math.min(counts.pagesDone, Math.max(0, met - counts.failed - counts.refused));
}
