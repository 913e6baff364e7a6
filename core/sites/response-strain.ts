/** Requests whose median counts as how a site answers now. */
const RECENT = 5;
/** Requests whose median counts as how it answers when it is well. */
const BASELINE = 15;
/** A strained site's baseline rises by this much a request, so that one that is slow for good is not punished for good. */
const BASELINE_CREEP = 1.02;
/** Medians below this many milliseconds are our own noise, not a site's strain. */
const FLOOR_MS = 100;

/**
 * Watches the response times of one site. When the median of the last five has tripled against the median of earlier ones
 * the gap between requests is to be doubled, at six times quadrupled, at twelve times made eightfold; below twice the
 * baseline all is well again.
 */
export class ResponseStrain {
  readonly #recent: number[] = [];
  readonly #earlier: number[] = [];
  #baselineMs: number | null = null;
  #factor = 1;

  /** 1, 2, 4 or 8: what to multiply the gap by. */
  get factor(): number {
    return this.#factor;
  }

  /** Median of the last five response times in milliseconds; 0 while there are none. */
  get recentMedianMs(): number {
    return median(this.#recent);
  }

  record(durationMs: number): void {
    this.#recent.push(durationMs);
    if (this.#recent.length <= RECENT) return;
    const settled = this.#recent.shift() as number;
    if (this.#factor === 1 || this.#baselineMs === null) {
      this.#earlier.push(settled);
      if (this.#earlier.length > BASELINE) this.#earlier.shift();
      this.#baselineMs = median(this.#earlier);
    } else {
      this.#baselineMs *= BASELINE_CREEP;
    }
    const ratio = this.recentMedianMs / Math.max(this.#baselineMs, FLOOR_MS);
    if (ratio >= 3) this.#factor = ratio >= 12 ? 8 : ratio >= 6 ? 4 : 2;
    else if (ratio < 2 && this.#factor !== 1) {
      this.#factor = 1;
      // The baseline has moved on meanwhile; what it was made of would pull it back.
      this.#earlier.splice(0, this.#earlier.length, this.#baselineMs);
    }
  }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? 0;
}
