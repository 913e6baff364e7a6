/** At most this often is a fact told that comes again and again. */
const INTERVAL_MS = 250;

export interface MergedCount {
  add(count: number): void;
  /** Tells what was not told yet, at once. */
  flush(): void;
}

/**
 * Adds up counts and tells their sum: the first at once, later ones at most four times a second.
 * @param tell gets sums above 0
 */
export function createMergedCount(tell: (count: number) => void): MergedCount {
  let untold = 0;
  let timer: NodeJS.Timeout | null = null;
  let toldAtMs = Number.NEGATIVE_INFINITY;
  const flush = () => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    if (untold === 0) return;
    toldAtMs = performance.now();
    const count = untold;
    untold = 0;
    tell(count);
  };
  return {
    add(count) {
      untold += count;
      if (timer === null) timer = setTimeout(flush, Math.max(0, toldAtMs + INTERVAL_MS - performance.now()));
    },
    flush,
  };
}
