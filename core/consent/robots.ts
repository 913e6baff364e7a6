/**
 * robots.txt after RFC 9309, with the mistakes that Google's published parser forgives.
 *
 * Two readings of percent-encoding exist: the RFC compares after decoding unreserved octets, the published expectations
 * compare as spelt. Consent decides: a Disallow closes an address in every equivalent spelling, an Allow opens only what
 * it spells.
 */

import { parseTrainingPreference, type TrainingPreference } from './content-usage.ts';
import {
  compilePattern,
  matchesEquivalently,
  matchesLiterally,
  needsSearch,
  toOctets,
  type UrlPattern,
  urlPath,
} from './url-pattern.ts';

/** Octets that are read; RFC 9309 section 2.5 asks for at least 500 KiB. A line cut by the limit is dropped. */
export const ROBOTS_MAX_BYTES = 500 * 1024;
/** Octets of one line that are read: eight of the longest addresses in use (2,083), as Google's parser does. */
const MAX_LINE_LENGTH = 16_664;
/** Longest Crawl-delay a crawl waits for; sites that ask for more are set aside. */
export const MAX_CRAWL_DELAY_MS = 300_000;
/**
 * Octets of an address that the wildcard rules of a file may search for one decision, a few milliseconds at worst. Only a
 * file of thousands of leading wildcards asked about addresses of thousands of characters reaches it; it is closed then.
 */
const MAX_SEARCHED_OCTETS = 1_000_000;

const USER_AGENT_KEYS = new Set(['user-agent', 'useragent', 'user agent']);
const DISALLOW_KEYS = new Set(['disallow', 'dissallow', 'dissalow', 'disalow', 'diasllow', 'disallaw']);

interface RobotsDecision {
  readonly allowed: boolean;
  /** The deciding rule with its line, for example `line 4: Disallow: /private`; null when no rule matched. */
  readonly rule: string | null;
}

export interface Robots {
  /** The group that counts: our own, the one for everybody, or none. */
  readonly group: 'own' | '*' | null;
  /** Of that group, in milliseconds, as asked for (it may exceed MAX_CRAWL_DELAY_MS); null when not asked for. */
  readonly crawlDelayMs: number | null;
  /** True when the file was longer than ROBOTS_MAX_BYTES. */
  readonly truncated: boolean;
  /**
   * What the rules say about this address; one pass over the rules of the group; never throws. That /robots.txt itself
   * may always be fetched is not a rule of the file: the consent keeper knows it.
   */
  decide(url: string): RobotsDecision;
  /** What the group's Content-Usage rules say about training on this address. */
  trainingPreference(url: string): { readonly preference: TrainingPreference; readonly rule: string | null };
}

interface Rule {
  readonly allow: boolean;
  readonly pattern: UrlPattern;
  readonly line: number;
}

interface UsageRule {
  readonly pattern: UrlPattern;
  readonly preference: TrainingPreference;
  readonly text: string;
}

/** The rules of all groups of one kind, as they were written. */
interface Group {
  readonly rules: { readonly allow: boolean; readonly value: string; readonly line: number }[];
  readonly usage: { readonly value: string; readonly line: number }[];
  crawlDelayMs: number | null;
}

/**
 * Parses a robots.txt. Never throws: whatever cannot be read is no rule.
 *
 * @param content the body as bytes (best: partial byte order marks and UTF-16 are seen) or as decoded text
 * @param productToken our name in `User-agent` lines, compared without regard to case
 */
export function parseRobots(content: string | Uint8Array, productToken: string): Robots {
  const { octets, truncated } = readOctets(content);
  const token = productToken.toLowerCase();
  const own: Group = { rules: [], usage: [], crawlDelayMs: null };
  const everybody: Group = { rules: [], usage: [], crawlDelayMs: null };
  let ownSeen = false;
  let everybodySeen = false;
  /** The groups that the current `User-agent` lines name. */
  let current: Group[] = [];
  let groupHasRules = false;

  forEachLine(octets, truncated, (key, value, line) => {
    if (USER_AGENT_KEYS.has(key)) {
      if (groupHasRules) current = [];
      groupHasRules = false;
      if (value === '*' || /^\*[ \t]/.test(value)) {
        everybodySeen = true;
        if (!current.includes(everybody)) current.push(everybody);
      } else if (agentToken(value) === token && token !== '') {
        ownSeen = true;
        if (!current.includes(own)) current.push(own);
      }
    } else if (key === 'allow' || DISALLOW_KEYS.has(key)) {
      groupHasRules = true;
      if (value !== '') for (const group of current) group.rules.push({ allow: key === 'allow', value, line });
    } else if (key === 'content-usage' || key === 'content-signal') {
      groupHasRules = true;
      for (const group of current) group.usage.push({ value, line });
    } else if (key === 'crawl-delay') {
      // Not a rule of RFC 9309, so it does not end the list of agents; it counts for those named so far.
      const seconds = /^\d{1,9}(\.\d{1,9})?/.exec(value);
      if (seconds === null) return;
      const delayMs = Math.round(Number(seconds[0]) * 1000);
      for (const group of current) group.crawlDelayMs = Math.max(group.crawlDelayMs ?? 0, delayMs);
    }
  });

  const group = ownSeen ? own : everybody;
  const rules = group.rules
    .map(({ allow, value, line }): Rule => ({ allow, pattern: compilePattern(value), line }))
    .sort((a, b) => b.pattern.octets - a.pattern.octets || Number(b.allow) - Number(a.allow) || a.line - b.line);
  const usageRules = group.usage
    .map(compileUsage)
    .sort(
      (a, b) =>
        b.pattern.octets - a.pattern.octets ||
        Number(b.preference === 'reserved') - Number(a.preference === 'reserved'),
    );

  return {
    group: ownSeen ? 'own' : everybodySeen ? '*' : null,
    crawlDelayMs: group.crawlDelayMs,
    truncated,
    decide(url) {
      const path = urlPath(url);
      let searchedOctets = 0;
      // Sorted by weight, so the first match is the most specific one, and an Allow comes before an equal Disallow.
      for (const rule of rules) {
        if (needsSearch(rule.pattern, path)) searchedOctets += path.literal.length;
        if (searchedOctets > MAX_SEARCHED_OCTETS) {
          return {
            allowed: false,
            rule: `line ${rule.line}: more wildcard rules than can be checked for this address`,
          };
        }
        const matched = rule.allow ? matchesLiterally(rule.pattern, path) : matchesEquivalently(rule.pattern, path);
        if (matched) {
          const word = rule.allow ? 'Allow' : 'Disallow';
          return { allowed: rule.allow, rule: `line ${rule.line}: ${word}: ${rule.pattern.source.slice(0, 200)}` };
        }
      }
      return { allowed: true, rule: null };
    },
    trainingPreference(url) {
      if (usageRules.length === 0) return { preference: null, rule: null };
      const path = urlPath(url);
      for (const rule of usageRules) {
        if (matchesEquivalently(rule.pattern, path)) return { preference: rule.preference, rule: rule.text };
      }
      return { preference: null, rule: null };
    },
  };
}

