/** When a part that ended is started again, and when that has been tried often enough. */

export interface RestartRule {
  /** Starts again at most so often within `spanMs`. */
  readonly limit: number;
  readonly spanMs: number;
  /** Longest wait before the first new start, in ms; each one after it within the span waits up to twice as long. */
  readonly firstDelayMs: number;
  readonly maxDelayMs: number;
}

/** The core: what it works on is safe on the disk, and whoever looks at it waits. */
export const CORE_RESTARTS: RestartRule = {
  limit: 5,
  spanMs: 10 * 60_000,
  firstDelayMs: 500,
  maxDelayMs: 30_000,
};

/** A page: it has nothing of its own to lose. */
export const PAGE_RELOADS: RestartRule = { limit: 3, spanMs: 60_000, firstDelayMs: 0, maxDelayMs: 0 };

export interface RestartPlan {
  /** The ends that still count, this one included, oldest first. */
  readonly endsMs: readonly number[];
  /** How long to wait before the next start, in ms; null when it has ended too often. */
  readonly delayMs: number | null;
}

/**
 * What follows on an end.
 * @param earlierMs when it ended before, on a clock that never goes back
 * @param random from 0 up to 1: spreads the wait over the upper half of what it may be
 */
export function planRestart(
  rule: RestartRule,
  earlierMs: readonly number[],
  nowMs: number,
  random: number,
): RestartPlan {
  const endsMs = [...earlierMs.filter((endMs) => nowMs - endMs < rule.spanMs), nowMs];
  if (endsMs.length > rule.limit) return { endsMs, delayMs: null };
  const longestMs = Math.min(rule.maxDelayMs, rule.firstDelayMs * 2 ** (endsMs.length - 1));
  return { endsMs, delayMs: Math.round(longestMs * (0.5 + random / 2)) };
}
