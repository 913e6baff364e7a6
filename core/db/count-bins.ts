/** How numbers are put into bins where they are read: many numbers become few counts before they cross a thread. */

export type Bins =
  /** Of one width, from 0 on. */
  | { readonly kind: 'linear'; readonly width: number }
  /** So many in each doubling; what is smaller than `least` shares the one before its bin. */
  | { readonly kind: 'logarithmic'; readonly perDoubling: number; readonly least: number }
  /** Of the first of these widths that needs at most `most` bins for all, else of a multiple of the last. */
  | { readonly kind: 'fitted'; readonly widths: readonly number[]; readonly most: number };

/** The width of linear bins (1 for logarithmic ones), and the numbers of bins that hold any with their counts. */
export interface BinCounts {
  readonly width: number;
  readonly counts: (readonly [bin: number, count: number])[];
}

export function countBins(values: readonly number[], bins: Bins): BinCounts {
  const width = widthOf(values, bins);
  const counts = new Map<number, number>();
  for (const value of values) {
    const bin = bins.kind === 'logarithmic' ? logarithmicBin(value, bins) : Math.floor(value / width);
    counts.set(bin, (counts.get(bin) ?? 0) + 1);
  }
  return { width, counts: [...counts] };
}

function logarithmicBin(value: number, { perDoubling, least }: { perDoubling: number; least: number }): number {
  return value < least ? Math.log2(least) * perDoubling - 1 : Math.floor(Math.log2(value) * perDoubling);
}

function widthOf(values: readonly number[], bins: Bins): number {
  if (bins.kind === 'linear') return bins.width;
  if (bins.kind === 'logarithmic') return 1;
  let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (value < first) first = value;
    if (value > last) last = value;
  }
  // One bin more than the span holds, for its ends lie within bins.
  const fits = (width: number) => Math.floor(last / width) - Math.floor(first / width) < bins.most;
  const widest = bins.widths.at(-1) ?? 1;
  return bins.widths.find(fits) ?? widest * Math.ceil((last - first) / widest / (bins.most - 1));
}
