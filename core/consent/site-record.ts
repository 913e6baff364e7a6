/** What the keeper remembers about a site between runs: plain data, JSON-able, bound to the `hosts` table. */

import { z } from 'zod';
import { FAILURES, REFUSALS } from '../../shared/vocabulary.ts';

const refusalSchema = z.enum(REFUSALS);
const failureSchema = z.union([z.enum(FAILURES), z.templateLiteral(['http-', z.number()])]);

const robotsFileSchema = z.object({
  /**
   * - `rules`: `text` holds the rules - `open`: the site has no robots.txt - `closed`: it could not be reached.
   */
  access: z.enum(['rules', 'open', 'closed']),
  /** The last copy that was had, at most 500 KiB; empty when there never was one. */
  text: z.string(),
  /** When the site last confirmed `text`; null when there never was one. */
  copiedAtMs: z.number().nullable(),
  /** What came at the last attempt, for people. */
  detail: z.string(),
  checkedAtMs: z.number(),
  /** From when on the file is asked for again. */
  recheckAtMs: z.number(),
  /** Is the next attempt a retry worth waiting for? */
  willRetry: z.boolean(),
  /** Attempts in a row that did not reach it. */
  failures: z.number(),
  etag: z.string().nullable(),
  lastModified: z.string().nullable(),
  refusal: refusalSchema.nullable(),
  failure: failureSchema.nullable(),
});

const sideFileSchema = z.object({
  /** Empty when there is none. */
  text: z.string(),
  checkedAtMs: z.number(),
  recheckAtMs: z.number(),
});

const siteConsentRecordSchema = z.object({
  robots: robotsFileSchema.nullable(),
  tdmrep: sideFileSchema.nullable(),
  aiTxt: sideFileSchema.nullable(),
});

export type RobotsFile = Readonly<z.infer<typeof robotsFileSchema>>;
export type SideFile = Readonly<z.infer<typeof sideFileSchema>>;
export type SiteConsentRecord = Readonly<z.infer<typeof siteConsentRecordSchema>>;

/** A record as it comes back from a store; one that is not whole counts as none, so that the site is asked again. */
export function readSiteConsentRecord(stored: unknown): SiteConsentRecord {
  const parsed = siteConsentRecordSchema.safeParse(stored);
  return parsed.success ? parsed.data : { robots: null, tdmrep: null, aiTxt: null };
}
