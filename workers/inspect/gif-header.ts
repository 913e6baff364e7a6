/** The blocks of a GIF (GIF89a specification): sizes, transparency and the number of frames, no pixels. */

import { type HeaderFacts, PLAIN_FACTS } from './header.ts';

/**
 * @param maxFrames counting stops one above it
 * @returns null when the screen has no size. Never throws.
 */
export function readGifHeader(bytes: Buffer, maxFrames: number): HeaderFacts | null {
  if (bytes.length < 13) return null;
  const blocks = walkBlocks(bytes, maxFrames);
  const width = bytes.readUInt16LE(6) || blocks.firstWidth;
  const height = bytes.readUInt16LE(8) || blocks.firstHeight;
  if (width === 0 || height === 0) return null;
  return {
    ...PLAIN_FACTS,
    format: 'gif',
    width,
    height,
    frames: Math.max(1, blocks.frames),
    // The decoder composes every frame as RGBA, transparent or not.
    channels: blocks.hasTransparency ? 4 : 3,
    colourSpace: 'srgb',
    hasAlpha: blocks.hasTransparency,
    fault: blocks.cut ? 'the file ends inside a block' : null,
    heldBytes: width * height * 4,
  };
}

function walkBlocks(
  bytes: Buffer,
  maxFrames: number,
): { frames: number; hasTransparency: boolean; cut: boolean; firstWidth: number; firstHeight: number } {
  const found = { frames: 0, hasTransparency: false, cut: false, firstWidth: 0, firstHeight: 0 };
  let at = 13 + colourTableBytes(bytes[10]!);
  while (at < bytes.length && found.frames <= maxFrames) {
    const kind = bytes[at];
    if (kind === 0x21) {
      if (bytes[at + 1] === 0xf9 && found.frames === 0) found.hasTransparency ||= ((bytes[at + 3] ?? 0) & 1) === 1;
      at = afterSubBlocks(bytes, at + 2);
    } else if (kind === 0x2c) {
      if (at + 11 > bytes.length) return { ...found, cut: true };
      if (found.frames === 0) {
        found.firstWidth = bytes.readUInt16LE(at + 5);
        found.firstHeight = bytes.readUInt16LE(at + 7);
      }
      found.frames += 1;
      at = afterSubBlocks(bytes, at + 11 + colourTableBytes(bytes[at + 9]!));
    } else {
      // The trailer, or bytes behind the last block that decoders ignore.
      return found;
    }
    if (at > bytes.length) return { ...found, cut: true };
  }
  return found;
}

function colourTableBytes(flags: number): number {
  return (flags & 0x80) === 0 ? 0 : 3 << ((flags & 7) + 1);
}

/** The offset behind a chain of sub-blocks; beyond the end of the file when the chain is cut. */
function afterSubBlocks(bytes: Buffer, from: number): number {
  let at = from;
  while (at < bytes.length) {
    const length = bytes[at]!;
    at += 1 + length;
    if (length === 0) return at;
  }
  return bytes.length + 1;
}
