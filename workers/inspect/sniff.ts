/** What a file is, told by its first bytes alone: names and content types are never consulted. */

import { constants, gunzipSync } from 'node:zlib';
import type { ImageFormat } from '../../shared/vocabulary.ts';

/** A format, or the name of an image format that is recognised but never opened. */
export interface Sniffed {
  readonly format: ImageFormat;
  /** `JPEG XL`, `Photoshop`, …: an image all the same, though no decoder here opens it; null otherwise. */
  readonly foreign: string | null;
}

/** SVG is looked for in this much text; prologs and comments beyond it hide the root from us and from nobody else. */
const SVG_SEARCH_BYTES = 64 * 1024;

/** HEIF brands by the decoder they need (ISO/IEC 23008-12 and the AV1 image file format). */
const AVIF_BRANDS = new Set(['avif', 'avis', 'avio']);
const HEIF_BRANDS = new Set(['heic', 'heix', 'hevc', 'hevx', 'heim', 'heis', 'hevm', 'hevs', 'mif1', 'msf1', 'mif2']);

const FOREIGN: readonly (readonly [offset: number, hex: string, name: string])[] = [
  [0, 'ff0a', 'JPEG XL'],
  [0, '0000000c4a584c20', 'JPEG XL'],
  [0, '0000000c6a5020200d0a', 'JPEG 2000'],
  [0, 'ff4fff51', 'JPEG 2000 code stream'],
  [0, '38425053', 'Photoshop'],
  [0, '00000100', 'Windows icon'],
  [0, '00000200', 'Windows cursor'],
  [0, '762f3101', 'OpenEXR'],
  [0, '233f52414449414e4345', 'Radiance HDR'],
  [0, '4949bc', 'JPEG XR'],
  [0, '716f6966', 'QOI'],
];

/** Tells the format of a file by its bytes (the first 64 KiB are enough). Never throws. */
export function sniff(bytes: Buffer): Sniffed {
  return { format: formatOf(bytes), foreign: foreignNameOf(bytes) };
}

function formatOf(bytes: Buffer): ImageFormat {
  const first = bytes[0];
  if (first === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff) return 'jpeg';
  if (first === 0x89 && startsWith(bytes, 0, '89504e470d0a1a0a')) return 'png';
  if (first === 0x52 && ascii(bytes, 0, 4) === 'RIFF' && ascii(bytes, 8, 4) === 'WEBP') return 'webp';
  if (first === 0x47 && /^GIF8[79]a$/.test(ascii(bytes, 0, 6))) return 'gif';
  if (first === 0x49 && /^(2a00|2b00)/.test(hex(bytes, 2, 2)) && bytes[1] === 0x49) return 'tiff';
  if (first === 0x4d && /^(002a|002b)/.test(hex(bytes, 2, 2)) && bytes[1] === 0x4d) return 'tiff';
  if (first === 0x42 && bytes[1] === 0x4d && isBitmap(bytes)) return 'bmp';
  if (ascii(bytes, 4, 4) === 'ftyp') return formatOfBrands(bytes);
  return isSvg(bytes) ? 'svg' : 'unknown';
}

function foreignNameOf(bytes: Buffer): string | null {
  return FOREIGN.find(([offset, prefix]) => startsWith(bytes, offset, prefix))?.[2] ?? null;
}

/** `BM` alone is too short a signature: the header that follows must have one of the sizes ever defined. */
function isBitmap(bytes: Buffer): boolean {
  return bytes.length >= 18 && [12, 16, 40, 52, 56, 64, 108, 124].includes(bytes.readUInt32LE(14));
}

function formatOfBrands(bytes: Buffer): ImageFormat {
  const size = Math.min(bytes.readUInt32BE(0), bytes.length, 512);
  const brands = [ascii(bytes, 8, 4)];
  for (let at = 16; at + 4 <= size; at += 4) brands.push(ascii(bytes, at, 4));
  if (brands.some((brand) => AVIF_BRANDS.has(brand))) return 'avif';
  return brands.some((brand) => HEIF_BRANDS.has(brand)) ? 'heif' : 'unknown';
}

function isSvg(bytes: Buffer): boolean {
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) {
    try {
      // A slice of the stream ends early, which Z_SYNC_FLUSH allows; 4 KiB of deflate hold 4 MiB at most.
      const head = gunzipSync(bytes.subarray(0, 4096), {
        finishFlush: constants.Z_SYNC_FLUSH,
        maxOutputLength: 8 * 1024 * 1024,
      });
      return isSvgText(head);
    } catch {
      return false;
    }
  }
  return isSvgText(bytes);
}

function isSvgText(bytes: Buffer): boolean {
  const head = bytes.subarray(0, SVG_SEARCH_BYTES);
  let text: string;
  if (head[0] === 0xff && head[1] === 0xfe) text = head.subarray(2).toString('utf16le');
  else if (head[0] === 0xfe && head[1] === 0xff) {
    text = Buffer.from(head.subarray(2, 2 + ((head.length - 2) & ~1)))
      .swap16()
      .toString('utf16le');
  } else text = head.toString('latin1').replace(/^\xef\xbb\xbf/, '');
  return rootElementOf(text) === 'svg';
}

/** The local name of the first element, past declarations, comments and a document type; null when there is none. */
function rootElementOf(text: string): string | null {
  let at = 0;
  for (;;) {
    while (at < text.length && ' \t\r\n\f\0'.includes(text[at]!)) at += 1;
    if (text[at] !== '<') return null;
    if (text.startsWith('<!--', at)) at = after(text, '-->', at + 4);
    else if (text.startsWith('<?', at)) at = after(text, '?>', at + 2);
    else if (text.startsWith('<!', at)) at = afterDoctype(text, at);
    else return /^<(?:[\w.-]{1,64}:)?([\w.-]{1,64})/.exec(text.slice(at, at + 140))?.[1]?.toLowerCase() ?? null;
  }
}

function after(text: string, mark: string, from: number): number {
  const found = text.indexOf(mark, from);
  return found === -1 ? text.length : found + mark.length;
}

/** A document type ends at its `>`, or at the one behind its internal subset. */
function afterDoctype(text: string, from: number): number {
  const end = text.indexOf('>', from);
  const subset = text.indexOf('[', from);
  if (end === -1) return text.length;
  return subset !== -1 && subset < end ? after(text, '>', after(text, ']', subset)) : end + 1;
}

function startsWith(bytes: Buffer, offset: number, prefix: string): boolean {
  return hex(bytes, offset, prefix.length / 2) === prefix;
}

function hex(bytes: Buffer, offset: number, length: number): string {
  return bytes.toString('hex', offset, Math.min(bytes.length, offset + length));
}

function ascii(bytes: Buffer, offset: number, length: number): string {
  return bytes.toString('latin1', offset, Math.min(bytes.length, offset + length));
}
