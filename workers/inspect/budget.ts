/** What decoding an image will cost, judged by its header alone, before any of it is decoded. */

import type { InspectionLimits } from '../../shared/inspection.ts';
import type { Refusal } from '../../shared/vocabulary.ts';
import type { HeaderFacts } from './header.ts';

/** Why an image must not be decoded. */
export interface OverBudget {
  readonly reason: Refusal;
  readonly detail: string;
}

/** Images smaller than this are decoded even if their file is too short to hold them: a cut file is worth looking at. */
const ALWAYS_AFFORDABLE_BYTES = 16 * 1024 * 1024;

/** Pixels times passes; a usual progressive JPEG of 20 megapixels makes 0.2 of them. About 10 s of one core. */
const MAX_PIXEL_PASSES = 2e9;

/** libvips takes about 4 µs a row however short, so a strip of millions of rows would take minutes. */
const MAX_ROWS = 500_000;

/** The first limit that an image breaks, or null. */
export function overBudget(facts: HeaderFacts, limits: InspectionLimits): OverBudget | null {
  const { width, height, channels, bitDepth } = facts;
  if (facts.frames > limits.maxFrames) {
    return { reason: 'too-many-frames', detail: `more than ${limits.maxFrames} frames` };
  }
  const sampleBytes = Math.ceil(bitDepth / 8);
  const decodedBytes = width * height * channels * sampleBytes;
  const shape = `${width} x ${height} pixels of ${channels} x ${sampleBytes} bytes`;
  const refuse = (detail: string): OverBudget => ({ reason: 'over-budget', detail: `${shape}: ${detail}` });
  const megabytes = (bytes: number): string => `${Math.ceil(bytes / 1e6)} MB`;
  const most = limits.maxDecodedBytes;
  if (decodedBytes > most) return refuse(`${megabytes(decodedBytes)} decoded, ${megabytes(most)} allowed`);
  if (facts.heldBytes > most) return refuse(`${megabytes(facts.heldBytes)} held, ${megabytes(most)} allowed`);
  if (decodedBytes > ALWAYS_AFFORDABLE_BYTES && facts.yieldBytes < width * height * channels) {
    return refuse('far more than its data can hold');
  }
  if (height > MAX_ROWS) return refuse(`${MAX_ROWS} rows allowed`);
  if (facts.passes > 1 && width * height * facts.passes > MAX_PIXEL_PASSES) return refuse(`${facts.passes} passes`);
  return null;
}
