/** Embedded colour profiles (ICC.1:2022): whether one changes the colours of sRGB pixels, and sRGB pixels made by it. */

import { loadSharp } from './decoders.ts';

const HEADER_BYTES = 128;
const TAG_BYTES = 12;
const MAX_TAGS = 100;

/** What each primary of sRGB adds to X, Y and Z under D50 (IEC 61966-2-1, adapted by Bradford). */
const SRGB_PRIMARIES: Readonly<Record<string, readonly number[]>> = {
  rXYZ: [0.4361, 0.2225, 0.0139],
  gXYZ: [0.3851, 0.7169, 0.0971],
  bXYZ: [0.1431, 0.0606, 0.7141],
};
/** Light of half the value in sRGB. */
const SRGB_HALF = 0.214;
/** What rounding in profiles comes to, and far less than to the next set of primaries. */
const PRIMARY_TOLERANCE = 0.004;
/** Takes a gamma of 2.2 for the curve of sRGB, as nearly everybody does. */
const CURVE_TOLERANCE = 0.01;

/**
 * Whether RGB pixels with this profile look different when they are taken for sRGB. Never throws: what is no profile for
 * RGB, or is broken, changes nothing.
 */
export function isForeignRgb(profile: Buffer): boolean {
  const tags = readTags(profile);
  if (tags === null) return false;
  // Tables win over primaries; what they say is only known by applying them.
  if (tags.has('A2B0')) return true;
  let differs = false;
  for (const [name, expected] of Object.entries(SRGB_PRIMARIES)) {
    const primary = tags.get(name);
    const curve = tags.get(`${name[0]}TRC`);
    const half = curve === undefined ? null : lightOfHalf(curve);
    if (primary === undefined || primary.length < 20 || half === null) return false;
    differs ||= Math.abs(half - SRGB_HALF) > CURVE_TOLERANCE;
    differs ||= expected.some((value, axis) => Math.abs(fixed(primary, 8 + 4 * axis) - value) > PRIMARY_TOLERANCE);
  }
  return differs;
}

/** The tags of a profile for RGB by their names; null when it is something else. */
function readTags(profile: Buffer): Map<string, Buffer> | null {
  if (profile.length < HEADER_BYTES + 4) return null;
  if (profile.toString('latin1', 36, 40) !== 'acsp' || profile.toString('latin1', 16, 20) !== 'RGB ') return null;
  const tags = new Map<string, Buffer>();
  const count = Math.min(profile.readUInt32BE(HEADER_BYTES), MAX_TAGS);
  for (let tag = 0; tag < count; tag += 1) {
    const at = HEADER_BYTES + 4 + TAG_BYTES * tag;
    if (at + TAG_BYTES > profile.length) return null;
    const from = profile.readUInt32BE(at + 4);
    const body = profile.subarray(from, from + profile.readUInt32BE(at + 8));
    if (body.length >= 8) tags.set(profile.toString('latin1', at, at + 4), body);
  }
  return tags;
}

/** s15Fixed16Number. */
function fixed(bytes: Buffer, at: number): number {
  return bytes.readInt32BE(at) / 65536;
}

/** What a tone curve makes of 0.5; null when it is none. */
function lightOfHalf(curve: Buffer): number | null {
  if (curve.length < 12) return null;
  const type = curve.toString('latin1', 0, 4);
  if (type === 'curv') {
    const count = curve.readUInt32BE(8);
    if (count === 0) return 0.5;
    if (curve.length < 12 + 2 * count) return null;
    if (count === 1) return 0.5 ** (curve.readUInt16BE(12) / 256);
    const middle = (count - 1) / 2;
    const value = (place: number): number => curve.readUInt16BE(12 + 2 * place) / 65535;
    return (value(Math.floor(middle)) + value(Math.ceil(middle))) / 2;
  }
  // Numbers of parameters by type of function; the last two of types 2 and 4 are added to the power's branch.
  const parameters = type === 'para' ? [1, 3, 4, 5, 7][curve.readUInt16BE(8)] : undefined;
  if (parameters === undefined || curve.length < 12 + 4 * parameters) return null;
  const [gamma = 1, a = 1, b = 0, ...more] = Array.from({ length: parameters }, (_, i) => fixed(curve, 12 + 4 * i));
  const added = parameters === 4 ? more[0] : parameters === 7 ? more[2] : 0;
  return (a * 0.5 + b) ** gamma + (added ?? 0);
}

/**
 * RGB pixels as sRGB ones, by libvips, which reads them as an uncompressed TIFF that carries the profile.
 * @throws whatever libvips says about the profile
 */
export async function convertToSrgb(pixels: Buffer, width: number, height: number, profile: Buffer): Promise<Buffer> {
  const sharp = await loadSharp();
  return sharp(tiffOf(pixels, width, height, profile), { failOn: 'none' })
    .toColourspace('srgb')
    .raw()
    .toBuffer();
}

/** A TIFF of one strip (TIFF 6.0, section 8; the profile's tag is of ICC.1 annex B). */
function tiffOf(pixels: Buffer, width: number, height: number, profile: Buffer): Buffer {
  const [short, long, undefinedType] = [3, 4, 7];
  const entries = 10;
  const bitsAt = 8 + 2 + 12 * entries + 4;
  const pixelsAt = bitsAt + 8;
  const profileAt = pixelsAt + pixels.length + (pixels.length & 1);
  const tiff = Buffer.alloc(profileAt + profile.length);
  tiff.write('II*\0', 'latin1');
  tiff.writeUInt32LE(8, 4);
  tiff.writeUInt16LE(entries, 8);
  const fields = [
    [256, long, 1, width],
    [257, long, 1, height],
    [258, short, 3, bitsAt],
    [259, short, 1, 1], // not compressed
    [262, short, 1, 2], // RGB
    [273, long, 1, pixelsAt],
    [277, short, 1, 3],
    [278, long, 1, height],
    [279, long, 1, pixels.length],
    [34675, undefinedType, profile.length, profileAt],
  ] as const;
  fields.forEach(([tag, type, count, value], index) => {
    const at = 10 + 12 * index;
    tiff.writeUInt16LE(tag, at);
    tiff.writeUInt16LE(type, at + 2);
    tiff.writeUInt32LE(count, at + 4);
    tiff.writeUInt32LE(value, at + 8);
  });
  for (let channel = 0; channel < 3; channel += 1) tiff.writeUInt16LE(8, bitsAt + 2 * channel);
  pixels.copy(tiff, pixelsAt);
  profile.copy(tiff, profileAt);
  return tiff;
}
