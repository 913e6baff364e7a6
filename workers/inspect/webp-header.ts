/** The RIFF container of a WebP (RFC 9649): sizes and flags, no pixels. */

import { type HeaderFacts, PLAIN_FACTS } from './header.ts';

/** null when no size is found. Never throws. */
export function readWebpHeader(bytes: Buffer): HeaderFacts | null {
  const declaredBytes = bytes.length >= 12 ? bytes.readUInt32LE(4) + 8 : 0;
  let size: { width: number; height: number; hasAlpha: boolean } | null = null;
  let extended: { width: number; height: number; flags: number } | null = null;
  let exif: Buffer | null = null;
  let iccProfile: Buffer | null = null;
  let animationFrames = 0;
  for (let at = 12; at + 8 <= bytes.length; ) {
    const length = bytes.readUInt32LE(at + 4);
    const body = at + 8;
    switch (bytes.toString('latin1', at, at + 4)) {
      case 'VP8X':
        if (length >= 10 && body + 10 <= bytes.length) {
          extended = {
            flags: bytes[body]!,
            width: bytes.readUIntLE(body + 4, 3) + 1,
            height: bytes.readUIntLE(body + 7, 3) + 1,
          };
        }
        break;
      case 'VP8 ':
        size ??= lossySize(bytes, body);
        break;
      case 'VP8L':
        size ??= losslessSize(bytes, body);
        break;
      case 'ANMF':
        animationFrames += 1;
        break;
      case 'ICCP':
        iccProfile ??= bytes.subarray(body, body + length);
        break;
      case 'EXIF':
        exif ??= bytes.subarray(body, body + length);
        break;
      default:
    }
    at = body + length + (length & 1);
  }
  const outer = extended ?? size;
  if (outer === null || outer.width === 0 || outer.height === 0) return null;
  const flags = extended?.flags ?? 0;
  const hasAlpha = (flags & 0x10) !== 0 || (size?.hasAlpha ?? false);
  return {
    ...PLAIN_FACTS,
    format: 'webp',
    width: outer.width,
    height: outer.height,
    frames: Math.max(1, animationFrames),
    channels: hasAlpha ? 4 : 3,
    colourSpace: 'srgb',
    hasAlpha,
    hasIccProfile: (flags & 0x20) !== 0,
    iccProfile: (flags & 0x20) !== 0 ? iccProfile : null,
    exif: (flags & 0x08) !== 0 ? exif : null,
    fault: declaredBytes > bytes.length ? 'the file ends before its declared length' : null,
    heldBytes: outer.width * outer.height * 4,
  };
}

/**
 * A cut file filled up with zeros to its declared length: libwebp refuses a short file, but decodes the part of this one
 * that is there. At most `maxBytes` long, else the file as it is.
 */
export function padWebp(bytes: Buffer, maxBytes: number): Buffer {
  const declaredBytes = bytes.readUInt32LE(4) + 8;
  if (declaredBytes <= bytes.length || declaredBytes > maxBytes) return bytes;
  return Buffer.concat([bytes], declaredBytes);
}

/** The key frame header of VP8 (RFC 6386, 9.1). */
function lossySize(bytes: Buffer, at: number): { width: number; height: number; hasAlpha: boolean } | null {
  if (at + 10 > bytes.length || bytes.toString('hex', at + 3, at + 6) !== '9d012a') return null;
  return { width: bytes.readUInt16LE(at + 6) & 0x3fff, height: bytes.readUInt16LE(at + 8) & 0x3fff, hasAlpha: false };
}

function losslessSize(bytes: Buffer, at: number): { width: number; height: number; hasAlpha: boolean } | null {
  if (at + 5 > bytes.length || bytes[at] !== 0x2f) return null;
  const packed = bytes.readUInt32LE(at + 1);
  return {
    width: (packed & 0x3fff) + 1,
    height: ((packed >>> 14) & 0x3fff) + 1,
    hasAlpha: ((packed >>> 28) & 1) === 1,
  };
}
