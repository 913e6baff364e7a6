import { monotonicMs } from './site-server.ts';

/** By so much two clocks may differ over a gap of seconds, whole milliseconds counted. */
export const CLOCK_TOLERANCE_MS = 1;

interface Arrival {
  readonly path: string;
  /** When the request can have reached this machine at the earliest. */
  readonly earliestMs: number;
  /** When it was read. */
  readonly latestMs: number;
}

/**
 * Between which times requests reached this machine. A busy server reads them late; but what it reads came after it had last
 * looked and found nothing. To be told of each request where it is handled, at once.
 */
export class Arrivals {
  /** When this process looked for requests: a connection is accepted with one look and read with another. */
  readonly #looksMs: number[] = [];
  readonly #timer = setInterval(() => {
    this.#looksMs.push(monotonicMs());
    if (this.#looksMs.length > 4) this.#looksMs.shift();
  }, 1).unref();
  readonly all: Arrival[] = [];

  add(path: string): void {
    this.all.push({ path, earliestMs: this.#looksMs[0] ?? 0, latestMs: monotonicMs() });
  }

  clear(): void {
    this.all.length = 0;
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}

/** Least milliseconds between the requests, taken as long as each gap can have been. @throws when one is shorter */
export function expectGaps(arrivals: readonly Arrival[], gapMs: number): void {
  const gaps = arrivals.slice(1).map(({ latestMs }, index) => latestMs - arrivals[index]!.earliestMs);
  if (gaps.every((each) => each >= gapMs - CLOCK_TOLERANCE_MS)) return;
  const seen = arrivals.map(({ path }, index) => `${path} +${(gaps[index - 1] ?? 0).toFixed(1)}`);
  throw new Error(`Expected ${gapMs} ms between any two requests, but there were: ${seen.join(', ')}`);
}
