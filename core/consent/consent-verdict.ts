/**
 * One verdict out of all signals about an image or page. A signal that refuses closes, whatever the others say, unless
 * the user has overridden that kind of signal; the override is part of the verdict, and the verdict is stored with each
 * origin.
 */

import type { ConsentOverride, Refusal } from '../../shared/vocabulary.ts';
import { parseTrainingPreference } from './content-usage.ts';
import { imageRefusedBy, mayFollow, parseMetaRobots, parseRobotsTag } from './robots-tag.ts';
import { parseTdmReservation, resolveTdm } from './tdm.ts';

const CONSENT_SIGNALS = ['robots', 'x-robots-tag', 'meta-robots', 'tdm', 'content-usage', 'ai-txt'] as const;
type ConsentSignal = (typeof CONSENT_SIGNALS)[number];

/** What one signal says. */
export interface ConsentFinding {
  readonly signal: ConsentSignal;
  /** null when the signal was looked at and permits. */
  readonly refusal: Refusal | null;
  /** What was read, for people. */
  readonly evidence: string;
}

/** The user's explicit choice to go past kinds of signals; empty by default. */
export interface ConsentPolicy {
  readonly override: readonly ConsentSignal[];
}

export const OBEY_ALL: ConsentPolicy = { override: [] };

const OVERRIDDEN_SIGNALS: Readonly<Record<ConsentOverride, readonly ConsentSignal[]>> = {
  robots: ['robots'],
  noai: ['x-robots-tag', 'meta-robots'],
  tdm: ['tdm', 'content-usage'],
  'ai-txt': ['ai-txt'],
};

/** The policy of a crawl for which a person chose to go past these. */
export function consentPolicy(overrides: readonly ConsentOverride[]): ConsentPolicy {
  return { override: overrides.flatMap((override) => OVERRIDDEN_SIGNALS[override]) };
}

/** As stored with an origin. */
export interface ConsentVerdict {
  readonly verdict: 'allowed' | 'refused' | 'overridden';
  readonly signals: readonly { readonly signal: ConsentSignal; readonly refused: boolean; readonly evidence: string }[];
}

/** Header fields by lower-case name, as undici hands them out. */
export type ResponseHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/**
 * Weighs findings. That an address is none to be asked for is no wish of a site, and stands whatever is overridden.
 * `reason` and `evidence` are those of the first one that refuses and is not overridden; evidence is
 * that of the first finding otherwise, and empty when there is none.
 */
export function decideConsent(
  findings: readonly ConsentFinding[],
  policy: ConsentPolicy = OBEY_ALL,
): { readonly reason: Refusal | null; readonly evidence: string; readonly verdict: ConsentVerdict } {
  const refusing = findings.filter(({ refusal }) => refusal !== null);
  const decisive = refusing.find(
    ({ signal, refusal }) => refusal === 'scheme-refused' || !policy.override.includes(signal),
  );
  return {
    reason: decisive?.refusal ?? null,
    evidence: (decisive ?? refusing[0] ?? findings[0])?.evidence ?? '',
    verdict: {
      verdict: decisive !== undefined ? 'refused' : refusing.length > 0 ? 'overridden' : 'allowed',
      signals: findings.map(({ signal, refusal, evidence }) => ({ signal, refused: refusal !== null, evidence })),
    },
  };
}

/** What the answer that carried an image says about it: robots tags, TDM reservation, Content-Usage. */
export function imageFindings(headers: ResponseHeaders, productToken: string, nowMs: number): ConsentFinding[] {
  const findings: ConsentFinding[] = [];
  const tag = imageRefusedBy(parseRobotsTag(robotsTagValues(headers), productToken), nowMs);
  if (tag !== null)
    findings.push({ signal: 'x-robots-tag', refusal: 'x-robots-tag', evidence: `X-Robots-Tag: ${tag}` });
  if (parseTdmReservation(headerValues(headers, 'tdm-reservation')) === true) {
    findings.push({ signal: 'tdm', refusal: 'tdm-reserved', evidence: 'tdm-reservation: 1 (header)' });
  }
  if (parseTrainingPreference(headerValues(headers, 'content-usage')) === 'reserved') {
    findings.push({ signal: 'content-usage', refusal: 'tdm-reserved', evidence: 'Content-Usage: train-ai=n (header)' });
  }
  return findings;
}

/**
 * What a page says about the images it names, and whether its links may be followed. Content-Usage of a page is about the
 * page's own text, so it is not looked at here.
 */
export function pageFindings(
  page: {
    readonly headers: ResponseHeaders;
    readonly metaRobots: readonly (readonly [string, string])[];
    readonly tdmReservation: string | null;
  },
  productToken: string,
  nowMs: number,
): { readonly findings: readonly ConsentFinding[]; readonly followLinks: boolean } {
  const findings: ConsentFinding[] = [];
  const header = parseRobotsTag(robotsTagValues(page.headers), productToken);
  const meta = parseMetaRobots(page.metaRobots, productToken);
  const byHeader = imageRefusedBy(header, nowMs);
  const byMeta = imageRefusedBy(meta, nowMs);
  if (byHeader !== null) {
    findings.push({ signal: 'x-robots-tag', refusal: 'x-robots-tag', evidence: `X-Robots-Tag: ${byHeader} (page)` });
  }
  if (byMeta !== null) {
    findings.push({ signal: 'meta-robots', refusal: 'meta-robots', evidence: `meta robots: ${byMeta} (page)` });
  }
  const tdm = resolveTdm({
    header: parseTdmReservation(headerValues(page.headers, 'tdm-reservation')),
    meta: parseTdmReservation(page.tdmReservation === null ? [] : [page.tdmReservation]),
  });
  if (tdm.reserved) {
    findings.push({
      signal: 'tdm',
      refusal: 'tdm-reserved',
      evidence: `tdm-reservation: 1 (${tdm.place} of the page)`,
    });
  }
  return { findings, followLinks: mayFollow(header) && mayFollow(meta) };
}

/** Compact JSON for the `origins` row. */
export function formatConsentVerdict(verdict: ConsentVerdict): string {
  return JSON.stringify(verdict);
}

function robotsTagValues(headers: ResponseHeaders): string[] {
  return [...headerValues(headers, 'x-robots-tag'), ...headerValues(headers, 'robots-tag')];
}

function headerValues(headers: ResponseHeaders, name: string): string[] {
  const value = headers[name];
  if (value === undefined) return [];
  return typeof value === 'string' ? [value] : [...value];
}
