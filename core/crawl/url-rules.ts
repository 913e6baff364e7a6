/**
 * The rules for addresses: one spelling for each, what belongs to a crawl, what is a trap. Pure functions.
 * Whether an address may be connected to is another question; the address guard answers it at the socket.
 */

import picomatch from 'picomatch';
import { AppError } from '../../shared/errors.ts';

export { looksLikeImage } from '../../shared/image-address.ts';

/** Longest address that is kept, in characters (the limit of Scrapy and of old Internet Explorer). */
const MAX_URL_LENGTH = 2083;
const MAX_PATH_SEGMENTS = 20;
/** A path segment, or a run of segments, may follow itself at most this often. */
const MAX_REPEATS = 2;

/** Query parameters that name a campaign or a click, never a document. Lower case. */
const TRACKING_PARAMETERS: ReadonlySet<string> = new Set(
  (
    'gclid gclsrc dclid gbraid wbraid srsltid _ga _gl fbclid fb_action_ids fb_action_types fb_source msclkid twclid ' +
    'ttclid yclid ysclid _openstat igsh igshid li_fat_id epik mc_cid mc_eid mkt_tok _hsenc _hsmi __hssc __hstc __hsfp ' +
    'vero_id vero_conv oly_anon_id oly_enc_id rb_clickid s_cid wickedid'
  ).split(' '),
);
const TRACKING_PREFIXES = ['utm_', 'pk_', 'piwik_', 'matomo_', 'mtm_', 'hsa_'] as const;

/** Query parameters that only ever hold a session. Lower case. */
const SESSION_PARAMETERS: ReadonlySet<string> = new Set(
  'phpsessid jsessionid sessionid session_id aspsessionid cfid cftoken zenid oscsid osadminid xtcsid'.split(' '),
);
/** Names that hold a session on some sites and a document on others; the value decides. */
const AMBIGUOUS_SESSION_PARAMETERS: ReadonlySet<string> = new Set(['sid', 'sess', 'session']);
const SESSION_PATH_PARAMETER = /;(?:jsessionid|phpsessid|sessionid)(?:=[^/;]*)?(?=[/;]|$)/gi;

/**
 * One spelling for an address, so that equal addresses are one row of the ledger. Applying it twice changes nothing.
 * Lower-case host without a trailing dot, no fragment, default port or credentials; dot segments resolved;
 * percent-encoding in upper case and only where needed; tracking and session parameters left out, the others in their order.
 *
 * @param base resolves a relative address
 * @returns null for anything but http and https, for what the WHATWG parser refuses, and above 2,083 characters
 */
export function normaliseUrl(input: string, base?: string): string | null {
  // Escapes shrink at most threefold and parameters may be dropped, but nobody means an address this long.
  if (input.length > 8 * MAX_URL_LENGTH) return null;
  const url = URL.parse(input, base);
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) return null;
  // Each assignment parses anew, which costs more than everything else here: only what differs is assigned.
  if (url.username !== '') url.username = '';
  if (url.password !== '') url.password = '';
  // `hash` and `search` are empty for a lone `#` or `?` too, so the whole is looked at.
  if (url.href.includes('#')) url.hash = '';
  const { hostname, pathname, search } = url;
  if (hostname.endsWith('.')) {
    const host = hostname.replace(/\.+$/, '');
    if (host === '') return null;
    url.hostname = host;
  }
  const path = normaliseEscapes(pathname).replace(SESSION_PATH_PARAMETER, '');
  if (path !== pathname) url.pathname = path;
  const query = normaliseQuery(search);
  if (query !== search || url.href.endsWith('?')) url.search = query;
  return url.href.length > MAX_URL_LENGTH ? null : url.href;
}

/** RFC 3986 section 6.2.2: unreserved characters unescaped, the rest in upper case; a stray `%` becomes `%25`. */
function normaliseEscapes(text: string): string {
  if (!text.includes('%')) return text;
  return text.replace(/%(?:[0-9A-Fa-f]{2})?/g, (encoded) => {
    if (encoded === '%') return '%25';
    const character = String.fromCharCode(Number.parseInt(encoded.slice(1), 16));
    return /[A-Za-z0-9\-._~]/.test(character) ? character : encoded.toUpperCase();
  });
}

