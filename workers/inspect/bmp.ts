/**
 * A reader of Windows and OS/2 bitmaps (the headers of wingdi.h, 12 to 124 bytes): 1, 4, 8, 16, 24 and 32 bits a pixel,
 * bit fields, RLE4, RLE8, bottom-up and top-down. sharp's prebuilt library has no loader for them. Nothing is allocated
 * here: the caller checks the size against its budget and lends the memory.
 */

import { type HeaderFacts, PLAIN_FACTS } from './header.ts';

/** Facts of a bitmap and what decoding it needs. */
export interface BmpFacts extends HeaderFacts {
  readonly topDown: boolean;
  readonly bitsPerPixel: number;
  readonly compression: Compression;
  readonly pixelOffset: number;
  readonly paletteOffset: number;
  readonly paletteEntryBytes: number;
  readonly paletteLength: number;
  /** Red, green, blue, alpha. */
  readonly masks: readonly [number, number, number, number];
}

type Compression = 'none' | 'rle8' | 'rle4' | 'unsupported';

/** null when the header makes no sense. Never throws. */
export function readBmpHeader(bytes: Buffer): BmpFacts | null {
  if (bytes.length < 26) return null;
  const headerBytes = bytes.readUInt32LE(14);
  const core = headerBytes === 12;
  // The next larger header, the short one of OS/2 2, has 16 bytes; what claims less would be read beyond its end.
  if (!core && headerBytes < 16) return null;
  if (bytes.length < 14 + headerBytes && bytes.length < 54) return null;
  const width = core ? bytes.readUInt16LE(18) : bytes.readInt32LE(18);
  const storedHeight = core ? bytes.readUInt16LE(20) : bytes.readInt32LE(22);
  const bitsPerPixel = bytes.readUInt16LE(core ? 24 : 28);
  const method = headerBytes >= 40 ? bytes.readUInt32LE(30) : 0;
  const height = Math.abs(storedHeight);
  if (width <= 0 || height === 0 || ![1, 2, 4, 8, 16, 24, 32].includes(bitsPerPixel)) return null;
  const compression = compressionOf(method, bitsPerPixel, headerBytes);
  const masks = masksOf(bytes, headerBytes, method, bitsPerPixel);
  const maskBytes = headerBytes === 40 ? (method === 3 ? 12 : method === 6 ? 16 : 0) : 0;
  const paletteOffset = 14 + headerBytes + maskBytes;
  const paletteEntryBytes = core ? 3 : 4;
  const colours = headerBytes >= 40 ? bytes.readUInt32LE(46) : 0;
  const full = bitsPerPixel <= 8 ? 1 << bitsPerPixel : 0;
  const hasAlpha = masks[3] !== 0;
  const channels = hasAlpha ? 4 : 3;
  return {
    ...PLAIN_FACTS,
    format: 'bmp',
    width,
    height,
    channels,
    colourSpace: 'srgb',
    hasAlpha,
    topDown: storedHeight < 0,
    bitsPerPixel,
    compression,
    pixelOffset: bytes.readUInt32LE(10) || paletteOffset + full * paletteEntryBytes,
    paletteOffset,
    paletteEntryBytes,
    paletteLength: colours === 0 || colours > full ? full : colours,
    masks,
    // A run of two bytes makes at most 255 pixels. Plain rows hold what they hold; an eighth is worth decoding.
    yieldBytes: bytes.length * channels * (compression === 'none' ? 64 / bitsPerPixel : 128) + width * 256,
  };
}

function compressionOf(method: number, bitsPerPixel: number, headerBytes: number): Compression {
  if (method === 0) return 'none';
  if (method === 1 && bitsPerPixel === 8) return 'rle8';
  if (method === 2 && bitsPerPixel === 4) return 'rle4';
  const hasMasks = bitsPerPixel === 16 || bitsPerPixel === 32;
  // Method 3 in the 64-byte OS/2 header is Huffman coding.
  return hasMasks && (method === 3 || method === 6) && headerBytes !== 64 ? 'none' : 'unsupported';
}

function masksOf(
  bytes: Buffer,
  headerBytes: number,
  method: number,
  bitsPerPixel: number,
): [number, number, number, number] {
  if (method === 3 || method === 6) {
    const has = (offset: number): boolean => offset + 4 <= bytes.length;
    const mask = (offset: number): number => (has(offset) ? bytes.readUInt32LE(offset) : 0);
    const alpha = headerBytes >= 56 || method === 6 ? mask(66) : 0;
    return [mask(54), mask(58), mask(62), alpha];
  }
  if (bitsPerPixel === 16) return [0x7c00, 0x03e0, 0x001f, 0];
  // The fourth byte of a plain 32-bit pixel is reserved, whatever some writers put there.
  return [0xff0000, 0xff00, 0xff, 0];
}

/**
 * Decodes into `target`: width * height pixels of `facts.channels` bytes, top row first. What the file does not hold
 * stays black (mid-grey after flattening where there is alpha).
 *
 * @returns null when every row was there, else what was missing
 */
