/**
 * Names that Windows, macOS and Linux all accept, and that no path can be smuggled in with.
 * Sources: Microsoft, "Naming Files, Paths, and Namespaces"; superscript digits and CONIN$/CONOUT$ from its notes.
 */

import { join, posix, win32 } from 'node:path';

/** Default length limit. Half of the 255 that file systems allow leaves room for suffixes and for decomposed forms. */
const DEFAULT_MAX_BYTES = 120;
/** A longer ending is not taken for an extension. */
const MAX_EXTENSION_BYTES = 16;

/** Device names are reserved whatever extension follows, also after spaces: `NUL`, `nul.txt`, `NUL .txt`. */
const RESERVED = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$|clock\$) *(?:\.|$)/i;
/** Path and stream separators, wildcards, quotes; control, surrogate, private and unassigned characters; line separators. */
const FORBIDDEN = /[<>:"/\\|?*\p{Cc}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\uFFFD]/gu;
/** Invisible format characters (direction overrides, soft hyphens, tags); the joiner of emoji sequences stays. */
const INVISIBLE = /(?!\u200D)\p{Cf}/gu;

export interface SafeNameOptions {
  /** Upper limit of the name in UTF-8 bytes, at least 24; default 120. */
  readonly maxBytes?: number;
  /** Used when nothing is left of the name; default `file` or `folder`. */
  readonly fallback?: string;
}

/**
 * A single file name from any text: no separators, reserved device names, control or direction characters, leading dots,
 * trailing dots or spaces. NFC, at most `maxBytes` UTF-8 bytes; a usual extension survives shortening. Applying it twice
 * changes nothing. Different names can become equal: use `UniqueNames` where that matters.
 */
export function safeFileName(name: string, options: SafeNameOptions = {}): string {
  return safeName(name, options.maxBytes ?? DEFAULT_MAX_BYTES, options.fallback ?? 'file', true);
}

/** The same for a folder, such as a label: shortened at its end, since a dot in it starts no extension. */
export function safeFolderName(name: string, options: SafeNameOptions = {}): string {
  return safeName(name, options.maxBytes ?? DEFAULT_MAX_BYTES, options.fallback ?? 'folder', false);
}

function safeName(name: string, maxBytes: number, fallback: string, keepExtension: boolean): string {
  // Nothing beyond a few thousand characters can survive, so a megabyte of name costs no more than they do.
  const cleaned = name
    .slice(0, 4096)
    .normalize('NFC')
    .replace(FORBIDDEN, '_')
    .replace(INVISIBLE, '')
    .replace(/\p{Zs}/gu, ' ')
    .normalize('NFC');
  let safe = tidy(cleaned);
  if (RESERVED.test(safe)) safe = `_${safe}`;
  safe = shorten(safe, maxBytes, keepExtension);
  // Cutting can expose a device name; the underscore then replaces its last character.
  if (RESERVED.test(safe)) safe = `_${shorten(safe, maxBytes - 1, keepExtension)}`;
  if (/^[_\u200D]*$/u.test(safe) && !/^_+$/.test(name)) safe = '';
  if (safe !== '') return safe;
  const usual = keepExtension ? 'file' : 'folder';
  return fallback === usual ? usual : safeName(fallback, maxBytes, usual, keepExtension);
}

function tidy(name: string): string {
  return trimEnd(name.replace(/^ +/, '').replace(/^\.+/, (dots) => '_'.repeat(Math.min(dots.length, 2))));
}

function trimEnd(name: string): string {
  let end = name.length;
  while (end > 0 && (name[end - 1] === '.' || name[end - 1] === ' ')) end--;
  return name.slice(0, end);
}

function shorten(name: string, maxBytes: number, keepExtension: boolean): string {
  if (Buffer.byteLength(name) <= maxBytes) return name;
  const extension = keepExtension ? extensionOf(name, maxBytes) : '';
  const stem = name.slice(0, name.length - extension.length);
  return trimEnd(cut(stem, maxBytes - Buffer.byteLength(extension))) + extension;
}

/** The extension with its dot; empty when there is none or it is too long to be one. */
function extensionOf(name: string, maxBytes: number): string {
  const dot = name.lastIndexOf('.');
  const extension = dot > 0 ? name.slice(dot) : '';
  return Buffer.byteLength(extension) > Math.min(MAX_EXTENSION_BYTES, maxBytes >> 1) ? '' : extension;
}

/** The longest start of whole characters within a number of UTF-8 bytes. */
function cut(text: string, maxBytes: number): string {
  let bytes = 0;
  let end = 0;
  for (const character of text) {
    bytes += Buffer.byteLength(character);
    if (bytes > maxBytes) break;
    end += character.length;
  }
  return text.slice(0, end);
}

/**
 * Gives out names of one folder, each once, also where the file system ignores case or Unicode form (NTFS, APFS).
 * A name that is taken gets ` (2)`, ` (3)`, … before its extension. The same names in the same order give the same answers.
 * Memory grows with the names given out.
 */
export class UniqueNames {
  readonly #taken = new Set<string>();
  /** The next number to try for a wanted name, so that a million equal names cost a million steps. */
  readonly #next = new Map<string, number>();
  readonly #maxBytes: number;
  readonly #fallback: string;

  constructor(options: SafeNameOptions = {}) {
    this.#maxBytes = options.maxBytes ?? DEFAULT_MAX_BYTES;
    this.#fallback = options.fallback ?? 'file';
  }

  /** @param wanted any text; made safe as by `safeFileName` */
  take(wanted: string): string {
    const name = safeName(wanted, this.#maxBytes, this.#fallback, true);
    const key = foldName(name);
    let candidate = name;
    let number = this.#next.get(key) ?? 2;
    while (this.#taken.has(foldName(candidate))) candidate = this.#numbered(name, number++);
    this.#next.set(key, number);
    this.#taken.add(foldName(candidate));
    return candidate;
  }

  #numbered(name: string, number: number): string {
    const extension = extensionOf(name, this.#maxBytes);
    const suffix = ` (${number})${extension}`;
    const stem = name.slice(0, name.length - extension.length);
    return trimEnd(cut(stem, this.#maxBytes - Buffer.byteLength(suffix))) + suffix;
  }
}

/** Equal for names that any of the three systems would take for the same file. */
function foldName(name: string): string {
  return name.normalize('NFD').toUpperCase().toLowerCase().replaceAll('\u200D', '').normalize('NFC');
}

/**
 * The absolute path of something inside a folder, or null when the relative path would leave it, is absolute on any of
 * the three systems, names a drive or a stream, holds a NUL, or is empty. Lexical: links on disk are not looked at.
 */
export function insideRoot(root: string, relative: string): string | null {
  if (relative.includes('\0') || posix.isAbsolute(relative) || win32.isAbsolute(relative)) return null;
  const segments = relative.split(/[/\\]/);
  if (segments.some((segment) => segment === '..' || segment.includes(':'))) return null;
  const kept = segments.filter((segment) => segment !== '' && segment !== '.');
  // Windows drops trailing dots and spaces, so `.. ` would climb there.
  if (kept.length === 0 || kept.some((segment) => trimEnd(segment) === '')) return null;
  return join(root, ...kept);
}