function normaliseQuery(search: string): string {
  if (search === '') return '';
  const kept = normaliseEscapes(search.slice(1))
    .split('&')
    .filter((pair) => pair !== '' && !isNoise(pair));
  // With its own `?`, since the setter would take one that the query starts with for it.
  return kept.length === 0 ? '' : `?${kept.join('&')}`;
}

function isNoise(pair: string): boolean {
  const equals = pair.indexOf('=');
  const name = (equals === -1 ? pair : pair.slice(0, equals)).toLowerCase();
  if (TRACKING_PARAMETERS.has(name) || SESSION_PARAMETERS.has(name) || name.startsWith('aspsessionid')) return true;
  if (TRACKING_PREFIXES.some((prefix) => name.startsWith(prefix))) return true;
  return AMBIGUOUS_SESSION_PARAMETERS.has(name) && looksLikeSession(equals === -1 ? '' : pair.slice(equals + 1));
}

/** `sid=42` and `sid=holiday` name a document; `sid=3f9ac21b` and anything long and random name a visitor. */
function looksLikeSession(value: string): boolean {
  if (!/^[0-9a-z,_-]+$/i.test(value)) return false;
  return value.length >= 16 || (value.length >= 6 && /[0-9]/.test(value) && /[a-z]/i.test(value));
}

/** The key of a web site, `scheme://host:port` with the port always written. The address must be absolute. */
export function siteOf(url: string): string {
  const { protocol, hostname, port } = new URL(url);
  return `${protocol}//${hostname}:${port || (protocol === 'https:' ? '443' : '80')}`;
}

/**
 * Whether a normalised address has the shape of an endless site: more than 2,083 characters, more than 20 path segments,
 * or a segment or run of segments that follows itself more than twice (`/a/a/a/`, `/a/b/a/b/a/b/`); the limits of
 * Scrapy and Heritrix. Calendars and growing queries have no such shape: what bounds them is how many pages a crawl
 * may fetch.
 */
export function isTrap(url: string): boolean {
  if (url.length > MAX_URL_LENGTH) return true;
  const path = URL.parse(url)?.pathname;
  if (path === undefined) return true;
  const segments = path.replace(/^\/|\/$/g, '').split('/');
  if (segments.length > MAX_PATH_SEGMENTS) return true;
  for (let run = 1; run * (MAX_REPEATS + 1) <= segments.length; run++) {
    let equal = 0;
    for (let index = run; index < segments.length; index++) {
      equal = segments[index] === segments[index - run] ? equal + 1 : 0;
      if (equal === run * MAX_REPEATS) return true;
    }
  }
  return false;
}

export interface ScopeOptions {
  /** Absolute addresses where the crawl starts. */
  readonly seeds: readonly string[];
  /** How many links a page may be away from a seed; 0 means the seeds alone. */
  readonly depth: number;
  /** Globs; when there are any, only images that match one are collected. Pages are followed all the same. */
  readonly include: readonly string[];
  /** Globs; images and pages that match one are never fetched. Exclusion wins over inclusion. */
  readonly exclude: readonly string[];
}

export interface Scope {
  /** @param depth links away from the nearest seed; 0 for a seed, which is always allowed */
  allowsPage(url: string, depth: number): boolean;
  /**
   * Whether a page may be read where its address led: anywhere for a seed, else on a site of the crawl or on its own.
   * A sitemap may list pages of sites that the crawl is not about; what was asked for is then each page's own site.
   */
  allowsRedirect(from: string, finalUrl: string): boolean;
  allowsImage(url: string): boolean;
  /**
   * What a seed leads to is what was meant by it: the site it ends at belongs to the crawl from then on.
   * @returns whether that site is new to the crawl; false for an address that is no seed
   */
  follow(seed: string, finalUrl: string): boolean;
  /** Whether a glob keeps it from being fetched, whatever it is and whoever names it. */
  excludes(url: string): boolean;
}

