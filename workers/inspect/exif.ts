/**
 * The few EXIF facts that are kept, read from a TIFF block (Exif 2.32, CIPA DC-008). A reader of its own because the
 * block is hostile: it looks at sixteen tags, follows two pointers once, and reads at most three numbers or 1 KiB of text
 * for each, whatever counts the block claims.
 */

import type { ExifFacts } from '../../shared/inspection.ts';

export interface Exif {
  /** 1 to 8; 1 when absent or out of range. */
  readonly orientation: number;
  /** null when none of the facts is there. */
  readonly facts: ExifFacts | null;
}

const MAX_ENTRIES = 1000;
const MAX_TEXT_BYTES = 1024;
const MAX_TEXT_LENGTH = 200;

const TYPE_BYTES: readonly number[] = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8];

interface Entry {
  readonly type: number;
  readonly count: number;
  readonly at: number;
}

interface Block {
  readonly bytes: Buffer;
  readonly littleEndian: boolean;
}

/**
 * Reads a block that starts at its TIFF header, or at `Exif\0\0` before it. Never throws: what cannot be read is absent.
 */
export function readExif(block: Buffer | null): Exif {
  const found = block === null ? null : openBlock(block);
  if (found === null) return { orientation: 1, facts: null };
  const image = readDirectory(found, read32(found, 4));
  const photo = readDirectory(found, pointer(found, image.get(0x8769)));
  const position = readDirectory(found, pointer(found, image.get(0x8825)));
  const orientation = number(found, image.get(0x0112)) ?? 1;
  const facts: { -readonly [K in keyof ExifFacts]: ExifFacts[K] | undefined } = {
    make: text(found, image.get(0x010f)),
    model: text(found, image.get(0x0110)),
    lens: text(found, photo.get(0xa434)),
    takenAt:
      time(found, photo.get(0x9003), photo.get(0x9011)) ??
      time(found, photo.get(0x9004), photo.get(0x9012)) ??
      time(found, image.get(0x0132), photo.get(0x9010)),
    exposureTimeS: positive(number(found, photo.get(0x829a))),
    fNumber: positive(number(found, photo.get(0x829d))),
    iso: positive(number(found, photo.get(0x8827))),
    focalLengthMm: positive(number(found, photo.get(0x920a))),
    software: text(found, image.get(0x0131)),
    artist: text(found, image.get(0x013b)),
    copyright: text(found, image.get(0x8298)),
    latitude: degrees(found, position.get(2), position.get(1), 'S', 90),
    longitude: degrees(found, position.get(4), position.get(3), 'W', 180),
  };
  // One without the other is no place.
  if (facts.latitude === undefined || facts.longitude === undefined) {
    facts.latitude = undefined;
    facts.longitude = undefined;
  }
  const known = Object.entries(facts).filter(([, value]) => value !== undefined);
  return {
    orientation: Number.isInteger(orientation) && orientation >= 1 && orientation <= 8 ? orientation : 1,
    facts: known.length === 0 ? null : (Object.fromEntries(known) as ExifFacts),
  };
}

function openBlock(block: Buffer): Block | null {
  const bytes = block.toString('latin1', 0, 6) === 'Exif\0\0' ? block.subarray(6) : block;
  const order = bytes.toString('latin1', 0, 2);
  if (bytes.length < 8 || (order !== 'II' && order !== 'MM')) return null;
  const opened = { bytes, littleEndian: order === 'II' };
  return read16(opened, 2) === 42 ? opened : null;
}

function readDirectory(block: Block, offset: number): Map<number, Entry> {
  const entries = new Map<number, Entry>();
  if (offset < 8 || offset + 2 > block.bytes.length) return entries;
  const count = Math.min(read16(block, offset), MAX_ENTRIES);
  for (let i = 0, at = offset + 2; i < count && at + 12 <= block.bytes.length; i += 1, at += 12) {
    const type = read16(block, at + 2);
    const values = read32(block, at + 4);
    const size = (TYPE_BYTES[type] ?? 0) * values;
    const start = size > 4 ? read32(block, at + 8) : at + 8;
    const tag = read16(block, at);
    if (size > 0 && start < block.bytes.length && !entries.has(tag)) {
      entries.set(tag, { type, count: values, at: start });
    }
  }
  return entries;
}

