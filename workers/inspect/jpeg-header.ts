/** The header of a JPEG (ITU-T T.81 annex B), up to its first scan. */

import { type HeaderFacts, PLAIN_FACTS } from './header.ts';

/** Facts of a JPEG and what the choice of a decoder needs. */
export interface JpegFacts extends HeaderFacts {
  /** Components sampled in a way that the JPEG binding has code for; it refuses sound files with other factors. */
  readonly usualSampling: boolean;
}

const PROFILE_NAME = 'ICC_PROFILE\0';

/** Scans counted in a progressive JPEG; usual files have about ten. */
const MAX_SCANS_COUNTED = 5000;

/** null when no frame header with a size is found before the first scan. Never throws. */
export function readJpegHeader(bytes: Buffer): JpegFacts | null {
  let exif: Buffer | null = null;
  const profileParts: Buffer[] = [];
  let at = 2;
  while (at + 4 <= bytes.length) {
    if (bytes[at] !== 0xff) {
      // Decoders skip stray bytes between segments; so do we.
      const next = bytes.indexOf(0xff, at);
      if (next === -1) return null;
      at = next;
      continue;
    }
    const marker = bytes[at + 1]!;
    if (marker === 0xff || marker === 0x00) {
      at += marker === 0xff ? 1 : 2;
      continue;
    }
    if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)) {
      at += 2;
      continue;
    }
    if (marker === 0xd9 || marker === 0xda) return null;
    const length = bytes.readUInt16BE(at + 2);
    const body = bytes.subarray(at + 4, at + 2 + length);
    if (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc) {
      return frameFacts(bytes, at, marker, body, { exif, profileParts });
    }
    if (marker === 0xe1 && exif === null && body.toString('latin1', 0, 6) === 'Exif\0\0') exif = body.subarray(6);
    else if (marker === 0xe2 && body.toString('latin1', 0, 12) === PROFILE_NAME) profileParts.push(body);
    // Decoders take a comment or application segment with a length below 2 for an empty one.
    at += 2 + Math.max(2, length);
  }
  return null;
}

function frameFacts(
  bytes: Buffer,
  at: number,
  marker: number,
  body: Buffer,
  before: { exif: Buffer | null; profileParts: Buffer[] },
): JpegFacts | null {
  if (body.length < 6) return null;
  const bitDepth = body[0]!;
  const height = body.readUInt16BE(1);
  const width = body.readUInt16BE(3);
  const channels = body[5]!;
  if (width === 0 || height === 0 || channels === 0 || channels > 4 || body.length < 6 + 3 * channels) return null;
  const progressive = (marker & 3) === 2;
  // Segments between the frame and its scan may still carry a profile or the EXIF block; rare, and harmless to miss,
  // except that orientation matters: look a little further.
  const late = before.exif === null ? lateExif(bytes, at) : null;
  return {
    ...PLAIN_FACTS,
    format: 'jpeg',
    width,
    height,
    channels,
    bitDepth,
    colourSpace: channels === 1 ? 'b-w' : channels === 4 ? 'cmyk' : channels === 3 ? 'srgb' : '',
    hasIccProfile: before.profileParts.length > 0,
    iccProfile: joinProfile(before.profileParts),
    exif: before.exif ?? late,
    usualSampling: hasUsualSampling(body, channels),
    heldBytes: progressive ? coefficientBytes(width, height, body, channels) : 0,
    passes: progressive ? countScans(bytes, at) : 1,
  };
}

/** A profile longer than a segment comes in parts, each with its place (ICC.1 annex B.4). */
function joinProfile(parts: readonly Buffer[]): Buffer | null {
  const placeAt = PROFILE_NAME.length;
  if (parts.length === 0 || parts.some((part) => part.length < placeAt + 2)) return null;
  const inOrder = parts.toSorted((left, right) => left[placeAt]! - right[placeAt]!);
  return Buffer.concat(inOrder.map((part) => part.subarray(placeAt + 2)));
}

function lateExif(bytes: Buffer, from: number): Buffer | null {
  let at = from + 2 + bytes.readUInt16BE(from + 2);
  while (at + 4 <= bytes.length && bytes[at] === 0xff && bytes[at + 1] !== 0xda && bytes[at + 1] !== 0xd9) {
    const length = bytes.readUInt16BE(at + 2);
    const body = bytes.subarray(at + 4, at + 2 + length);
    if (bytes[at + 1] === 0xe1 && body.toString('latin1', 0, 6) === 'Exif\0\0') return body.subarray(6);
    at += 2 + Math.max(2, length);
  }
  return null;
}

/** Grey, or YCbCr with both chroma planes at 1 x 1 below a luma plane of 1, 2 or 4 by 1, 1 by 2 or 4, or 2 by 2. */
function hasUsualSampling(body: Buffer, channels: number): boolean {
  if (channels === 1) return true;
  const [luma, ...chroma] = Array.from({ length: channels }, (_, i) => body[7 + 3 * i]);
  const isRgb = body[6] === 0x52 && body[9] === 0x47 && body[12] === 0x42;
  return !isRgb && chroma.every((s) => s === 0x11) && [0x11, 0x21, 0x22, 0x12, 0x41, 0x14].includes(luma!);
}

/** A decoder holds all coefficients of a progressive frame, two bytes each. */
function coefficientBytes(width: number, height: number, body: Buffer, channels: number): number {
  const sampling = Array.from({ length: channels }, (_, i) => body[7 + 3 * i] ?? 0x11);
  const widest = Math.max(1, ...sampling.map((s) => s >> 4));
  const tallest = Math.max(1, ...sampling.map((s) => s & 15));
  return sampling.reduce(
    (sum, s) => sum + 2 * Math.ceil((width * (s >> 4)) / widest) * Math.ceil((height * (s & 15)) / tallest),
    0,
  );
}

function countScans(bytes: Buffer, from: number): number {
  const mark = Buffer.from([0xff, 0xda]);
  let scans = 0;
  for (let at = bytes.indexOf(mark, from); at !== -1 && scans < MAX_SCANS_COUNTED; at = bytes.indexOf(mark, at + 2)) {
    scans += 1;
  }
  return Math.max(1, scans);
}
