/** How the numbers of samples are put into bins. Bins are counted fine and joined until they are few enough to draw. */

import type { SampleMeasure } from '../../shared/contract/samples.ts';
import { unreachable } from '../../shared/errors.ts';
import type { BinCounts, Bins } from '../db/count-bins.ts';

const MOST_BINS = 64;
/** Bins in a doubling, before they are joined. */
const FINE = 16;
/** Logarithmic bins begin here; what is smaller shares one. */
const LEAST = 1 / 16;
const LEAST_BIN = Math.log2(LEAST) * FINE;
const SECOND_MS = 1_000;
const STEPS_MS = [1, 10, 60, 600, 3_600, 6 * 3_600, 86_400].map((seconds) => seconds * SECOND_MS);

export interface MeasureScale {
  readonly kind: 'linear' | 'logarithmic' | 'time';
  readonly unit: string;
  readonly bins: Bins;
  /** Whole numbers only, so that bins begin and end at some. */
  readonly isWhole: boolean;
  /** No value is larger: the last bin ends there and holds it. Default: any may be. */
  readonly most?: number;
}

export function linear(unit: string, width: number, most: number): MeasureScale {
  return { kind: 'linear', unit, bins: { kind: 'linear', width }, isWhole: false, most };
}

export function logarithmic(unit: string, isWhole: boolean): MeasureScale {
  return { kind: 'logarithmic', unit, bins: { kind: 'logarithmic', perDoubling: FINE, least: LEAST }, isWhole };
}

export const MEASURE_SCALE: Readonly<Record<SampleMeasure, MeasureScale>> = {
  shortSide: logarithmic('px', true),
  sizeBytes: logarithmic('bytes', true),
  aspectRatio: logarithmic('long side / short side', false),
  sharpness: logarithmic('variance of the Laplacian', false),
  brightness: linear('luma, 0 to 255', 4, 255),
  contrast: linear('standard deviation of luma', 2, 127.5),
  entropy: linear('bits', 0.125, 8),
  createdAt: {
    kind: 'time',
    unit: 'ms',
    bins: { kind: 'fitted', widths: STEPS_MS, most: MOST_BINS },
    isWhole: true,
  },
};

interface Bin {
  /** Inclusive. */
  readonly from: number;
  /** Exclusive, but for the largest value that there can be. */
  readonly to: number;
  readonly count: number;
}

/** Bins without gaps from the first that holds any to the last. */
export function binsOf(scale: MeasureScale, { width, counts: counted }: BinCounts): Bin[] {
  if (counted.length === 0) return [];
  const joined = scale.kind === 'logarithmic' ? joinedBy(counted.map(([bin]) => bin)) : 1;
  const lastBin = scale.most === undefined ? Number.POSITIVE_INFINITY : Math.ceil(scale.most / width) - 1;
  const counts = new Map<number, number>();
  for (const [fine, count] of counted) {
    const bin = Math.min(lastBin, Math.floor(fine / joined));
    counts.set(bin, (counts.get(bin) ?? 0) + count);
  }
  const numbers = [...counts.keys()];
  const [first, last] = [Math.min(...numbers), Math.max(...numbers)];
  const bins: Bin[] = [];
  for (let bin = first; bin <= last; bin++) {
    const [from, to] = [edgeOf(scale, bin, joined, width), edgeOf(scale, bin + 1, joined, width)];
    // Between small whole numbers there are logarithmic bins that hold none.
    if (from < to) bins.push({ from, to, count: counts.get(bin) ?? 0 });
  }
  return bins;
}

/** How many fine bins make one. */
function joinedBy(fine: readonly number[]): number {
  const [first, last] = [Math.min(...fine), Math.max(...fine)];
  let joined = 1;
  while ((last - first) / joined >= MOST_BINS && joined < FINE) joined *= 2;
  return joined;
}

/** Where a bin begins. */
function edgeOf(scale: MeasureScale, bin: number, joined: number, width: number): number {
  switch (scale.kind) {
    case 'linear':
    case 'time':
      return Math.min(bin * width, scale.most ?? Number.POSITIVE_INFINITY);
    case 'logarithmic': {
      const fine = bin * joined;
      if (fine < LEAST_BIN) return 0;
      const value = 2 ** (fine / FINE);
      return scale.isWhole ? Math.ceil(value) : value;
    }
    default:
      return unreachable(scale.kind);
  }
}