function compileUsage({ value, line }: { value: string; line: number }): UsageRule {
  const path = /^\/[^ \t]*/.exec(value)?.[0] ?? '';
  return {
    pattern: compilePattern(path === '' ? '/' : path),
    preference: parseTrainingPreference([value.slice(path.length)]),
    text: `line ${line}: Content-Usage: ${value.slice(0, 200)}`,
  };
}

/** The product token that a `User-agent` value starts with: letters, `_` and `-` (RFC 9309 section 2.2.1). */
function agentToken(value: string): string {
  return (/^[A-Za-z_-]+/.exec(value)?.[0] ?? '').toLowerCase();
}

/** Calls `onPair` for each line that has a key; ends are LF, CR or CR LF, `#` starts a comment. */
function forEachLine(
  octets: string,
  truncated: boolean,
  onPair: (key: string, value: string, line: number) => void,
): void {
  let line = 0;
  let start = 0;
  for (let index = 0; index <= octets.length; index += 1) {
    const code = index < octets.length ? octets.charCodeAt(index) : -1;
    if (code !== 10 && code !== 13 && code !== -1) continue;
    if (code === -1 && truncated) return;
    // The LF of a CR LF ends an empty line here: it holds nothing, and only CR-only files would miss it in the count.
    if (!(code === 10 && index > 0 && octets.charCodeAt(index - 1) === 13)) line += 1;
    if (index > start) readLine(octets.slice(start, Math.min(index, start + MAX_LINE_LENGTH)), line, onPair);
    start = index + 1;
  }
}

function readLine(raw: string, line: number, onPair: (key: string, value: string, line: number) => void): void {
  const hash = raw.indexOf('#');
  const text = trimAscii(hash === -1 ? raw : raw.slice(0, hash));
  const colon = text.indexOf(':');
  if (colon !== -1) {
    const key = trimAscii(text.slice(0, colon)).toLowerCase();
    if (key !== '' && key.length <= 32) onPair(key, trimAscii(text.slice(colon + 1)), line);
    return;
  }
  // A forgotten colon is forgiven when the line is exactly two words.
  const words = /^([^ \t]{1,32})[ \t]+([^ \t]+)$/.exec(text);
  if (words !== null) onPair((words[1] as string).toLowerCase(), words[2] as string, line);
}

/** `String.trim` would take 0xA0 away, the last octet of letters such as à. */
function trimAscii(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isSpace(text.charCodeAt(start))) start += 1;
  while (end > start && isSpace(text.charCodeAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

function isSpace(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13);
}

/** Byte order marks, whole or cut short, go; UTF-16 is recoded; NUL says nothing. */
function readOctets(content: string | Uint8Array): { octets: string; truncated: boolean } {
  let octets: string;
  if (typeof content === 'string') {
    octets = toOctets(content.replace(/^[\uFEFF\uFFFD]{1,2}/, ''));
  } else if ((content[0] === 0xff && content[1] === 0xfe) || (content[0] === 0xfe && content[1] === 0xff)) {
    const encoding = content[0] === 0xff ? 'utf-16le' : 'utf-16be';
    octets = toOctets(new TextDecoder(encoding).decode(content.subarray(0, 2 * ROBOTS_MAX_BYTES + 4)));
  } else {
    let skip = 0;
    for (const octet of [0xef, 0xbb, 0xbf]) {
      if (content[skip] !== octet) break;
      skip += 1;
    }
    octets = Buffer.from(content.buffer, content.byteOffset, content.byteLength)
      .subarray(skip, skip + ROBOTS_MAX_BYTES + 1)
      .toString('latin1');
  }
  const truncated = octets.length > ROBOTS_MAX_BYTES;
  if (truncated) octets = octets.slice(0, ROBOTS_MAX_BYTES);
  return { octets: octets.includes('\0') ? octets.replaceAll('\0', '') : octets, truncated };
}