/**
 * What belongs to a crawl. Addresses are expected as `normaliseUrl` gives them.
 *
 * Pages: on the host of a seed, with or without `www.`, over http or https; ports other than 80 and 443 must be the seed's.
 * So are those on the host that a seed is redirected to. A seed's path does not narrow this: galleries keep their pictures' pages elsewhere than their index.
 * Images: on any host, since sites serve theirs from other hosts.
 *
 * Globs (picomatch: `*` within a segment, `**` across, `?`, `{a,b}`, `[a-z]`), case ignored, a scheme in front ignored:
 * - without `/`: the file name (`*.jpg`) or the host (`ads.example.com`, `*.example.com`);
 * - with `/` in front: the path on any host (`/photos/**`);
 * - else host and path (`example.com/photos/**`, `*.example.com/**`); `**` in front stands for any host and path.
 * A trailing `/` means everything below. The query is seen only by a glob that matches with it.
 * This is wget's behaviour: `--accept` limits what is kept and still reads pages, `--reject` is not fetched at all.
 *
 * @throws AppError `bad-request` for an empty glob, or a depth that is not a whole number from 0 on
 */
export function createScope(options: ScopeOptions): Scope {
  if (!Number.isInteger(options.depth) || options.depth < 0) {
    throw new AppError('bad-request', `Depth must be a whole number from 0 on; it is ${options.depth}.`);
  }
  const seeds = new Set(options.seeds);
  const sites = new Set(options.seeds.map(foldedSite));
  const included = options.include.map(compileGlob);
  const excluded = options.exclude.map(compileGlob);
  const matches = (globs: readonly Glob[], url: string): boolean => {
    if (globs.length === 0) return false;
    const address = addressOf(url);
    return globs.some((glob) => glob(address));
  };
  return {
    allowsPage(url, depth) {
      if (depth === 0) return true;
      return depth <= options.depth && sites.has(foldedSite(url)) && !matches(excluded, url);
    },
    allowsRedirect(from, finalUrl) {
      const site = foldedSite(finalUrl);
      return seeds.has(from) || site === foldedSite(from) || sites.has(site);
    },
    follow(seed, finalUrl) {
      const isNew = seeds.has(seed) && !sites.has(foldedSite(finalUrl));
      if (isNew) sites.add(foldedSite(finalUrl));
      return isNew;
    },
    excludes: (url) => matches(excluded, url),
    allowsImage(url) {
      return !matches(excluded, url) && (included.length === 0 || matches(included, url));
    },
  };
}

function foldedSite(url: string): string {
  const parsed = URL.parse(url);
  if (parsed === null) return '';
  const port = parsed.port === '80' || parsed.port === '443' ? '' : parsed.port;
  return `${parsed.hostname.replace(/^www\./, '')}:${port}`;
}

interface Address {
  readonly host: string;
  /** From `/` on, without and with the query. */
  readonly path: string;
  readonly pathAndQuery: string;
  readonly fileName: string;
}
type Glob = (address: Address) => boolean;

function addressOf(url: string): Address {
  const { host, pathname, search } = new URL(url);
  const fileName = pathname.slice(pathname.lastIndexOf('/') + 1);
  return { host, path: pathname, pathAndQuery: pathname + search, fileName };
}

function compileGlob(glob: string): Glob {
  const pattern = glob.trim().replace(/^https?:\/\//i, '');
  if (pattern === '')
    throw new AppError('bad-request', 'A glob such as *.jpg or example.com/photos/** was expected; it is empty.');
  const match = picomatch(pattern.endsWith('/') ? `${pattern}**` : pattern, {
    nocase: true,
    dot: true,
    nonegate: true,
    windows: false,
  });
  if (!pattern.includes('/')) return ({ fileName, host }) => (fileName !== '' && match(fileName)) || match(host);
  if (pattern.startsWith('/')) return ({ path, pathAndQuery }) => match(path) || match(pathAndQuery);
  return ({ host, path, pathAndQuery }) => match(host + path) || match(host + pathAndQuery);
}
