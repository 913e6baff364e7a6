/**
 * Path patterns of robots.txt (RFC 9309 section 2.2.3), reused by tdmrep.json and ai.txt: a prefix of path and query in
 * which `*` stands for any octets and a final `$` for the end. Matching is a left-to-right search for the pieces between
 * the wildcards: linear, nothing is ever tried twice, no regular expression is built from what a site sent.
 *
 * Strings here are octets: one character per byte of the UTF-8 text.
 */

/** A pattern cut at its wildcards. */
interface Pieces {
  /** Must stand at the start. */
  readonly head: string;
  /** Must follow in order, anywhere. */
  readonly middle: readonly string[];
  /** Must stand at the end, after the middle; null when the pattern is not anchored by `$`. */
  readonly tail: string | null;
  /** No shorter path can match. */
  readonly minLength: number;
  readonly wildcard: boolean;
}

export interface UrlPattern {
  /** As the site wrote it, percent-encoded where it was not ASCII; for people. */
  readonly source: string;
  /** Octets of the encoded pattern: the weight of the rule. */
  readonly octets: number;
  readonly literal: Pieces;
  /** With unreserved octets decoded; null when that is the same. */
  readonly normal: Pieces | null;
}

/** Path and query of an address in the two spellings that patterns are held against. */
export interface UrlPath {
  readonly literal: string;
  readonly normal: string;
}

/** One character per octet of the UTF-8 encoding. */
export function toOctets(text: string): string {
  return isAscii(text) ? text : Buffer.from(text, 'utf8').toString('latin1');
}

/** Compiles a pattern given as octets. Never throws. */
export function compilePattern(octets: string): UrlPattern {
  if (!octets.includes('%') && isAscii(octets)) {
    return { source: octets, octets: octets.length, literal: cut(octets), normal: null };
  }
  const encoded = encode(octets, false);
  const normal = encode(octets, true);
  return {
    source: encoded,
    octets: encoded.length,
    literal: cut(encoded),
    normal: normal === encoded ? null : cut(normal),
  };
}

/**
 * The part of an address that patterns are about: from the first `/` after the authority up to the fragment. The address
 * is taken as it is spelt; an address that holds no path has the path `/`.
 */
export function urlPath(url: string): UrlPath {
  const octets = toOctets(url);
  const protocolEnd = octets.indexOf('://');
  const firstDelimiter = octets.search(/[/?;]/);
  let authority = octets.startsWith('//') ? 2 : 0;
  if (protocolEnd !== -1 && firstDelimiter > protocolEnd) authority = protocolEnd + 3;
  const rest = octets.slice(authority);
  const hash = rest.indexOf('#');
  const unfragmented = hash === -1 ? rest : rest.slice(0, hash);
  const start = unfragmented.search(/[/?;]/);
  let path = start === -1 ? '/' : unfragmented.slice(start);
  if (!path.startsWith('/')) path = `/${path}`;
  return { literal: escapeSpecial(upperCaseEscapes(path)), normal: escapeSpecial(encode(path, true)) };
}

/** Does the pattern match the address as both are spelt (escapes compared without regard to case)? */
export function matchesLiterally(pattern: UrlPattern, path: UrlPath): boolean {
  return matches(pattern.literal, path.literal);
}

/** Does the pattern match the address in any equivalent spelling (`%62` is `b`, `ツ` is `%E3%83%84`)? */
export function matchesEquivalently(pattern: UrlPattern, path: UrlPath): boolean {
  if (matches(pattern.literal, path.literal)) return true;
  if (pattern.normal === null && path.normal === path.literal) return false;
  return matches(pattern.normal ?? pattern.literal, path.normal);
}

/** Must a match search through the whole address (true), or does its start settle it? */
export function needsSearch(pattern: UrlPattern, path: UrlPath): boolean {
  return pattern.literal.wildcard && path.literal.startsWith(pattern.literal.head);
}

function matches(pieces: Pieces, path: string): boolean {
  if (path.length < pieces.minLength || !path.startsWith(pieces.head)) return false;
  if (!pieces.wildcard) return pieces.tail === null || path.length === pieces.head.length;
  let position = pieces.head.length;
  for (const piece of pieces.middle) {
    const found = path.indexOf(piece, position);
    if (found === -1) return false;
    position = found + piece.length;
  }
  return pieces.tail === null || (path.length - pieces.tail.length >= position && path.endsWith(pieces.tail));
}

function cut(pattern: string): Pieces {
  if (!pattern.includes('*') && !pattern.includes('$')) {
    return { head: pattern, middle: [], tail: null, minLength: pattern.length, wildcard: false };
  }
  const anchored = pattern.endsWith('$');
  const parts = (anchored ? pattern.slice(0, -1) : pattern).replaceAll('$', '%24').split('*');
  const head = parts[0] as string;
  const wildcard = parts.length > 1;
  const tail = anchored ? (wildcard ? (parts.pop() as string) : '') : null;
  const middle = parts.slice(1).filter((part) => part !== '');
  const minLength = middle.reduce((sum, part) => sum + part.length, head.length + (tail?.length ?? 0));
  return { head, middle, tail, minLength, wildcard };
}

/** A literal `*` or `$` of an address is written `%2A`, `%24` in patterns (RFC 9309 section 2.2.3). */
function escapeSpecial(path: string): string {
  return path.replaceAll('*', '%2A').replaceAll('$', '%24');
}

function upperCaseEscapes(octets: string): string {
  return octets.includes('%') ? octets.replace(/%[0-9a-fA-F]{2}/g, (escaped) => escaped.toUpperCase()) : octets;
}

/** Non-ASCII octets become upper-case escapes; with `decodeUnreserved` escapes of unreserved octets are resolved. */
function encode(octets: string, decodeUnreserved: boolean): string {
  if (!octets.includes('%') && isAscii(octets)) return octets;
  return octets.replace(/%[0-9a-fA-F]{2}|[\u0080-\u00ff]/g, (found) => {
    if (found.length === 1) return `%${found.charCodeAt(0).toString(16).toUpperCase()}`;
    const octet = String.fromCharCode(Number.parseInt(found.slice(1), 16));
    return decodeUnreserved && /[A-Za-z0-9._~-]/.test(octet) ? octet : found.toUpperCase();
  });
}

function isAscii(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) if (text.charCodeAt(index) > 0x7f) return false;
  return true;
}
