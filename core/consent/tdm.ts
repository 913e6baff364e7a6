/**
 * The TDM Reservation Protocol of the W3C community group: `/.well-known/tdmrep.json`, the `tdm-reservation` header and
 * `<meta name=tdm-reservation>`. The file is asked before anything is fetched: what it reserves stays closed, whatever a
 * header would say of it. Of a page that was fetched, the meta element overrides the header. Absence or another value
 * than 0 and 1 says nothing and resets nothing.
 */

import { compilePattern, matchesEquivalently, toOctets, type UrlPattern, urlPath } from './url-pattern.ts';

const MAX_RULES = 10_000;

/** What one place says: true is reserved, false is granted, null is nothing. */
export type TdmReservation = boolean | null;

export interface TdmRules {
  /** What the first rule whose location matches says; `location` is that rule's pattern, null when none matched. */
  reservation(url: string): { readonly reserved: TdmReservation; readonly location: string | null };
}

/** Reads a tdmrep.json. Never throws: what is not a list of rules declares nothing. */
export function parseTdmrep(text: string): TdmRules {
  const rules: { readonly pattern: UrlPattern; readonly reserved: TdmReservation }[] = [];
  for (const entry of readEntries(text).slice(0, MAX_RULES)) {
    if (typeof entry !== 'object' || entry === null) continue;
    const { location, 'tdm-reservation': value } = entry as Record<string, unknown>;
    if (typeof location !== 'string' || location.trim() === '') continue;
    rules.push({ pattern: compilePattern(locationPattern(location.trim())), reserved: readValue(value) });
  }
  return {
    reservation(url) {
      const path = urlPath(url);
      const rule = rules.find(({ pattern }) => matchesEquivalently(pattern, path));
      if (rule === undefined) return { reserved: null, location: null };
      return { reserved: rule.reserved, location: rule.pattern.source.slice(0, 200) };
    },
  };
}

/** Reads the header's values or the meta element's content; among several a reservation holds. */
export function parseTdmReservation(values: readonly string[]): TdmReservation {
  const read = values.flatMap((value) => value.slice(0, 1_000).split(',')).map((value) => readValue(value.trim()));
  if (read.includes(true)) return true;
  return read.includes(false) ? false : null;
}

/** Which place of a page decides: meta before header. */
export function resolveTdm(said: { readonly header: TdmReservation; readonly meta: TdmReservation }): {
  readonly reserved: boolean;
  readonly place: 'meta' | 'header' | null;
} {
  for (const place of ['meta', 'header'] as const) {
    const value = said[place];
    if (value !== null) return { reserved: value, place };
  }
  return { reserved: false, place: null };
}

function readEntries(text: string): readonly unknown[] {
  try {
    const document: unknown = JSON.parse(text.replace(/^\uFEFF/, ''));
    return Array.isArray(document) ? document : [document];
  } catch {
    return [];
  }
}

/** A location is a path pattern; whole addresses and paths without their slash are met and read as meant. */
function locationPattern(location: string): string {
  const path = location.replace(/^https?:\/\/[^/]*/i, '');
  return toOctets(/^[/*]/.test(path) ? path : `/${path}`);
}

function readValue(value: unknown): TdmReservation {
  if (value === 1 || value === '1') return true;
  if (value === 0 || value === '0') return false;
  return null;
}
