/** The chunks of a PNG (ISO/IEC 15948 and the APNG extension): sizes and flags, no pixels. */

import { inflateSync } from 'node:zlib';
import { type HeaderFacts, PLAIN_FACTS } from './header.ts';

/** Deflate cannot expand more than this (RFC 1951: 258 bytes for two bits). */
const DEFLATE_MAX_RATIO = 1032;
const MAX_PROFILE_BYTES = 8 * 1024 * 1024;

/** null when the IHDR chunk is missing or makes no sense. Never throws. */
export function readPngHeader(bytes: Buffer): HeaderFacts | null {
  if (bytes.length < 33 || bytes.toString('latin1', 12, 16) !== 'IHDR') return null;
  const width = bytes.readUInt32BE(16);
  const height = bytes.readUInt32BE(20);
  const bitDepth = bytes[24]!;
  const colourType = bytes[25]!;
  const interlaced = bytes[28] === 1;
  const storedChannels = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }[colourType];
  if (width === 0 || height === 0 || width > 0x7fffffff || height > 0x7fffffff) return null;
  if (storedChannels === undefined || ![1, 2, 4, 8, 16].includes(bitDepth)) return null;

  const chunks = walkChunks(bytes);
  const hasAlpha = colourType >= 4 || chunks.hasTransparency;
  const channels = colourType === 3 ? (hasAlpha ? 4 : 3) : storedChannels + (hasAlpha && colourType < 4 ? 1 : 0);
  const grey = colourType === 0 || colourType === 4;
  return {
    ...PLAIN_FACTS,
    format: 'png',
    width,
    height,
    frames: Math.max(1, chunks.frames),
    channels,
    bitDepth,
    colourSpace: grey ? (bitDepth === 16 ? 'grey16' : 'b-w') : bitDepth === 16 ? 'rgb16' : 'srgb',
    hasAlpha,
    hasIccProfile: chunks.packedProfile !== null,
    iccProfile: chunks.packedProfile === null ? null : unpackProfile(chunks.packedProfile),
    exif: chunks.exif,
    fault: chunks.ended ? null : 'the file ends before its IEND chunk',
    heldBytes: interlaced ? Math.ceil((width * storedChannels * bitDepth) / 8) * height : 0,
    // In terms of decoded samples: a stored bit may become a byte, or a palette index three or four.
    yieldBytes:
      ((chunks.dataBytes * DEFLATE_MAX_RATIO + 4096) * 8 * channels) / (storedChannels * Math.min(bitDepth, 8)),
  };
}

/** A name, a zero, a zero for deflate, and the profile. */
function unpackProfile(packed: Buffer): Buffer | null {
  try {
    return inflateSync(packed.subarray(packed.indexOf(0) + 2), { maxOutputLength: MAX_PROFILE_BYTES });
  } catch {
    return null;
  }
}

function walkChunks(bytes: Buffer): {
  frames: number;
  hasTransparency: boolean;
  /** The body of the iCCP chunk. */
  packedProfile: Buffer | null;
  exif: Buffer | null;
  ended: boolean;
  dataBytes: number;
} {
  const found = {
    frames: 0,
    hasTransparency: false,
    packedProfile: null as Buffer | null,
    exif: null as Buffer | null,
  };
  let animated = false;
  let dataBytes = 0;
  for (let at = 8; at + 12 <= bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    const body = at + 8;
    switch (bytes.readUInt32BE(at + 4)) {
      case 0x49454e44: // IEND
        return { ...found, ended: true, dataBytes };
      case 0x49444154: // IDAT
        dataBytes += Math.min(length, bytes.length - body);
        break;
      case 0x6163544c: // acTL
        animated = true;
        break;
      case 0x6663544c: // fcTL, one a frame; what acTL claims is only a claim
        if (animated) found.frames += 1;
        break;
      case 0x74524e53: // tRNS
        found.hasTransparency = true;
        break;
      case 0x69434350: // iCCP
        found.packedProfile ??= bytes.subarray(body, body + length);
        break;
      case 0x65584966: // eXIf
        found.exif ??= bytes.subarray(body, body + length);
        break;
      default:
    }
    at = body + length + 4;
    if (at > bytes.length && dataBytes > 0) break;
  }
  return { ...found, ended: false, dataBytes };
}
