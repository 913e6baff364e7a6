/** What is stored about an image that rules look at. */

import type { ImageTable } from '../db/schema.ts';
import type { JudgedFacts } from '../judge/judge.ts';

/** Columns of `images` that hold them. */
export type ImageFactRow = Pick<
  ImageTable,
  | 'integrity'
  | 'size_bytes'
  | 'width'
  | 'height'
  | 'format'
  | 'brightness_p1'
  | 'brightness_p5'
  | 'brightness_p50'
  | 'brightness_p95'
  | 'brightness_p99'
  | 'brightness'
  | 'contrast'
  | 'entropy'
  | 'colourfulness'
  | 'sharpness'
  | 'sharpness_half'
  | 'dominant_colour'
  | 'd_hash_high'
  | 'd_hash_low'
  | 'p_hash_high'
  | 'p_hash_low'
>;

/** Of `images i`: samples have some columns of these names too. */
export const IMAGE_FACT_COLUMNS = `i.integrity, i.size_bytes, i.width, i.height, i.format, i.brightness_p1,
  i.brightness_p5, i.brightness_p50, i.brightness_p95, i.brightness_p99, i.brightness, i.contrast, i.entropy,
  i.colourfulness, i.sharpness, i.sharpness_half, i.dominant_colour, i.d_hash_high, i.d_hash_low, i.p_hash_high,
  i.p_hash_low`;

/** A stored image as the judge wants it. */
export function factsOf(row: ImageFactRow): JudgedFacts & { format: string } {
  return {
    integrity: row.integrity,
    sizeBytes: row.size_bytes,
    width: row.width,
    height: row.height,
    format: row.format,
    measurements: {
      brightnessP1: row.brightness_p1,
      brightnessP5: row.brightness_p5,
      brightnessP50: row.brightness_p50,
      brightnessP95: row.brightness_p95,
      brightnessP99: row.brightness_p99,
      brightness: row.brightness,
      contrast: row.contrast,
      entropy: row.entropy,
      colourfulness: row.colourfulness,
      sharpness: row.sharpness,
      sharpnessHalf: row.sharpness_half,
      dominantColour: row.dominant_colour,
      dHashHigh: row.d_hash_high,
      dHashLow: row.d_hash_low,
      pHashHigh: row.p_hash_high,
      pHashLow: row.p_hash_low,
    },
  };
}
