/** Header facts of the formats whose containers are not worth a parser of their own: TIFF, AVIF and HEIF, by libvips. */

import { loadSharp } from './decoders.ts';
import { type HeaderFacts, PLAIN_FACTS } from './header.ts';

/** Facts of such a file and what decides whether it can be decoded. */
export interface SharpFacts extends HeaderFacts {
  /** The codec inside a HEIF container, `av1` or `hevc`; null for other formats. */
  readonly codec: string | null;
}

const SAMPLE_BYTES: Readonly<Record<string, number>> = {
  uchar: 1,
  char: 1,
  ushort: 2,
  short: 2,
  uint: 4,
  int: 4,
  float: 4,
  complex: 8,
  double: 8,
  dpcomplex: 16,
};

/** @throws whatever libvips says about a file it cannot open */
export async function readSharpHeader(bytes: Buffer, format: 'tiff' | 'avif' | 'heif'): Promise<SharpFacts> {
  const sharp = await loadSharp();
  const found = await sharp(bytes, { failOn: 'none', limitInputPixels: false, pages: 1 }).metadata();
  const sampleBytes = SAMPLE_BYTES[found.depth] ?? 4;
  const bits = found.bitsPerSample ?? sampleBytes * 8;
  return {
    ...PLAIN_FACTS,
    format,
    width: found.width,
    height: found.height,
    frames: found.pages ?? 1,
    channels: found.channels,
    bitDepth: bits,
    colourSpace: found.space,
    hasAlpha: found.hasAlpha,
    hasIccProfile: found.hasProfile,
    iccProfile: found.icc ?? null,
    // A TIFF is an EXIF block itself.
    exif: format === 'tiff' ? bytes : (found.exif ?? null),
    orientation: format === 'tiff' ? (found.orientation ?? 1) : 1,
    codec: found.compression ?? null,
    heldBytes: format === 'tiff' ? 0 : found.width * found.height * found.channels * sampleBytes,
  };
}
