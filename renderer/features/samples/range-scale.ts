export interface HistogramBin {
  /** Inclusive. */
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
  readonly count: number;
}

/**
 * Places on a histogram's axis, from 0 to 1: every bin is as wide as the others, whatever it spans, so that the axis is
 * linear or logarithmic as its bins are. Values beyond the bins are at the ends.
 */
export function placeOfValue(bins: readonly HistogramBin[], value: number): number {
  const at = bins.findIndex((bin) => value < bin.to);
  if (at < 0) return bins.length === 0 ? 0 : 1;
  const { from, to } = bins[at]!;
  return (at + Math.min(1, Math.max(0, (value - from) / (to - from)))) / bins.length;
}

/** The value at a place, rounded to what a person would type. */
export function valueAtPlace(bins: readonly HistogramBin[], place: number): number {
  if (bins.length === 0) return 0;
  const scaled = Math.min(1, Math.max(0, place)) * bins.length;
  const at = Math.min(bins.length - 1, Math.floor(scaled));
  const { from, to } = bins[at]!;
  return rounded(from + (scaled - at) * (to - from), to - from);
}

/** Bins that are added at either end of an axis, at most. */
const MOST_ADDED = 64;

/**
 * The same bins with empty ones beside them, about as wide, so that the axis reaches from one value to another.
 * @param least at least 0
 */
export function widened(bins: readonly HistogramBin[], least: number, most: number): readonly HistogramBin[] {
  const [first, second = first] = bins;
  const last = bins.at(-1);
  if (first === undefined || second === undefined || last === undefined) return bins;
  const isLinear = Math.abs(first.to - first.from - (second.to - second.from)) <= 1e-9 * second.to;
  return [
    ...(least < first.from ? emptyBins(least, first.from, first, isLinear) : []),
    ...bins,
    ...(most > last.to ? emptyBins(last.to, most, last, isLinear) : []),
  ];
}

function emptyBins(from: number, to: number, like: HistogramBin, isLinear: boolean): HistogramBin[] {
  const wanted = isLinear ? (to - from) / (like.to - like.from) : Math.log(to / from) / Math.log(like.to / like.from);
  const count = Number.isFinite(wanted) ? Math.min(MOST_ADDED, Math.max(1, Math.ceil(wanted))) : 1;
  const edge = (number: number) => {
    if (number === 0 || number === count) return number === 0 ? from : to;
    return isLinear ? from + ((to - from) * number) / count : from * (to / from) ** (number / count);
  };
  return Array.from({ length: count }, (_, number) => ({ from: edge(number), to: edge(number + 1), count: 0 }));
}

/** Samples in the bins that a range touches, a cut bin in proportion: an estimate while a handle is dragged. */
export function countWithin(bins: readonly HistogramBin[], min: number | undefined, max: number | undefined): number {
  let count = 0;
  for (const bin of bins) {
    const from = Math.max(bin.from, min ?? bin.from);
    const to = Math.min(bin.to, max ?? bin.to);
    if (to > from) count += (bin.count * (to - from)) / (bin.to - bin.from);
    else if (to === from && bin.from === bin.to) count += bin.count;
  }
  return Math.round(count);
}

/** Whether a value lies within a bin that holds any, so that what is below it can only be estimated. */
export function isCut(bins: readonly HistogramBin[], value: number): boolean {
  return bins.some(({ from, to, count }) => count > 0 && from < value && value < to);
}

/** To a hundredth of the width of the bin, so that a handle can be put anywhere a pixel can tell. */
function rounded(value: number, widthOfBin: number): number {
  const step = 10 ** Math.floor(Math.log10(Math.max(Number.MIN_VALUE, widthOfBin / 20)));
  return Number.isFinite(step) && step > 0 ? Number((Math.round(value / step) * step).toPrecision(12)) : value;
}
