/** Facts that a header tells before anything is decoded, for every format under one shape. */

import type { ImageFormat } from '../../shared/vocabulary.ts';

export interface HeaderFacts {
  readonly format: ImageFormat;
  /** As stored, before orientation is applied; both at least 1. */
  readonly width: number;
  readonly height: number;
  readonly frames: number;
  /** Channels of the stored image, alpha included. */
  readonly channels: number;
  /** Bits of one stored sample. */
  readonly bitDepth: number;
  readonly colourSpace: string;
  readonly hasAlpha: boolean;
  readonly hasIccProfile: boolean;
  /** The embedded profile; null when there is none, or it could not be read. */
  readonly iccProfile: Buffer | null;
  /** The EXIF block, from its TIFF header on; null when there is none. */
  readonly exif: Buffer | null;
  /** Overrides the orientation inside `exif` where a decoder has applied it already; null otherwise. */
  readonly orientation: number | null;
  /** What is wrong with the structure of the file although a decoder may not notice; null when nothing is. */
  readonly fault: string | null;
  /** Memory that a decoder holds for the whole image beside its output (progressive coefficients, interlacing). */
  readonly heldBytes: number;
  /** Passes a decoder makes over the whole image (progressive scans); 1 for most. */
  readonly passes: number;
  /** The most bytes of pixels that the compressed data can possibly yield; Infinity where no bound is known. */
  readonly yieldBytes: number;
}

/** The facts that most headers leave at these values. */
export const PLAIN_FACTS = {
  frames: 1,
  bitDepth: 8,
  hasAlpha: false,
  hasIccProfile: false,
  iccProfile: null,
  exif: null,
  orientation: null,
  fault: null,
  heldBytes: 0,
  passes: 1,
  yieldBytes: Number.POSITIVE_INFINITY,
} as const;
