/** What one look at one file yields. Made in a worker process, stored as measurements, judged by rule sets. */

import type { Failure, ImageFormat, Refusal } from './vocabulary.ts';

/** Longest side in pixels of the reduced image that everything is measured on, and of the thumbnail. */
export const ANALYSIS_SIZE_PX = 256;

/**
 * - `ok`: every pixel decoded, strictly
 * - `damaged`: decodes in part, or only leniently
 * - `unreadable`: nothing could be decoded (`reason` is a Failure)
 * - `refused`: not opened by policy (`reason` is a Refusal)
 */
type Integrity = 'ok' | 'damaged' | 'unreadable' | 'refused';

/** Measured on the reduced image (longest side at most 256 px, sRGB, orientation applied, alpha over mid-grey). */
export interface Measurements {
  /** Luma percentiles, 0 to 255. */
  readonly brightnessP1: number;
  readonly brightnessP5: number;
  readonly brightnessP50: number;
  readonly brightnessP95: number;
  readonly brightnessP99: number;
  /** Mean luma, 0 to 255. */
  readonly brightness: number;
  /** Standard deviation of luma, 0 to 127.5. */
  readonly contrast: number;
  /** Shannon entropy of the luma histogram, 0 to 8 bits. */
  readonly entropy: number;
  /** Hasler and Süsstrunk (2003) M3; 0 is grey, above 80 is vivid. */
  readonly colourfulness: number;
  /** Variance of the 4-neighbour Laplacian of luma at the reduced size; low is blurred. */
  readonly sharpness: number;
  /** The same at half the reduced size: a blurred picture is blurred at both. */
  readonly sharpnessHalf: number;
  /** Mean colour as 0xRRGGBB, shown where a thumbnail has not arrived yet. */
  readonly dominantColour: number;
  /** 64-bit gradient hash over a 9 x 8 grey image, as two unsigned 32-bit halves. */
  readonly dHashHigh: number;
  readonly dHashLow: number;
  /** 64-bit DCT hash over a 32 x 32 grey image against its median, as two unsigned 32-bit halves. */
  readonly pHashHigh: number;
  readonly pHashLow: number;
}

/** The EXIF facts worth keeping. Absent facts are left out. */
export interface ExifFacts {
  readonly make?: string;
  readonly model?: string;
  readonly lens?: string;
  readonly takenAt?: string;
  readonly exposureTimeS?: number;
  readonly fNumber?: number;
  readonly iso?: number;
  readonly focalLengthMm?: number;
  readonly software?: string;
  readonly artist?: string;
  readonly copyright?: string;
  readonly latitude?: number;
  readonly longitude?: number;
}

/** Facts that hold for any file that could be opened. */
export interface Inspection {
  readonly integrity: Integrity;
  /** null when integrity is `ok`; for `damaged` a word for people is in `detail`. */
  readonly reason: Failure | Refusal | null;
  /** The decoder's own words, at most 200 characters; null when there is nothing to say. */
  readonly detail: string | null;
  readonly format: ImageFormat;
  readonly sizeBytes: number;
  /** Pixels after orientation is applied; 0 when unknown. */
  readonly width: number;
  readonly height: number;
  /** EXIF orientation 1 to 8; 1 when absent. */
  readonly orientation: number;
  readonly frames: number;
  /** Channels of the stored image, alpha included; 0 when unknown. */
  readonly channels: number;
  readonly bitDepth: number;
  /** As libvips or the header names it: `srgb`, `b-w`, `cmyk`, `rgb16`, `grey16`, …; empty when unknown. */
  readonly colourSpace: string;
  readonly hasAlpha: boolean;
  readonly hasIccProfile: boolean;
  readonly exif: ExifFacts | null;
  /** null unless at least a part was decoded. */
  readonly measurements: Measurements | null;
}

/** One file to look at. Paths and plain data only: image bytes never cross a process boundary on the way in. */
export interface InspectionRequest {
  /** Absolute path of a readable file. */
  readonly path: string;
  /**
   * When set, the worker hashes the bytes it read (SHA-256) and writes them to this absolute path (`wx`), so that a
   * local file is read once; the caller makes it durable. When unset the caller knows the hash already.
   */
  readonly copyTo?: string;
  /** When true the worker hashes the bytes it read without copying them. Default false. */
  readonly hash?: boolean;
}

/** The answer to one InspectionRequest. */
export interface InspectionAnswer {
  readonly inspection: Inspection;
  /** Lower-case hex; only when `copyTo` or `hash` was given and the file could be read. */
  readonly sha256?: string;
  /** JPEG, longest side at most 256 px; null unless at least a part was decoded. */
  readonly thumbnail: Uint8Array | null;
}

/** Limits of one inspection. */
export interface InspectionLimits {
  /** Larger files are refused unread as `too-large`. */
  readonly maxFileBytes: number;
  /** width x height x channels x bytes per sample; above it the image is refused as `over-budget`. */
  readonly maxDecodedBytes: number;
  readonly maxFrames: number;
}

export const DEFAULT_INSPECTION_LIMITS: InspectionLimits = {
  maxFileBytes: 64 * 1024 * 1024,
  maxDecodedBytes: 512 * 1024 * 1024,
  maxFrames: 10_000,
};

/** The facts of a file whose pixels were not decoded: everything unknown but why. */
export function undecoded(
  facts: Pick<Inspection, 'integrity' | 'reason' | 'detail' | 'format' | 'sizeBytes'>,
): Inspection {
  return {
    ...facts,
    width: 0,
    height: 0,
    orientation: 1,
    frames: 1,
    channels: 0,
    bitDepth: 0,
    colourSpace: '',
    hasAlpha: false,
    hasIccProfile: false,
    exif: null,
    measurements: null,
  };
}