export function decodeBmp(bytes: Buffer, facts: BmpFacts, target: Uint8Array): string | null {
  if (facts.compression === 'unsupported') throw new Error('the compression of this bitmap is not supported');
  if (facts.pixelOffset >= bytes.length) throw new Error('the file ends before its pixels');
  target.fill(0);
  const palette = readPalette(bytes, facts);
  if (facts.compression !== 'none') return decodeRuns(bytes, facts, palette, target);
  return decodeRows(bytes, facts, palette, target);
}

function readPalette(bytes: Buffer, facts: BmpFacts): Uint8Array {
  const palette = new Uint8Array(256 * 3);
  for (let i = 0; i < facts.paletteLength; i += 1) {
    const at = facts.paletteOffset + i * facts.paletteEntryBytes;
    if (at + 3 > bytes.length) break;
    palette[i * 3] = bytes[at + 2]!;
    palette[i * 3 + 1] = bytes[at + 1]!;
    palette[i * 3 + 2] = bytes[at]!;
  }
  return palette;
}

function decodeRows(bytes: Buffer, facts: BmpFacts, palette: Uint8Array, target: Uint8Array): string | null {
  const { width, height, bitsPerPixel, channels } = facts;
  const stride = Math.ceil((width * bitsPerPixel) / 32) * 4;
  const usedBytes = Math.ceil((width * bitsPerPixel) / 8);
  const readPixel = bitsPerPixel === 16 || bitsPerPixel === 32 ? fieldReader(facts) : null;
  for (let row = 0; row < height; row += 1) {
    const from = facts.pixelOffset + row * stride;
    // Some writers leave out the padding of the last row.
    if (from + usedBytes > bytes.length) return `the file ends ${height - row} rows early`;
    let to = (facts.topDown ? row : height - 1 - row) * width * channels;
    if (readPixel !== null) {
      const step = bitsPerPixel / 8;
      for (let x = 0; x < width; x += 1, to += channels) readPixel(bytes, from + x * step, target, to);
    } else if (bitsPerPixel === 24) {
      for (let x = 0, at = from; x < width; x += 1, at += 3, to += 3) {
        target[to] = bytes[at + 2]!;
        target[to + 1] = bytes[at + 1]!;
        target[to + 2] = bytes[at]!;
      }
    } else {
      const mask = (1 << bitsPerPixel) - 1;
      for (let x = 0; x < width; x += 1, to += 3) {
        const bit = x * bitsPerPixel;
        const index = (bytes[from + (bit >> 3)]! >> (8 - bitsPerPixel - (bit & 7))) & mask;
        putColour(palette, index, target, to);
      }
    }
  }
  return null;
}

function putColour(palette: Uint8Array, index: number, target: Uint8Array, to: number): void {
  target[to] = palette[index * 3]!;
  target[to + 1] = palette[index * 3 + 1]!;
  target[to + 2] = palette[index * 3 + 2]!;
}

function fieldReader(facts: BmpFacts): (bytes: Buffer, at: number, target: Uint8Array, to: number) => void {
  const fields = facts.masks.slice(0, facts.channels).map((mask) => {
    const shift = mask === 0 ? 0 : 31 - Math.clz32(mask & -mask);
    const most = mask >>> shift;
    return { mask, shift, scale: most === 0 ? 0 : 255 / most };
  });
  const wide = facts.bitsPerPixel === 32;
  return (bytes, at, target, to) => {
    const pixel = wide ? bytes.readUInt32LE(at) : bytes.readUInt16LE(at);
    for (let c = 0; c < fields.length; c += 1) {
      const field = fields[c]!;
      target[to + c] = Math.round(((pixel & field.mask) >>> field.shift) * field.scale);
    }
  };
}

/** Run-length pairs: count and colour; a count of 0 escapes to end of line, end of bitmap, a jump, or literal pixels. */
function decodeRuns(bytes: Buffer, facts: BmpFacts, palette: Uint8Array, target: Uint8Array): string | null {
  const { width, height } = facts;
  const nibbles = facts.compression === 'rle4';
  let at = facts.pixelOffset;
  let x = 0;
  let row = 0;
  const put = (index: number): void => {
    if (x < width && row < height) {
      putColour(palette, index, target, ((facts.topDown ? row : height - 1 - row) * width + x) * 3);
    }
    x += 1;
  };
  while (at + 2 <= bytes.length && row < height) {
    const count = bytes[at]!;
    const value = bytes[at + 1]!;
    at += 2;
    if (count > 0) {
      for (let i = 0; i < count; i += 1) put(nibbles ? ((i & 1) === 0 ? value >> 4 : value & 15) : value);
    } else if (value === 0) {
      x = 0;
      row += 1;
    } else if (value === 1) {
      return null;
    } else if (value === 2) {
      x += bytes[at] ?? 0;
      row += bytes[at + 1] ?? 0;
      at += 2;
    } else {
      const length = nibbles ? Math.ceil(value / 2) : value;
      if (at + length > bytes.length) break;
      for (let i = 0; i < value; i += 1) {
        const byte = bytes[at + (nibbles ? i >> 1 : i)]!;
        put(nibbles ? ((i & 1) === 0 ? byte >> 4 : byte & 15) : byte);
      }
      at += length + (length & 1);
    }
  }
  // All rows written without an end marker is what many writers leave.
  return row >= height || (row === height - 1 && x >= width) ? null : `the file ends ${height - row} rows early`;
}