function read16(block: Block, at: number): number {
  if (at + 2 > block.bytes.length) return 0;
  return block.littleEndian ? block.bytes.readUInt16LE(at) : block.bytes.readUInt16BE(at);
}

function read32(block: Block, at: number): number {
  if (at + 4 > block.bytes.length) return 0;
  return block.littleEndian ? block.bytes.readUInt32LE(at) : block.bytes.readUInt32BE(at);
}

function pointer(block: Block, entry: Entry | undefined): number {
  return entry?.type === 4 || entry?.type === 3 ? (number(block, entry) ?? 0) : 0;
}

/** The value at `index` of a numeric entry; undefined when absent, cut off or not finite. */
function number(block: Block, entry: Entry | undefined, index = 0): number | undefined {
  if (entry === undefined || index >= entry.count) return undefined;
  const size = TYPE_BYTES[entry.type] ?? 0;
  const at = entry.at + index * size;
  if (at + size > block.bytes.length) return undefined;
  let value: number;
  if (entry.type === 1) value = block.bytes[at] ?? 0;
  else if (entry.type === 3) value = read16(block, at);
  else if (entry.type === 4) value = read32(block, at);
  else if (entry.type === 9) value = read32(block, at) | 0;
  else if (entry.type === 5) value = read32(block, at) / read32(block, at + 4);
  else if (entry.type === 10) value = (read32(block, at) | 0) / (read32(block, at + 4) | 0);
  else return undefined;
  return Number.isFinite(value) ? value : undefined;
}

function positive(value: number | undefined): number | undefined {
  return value !== undefined && value > 0 ? value : undefined;
}

function text(block: Block, entry: Entry | undefined): string | undefined {
  if (entry?.type !== 2) return undefined;
  const raw = block.bytes.subarray(entry.at, entry.at + Math.min(entry.count, MAX_TEXT_BYTES));
  const end = raw.indexOf(0);
  const cleaned = plainText((end === -1 ? raw : raw.subarray(0, end)).toString('utf8'), MAX_TEXT_LENGTH);
  return cleaned === '' ? undefined : cleaned;
}

/** Text for people: control characters and broken code points become spaces, runs of spaces one, length capped. */
export function plainText(value: string, maxLength: number): string {
  const cleaned = value
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\ufffd]+/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  return cleaned
    .slice(0, maxLength)
    .toWellFormed()
    .replace(/\ufffd$/, '')
    .trim();
}

/** `2023:05:20 17:02:00` as `2023-05-20T17:02:00`, followed by its offset from UTC where the camera wrote one. */
function time(block: Block, entry: Entry | undefined, offset: Entry | undefined): string | undefined {
  const match = /^(\d{4}):(\d\d):(\d\d) (\d\d):(\d\d):(\d\d)/.exec(text(block, entry) ?? '');
  if (match === null) return undefined;
  const stamp = `${match[1]}-${match[2]}-${match[3]}T${match[4]}:${match[5]}:${match[6]}`;
  const date = new Date(`${stamp}Z`);
  if (Number.isNaN(date.getTime()) || !date.toISOString().startsWith(stamp) || match[1] === '0000') return undefined;
  const zone = /^[+-]\d\d:\d\d$/.exec(text(block, offset) ?? '')?.[0] ?? '';
  return stamp + zone;
}

/** Degrees, minutes and seconds as decimal degrees, negative in the south and west. */
function degrees(
  block: Block,
  entry: Entry | undefined,
  hemisphere: Entry | undefined,
  negative: string,
  limit: number,
): number | undefined {
  const whole = number(block, entry, 0);
  if (whole === undefined) return undefined;
  const value = whole + (number(block, entry, 1) ?? 0) / 60 + (number(block, entry, 2) ?? 0) / 3600;
  if (value < 0 || value > limit) return undefined;
  const rounded = Math.round(value * 1e7) / 1e7;
  return text(block, hemisphere)?.toUpperCase() === negative ? -rounded : rounded;
}
