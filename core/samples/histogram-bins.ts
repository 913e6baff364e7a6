/** How the numbers of samples are put into bins. Bins are counted fine and joined until they are few enough to draw. */

import type { SampleMeasure } from '../../shared/contract/samples.ts';
import { unreachable } from '../../shared/errors.ts';

const MOST_BINS = 64;
/** Bins in a doubling, before they are joined. */
const FINE = 16;
/** Logarithmic bins begin here; what is smaller shares one. */
const LEAST = 1 / 16;
const SECOND_MS = 1_000;
const DAY_MS = 86_400 * SECOND_MS;
const STEPS_MS = [1, 10, 60, 600, 3_600, 6 * 3_600, 86_400].map((seconds) => seconds * SECOND_MS);

export interface MeasureScale {
  readonly kind: 'linear' | 'logarithmic' | 'time';
  readonly unit: string;
  /** Width of a linear bin; 0 for others. */
  readonly width: number;
  /** Whole numbers only, so that bins begin and end at some. */
  readonly isWhole: boolean;
  /** The number of a value's fine bin, as SQL. */
  numberSql(column: string, stepMs: number): string;
}

function linear(unit: string, width: number): MeasureScale {
  return {
    kind: 'linear',
    unit,
    width,
    isWhole: false,
    numberSql: (column) => `cast(floor(${column} / ${width}) AS INTEGER)`,
  };
}

function logarithmic(unit: string, isWhole: boolean): MeasureScale {
  return {
    kind: 'logarithmic',
    unit,
    width: 0,
    isWhole,
    numberSql: (column) =>
      `CASE WHEN ${column} < ${LEAST} THEN ${LEAST_NUMBER - 1}
       ELSE cast(floor(log2(${column}) * ${FINE}) AS INTEGER) END`,
  };
}

const LEAST_NUMBER = Math.log2(LEAST) * FINE;

export const MEASURE_SCALE: Readonly<Record<SampleMeasure, MeasureScale>> = {
  shortSide: logarithmic('px', true),
  sizeBytes: logarithmic('bytes', true),
  aspectRatio: logarithmic('long side / short side', false),
  sharpness: logarithmic('variance of the Laplacian', false),
  brightness: linear('luma, 0 to 255', 4),
  contrast: linear('standard deviation of luma', 2),
  entropy: linear('bits', 0.125),
  createdAt: {
    kind: 'time',
    unit: 'ms',
    width: 0,
    isWhole: true,
    numberSql: (column, stepMs) => `${column} / ${stepMs}`,
  },
};

/** Milliseconds of a bin over a span of time: a second to a day, or a whole number of days. */
export function timeStepMs(spanMs: number): number {
  return (
    STEPS_MS.find((step) => spanMs / step < MOST_BINS - 1) ?? Math.ceil(spanMs / DAY_MS / (MOST_BINS - 1)) * DAY_MS
  );
}

export interface Bin {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/** Bins without gaps from the first that holds any to the last. @param counted the numbers of fine bins with their counts */
export function binsOf(
  scale: MeasureScale,
  counted: readonly (readonly [number: number, count: number])[],
  stepMs: number,
): Bin[] {
  if (counted.length === 0) return [];
  const fine = counted.map(([number]) => number);
  const joined = scale.kind === 'logarithmic' ? joinedBy(Math.min(...fine), Math.max(...fine)) : 1;
  const edge = edgeOf(scale, joined, stepMs);
  const counts = new Map<number, number>();
  for (const [number, count] of counted) {
    const bin = Math.floor(number / joined);
    counts.set(bin, (counts.get(bin) ?? 0) + count);
  }
  const numbers = [...counts.keys()];
  const bins: Bin[] = [];
  for (let bin = Math.min(...numbers); bin <= Math.max(...numbers); bin++) {
    const [from, to] = [edge(bin), edge(bin + 1)];
    // Between small whole numbers there are logarithmic bins that hold none.
    if (from < to) bins.push({ from, to, count: counts.get(bin) ?? 0 });
  }
  return bins;
}

/** How many fine bins make one. */
function joinedBy(first: number, last: number): number {
  let joined = 1;
  while ((last - first) / joined >= MOST_BINS && joined < FINE) joined *= 2;
  return joined;
}

function edgeOf(scale: MeasureScale, joined: number, stepMs: number): (bin: number) => number {
  switch (scale.kind) {
    case 'linear':
      return (bin) => bin * scale.width;
    case 'time':
      return (bin) => bin * stepMs;
    case 'logarithmic':
      return (bin) => {
        const fine = bin * joined;
        if (fine < LEAST_NUMBER) return 0;
        const value = 2 ** (fine / FINE);
        return scale.isWhole ? Math.ceil(value) : value;
      };
    default:
      return unreachable(scale.kind);
  }
}
