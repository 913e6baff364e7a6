/** Measurements of a reduced image, from what the kernels counted. */

import type { Measurements } from '../../shared/inspection.ts';
import type { Analysis } from './kernels.ts';

/**
 * Turns counts into measurements (definitions: `Measurements` in shared/inspection.ts). Bit k of a hash is bit k of its
 * low half for k < 32, bit k - 32 of its high half above.
 */
export function measure(analysis: Analysis, width: number, height: number): Measurements {
  const { results, histogram, coefficients, gradient } = analysis;
  const pixels = width * height;
  const [red, green, blue, d, dd, e, ee] = results as unknown as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const luma = lumaStatistics(histogram, pixels);
  // Hasler and Süsstrunk: rg = R - G, yb = (R + G) / 2 - B, so e = 2 yb.
  const rgMean = d / pixels;
  const ybMean = e / (2 * pixels);
  const rgVariance = Math.max(0, dd / pixels - rgMean * rgMean);
  const ybVariance = Math.max(0, ee / (4 * pixels) - ybMean * ybMean);
  const dHash = gradientHash(gradient);
  const pHash = dctHash(coefficients);
  return {
    ...luma,
    colourfulness: Math.sqrt(rgVariance + ybVariance) + 0.3 * Math.sqrt(rgMean * rgMean + ybMean * ybMean),
    sharpness: variance(results[7]!, results[8]!, (width - 2) * (height - 2)),
    sharpnessHalf: variance(results[9]!, results[10]!, ((width >> 1) - 2) * ((height >> 1) - 2)),
    dominantColour: (Math.round(red / pixels) << 16) | (Math.round(green / pixels) << 8) | Math.round(blue / pixels),
    dHashHigh: dHash.high,
    dHashLow: dHash.low,
    pHashHigh: pHash.high,
    pHashLow: pHash.low,
  };
}

/** 0 for an image too small to have inner pixels. */
function variance(sum: number, squares: number, count: number): number {
  if (sum === 0 && squares === 0) return 0;
  const mean = sum / count;
  return Math.max(0, squares / count - mean * mean);
}

type LumaStatistics = Pick<
  Measurements,
  | 'brightness'
  | 'brightnessP1'
  | 'brightnessP5'
  | 'brightnessP50'
  | 'brightnessP95'
  | 'brightnessP99'
  | 'contrast'
  | 'entropy'
>;

function lumaStatistics(histogram: Uint32Array, pixels: number): LumaStatistics {
  let sum = 0;
  let squares = 0;
  let entropy = 0;
  for (let value = 0; value < 256; value += 1) {
    const count = histogram[value]!;
    if (count === 0) continue;
    const share = count / pixels;
    sum += value * count;
    squares += value * value * count;
    entropy -= share * Math.log2(share);
  }
  const mean = sum / pixels;
  return {
    brightnessP1: percentile(histogram, pixels, 0.01),
    brightnessP5: percentile(histogram, pixels, 0.05),
    brightnessP50: percentile(histogram, pixels, 0.5),
    brightnessP95: percentile(histogram, pixels, 0.95),
    brightnessP99: percentile(histogram, pixels, 0.99),
    brightness: mean,
    contrast: Math.sqrt(Math.max(0, squares / pixels - mean * mean)),
    entropy: Math.max(0, entropy),
  };
}

/** Nearest rank: the smallest value that at least this share of the pixels does not exceed. */
function percentile(histogram: Uint32Array, pixels: number, share: number): number {
  const rank = Math.max(1, Math.ceil(pixels * share));
  let seen = 0;
  for (let value = 0; value < 256; value += 1) {
    seen += histogram[value]!;
    if (seen >= rank) return value;
  }
  return 255;
}

interface Hash {
  readonly high: number;
  readonly low: number;
}

function hashOf(bitAt: (k: number) => boolean): Hash {
  let high = 0;
  let low = 0;
  for (let k = 0; k < 64; k += 1) {
    if (!bitAt(k)) continue;
    if (k < 32) low |= 1 << k;
    else high |= 1 << (k - 32);
  }
  return { high: high >>> 0, low: low >>> 0 };
}

/** Bit 8 y + x: the cell at column x of row y is darker than its right neighbour. */
function gradientHash(cells: Uint32Array): Hash {
  return hashOf((k) => {
    const at = (k >> 3) * 9 + (k & 7);
    return cells[at]! < cells[at + 1]!;
  });
}

/** Bit 8 v + u: the coefficient (u across, v down) is above the median of all but the first. */
function dctHash(coefficients: Float64Array): Hash {
  const median = coefficients.slice(1).sort()[31]!;
  return hashOf((k) => coefficients[k]! > median);
}
