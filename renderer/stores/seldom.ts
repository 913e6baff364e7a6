/** When counts of samples are read again: a decision shows in all of them at once, and arriving samples do not storm the core. */
export const COUNTS = { soonMs: 150, everyMs: 1_500 };

/**
 * Runs something soon after it is asked for, once for all who ask meanwhile, and not too often.
 * @param run what to do
 * @param times `soonMs` after the first who asks, and at least `everyMs` after it last ran
 */
export function seldom(
  run: () => void,
  { soonMs, everyMs }: { readonly soonMs: number; readonly everyMs: number },
): { readonly ask: () => void; readonly cancel: () => void } {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let ranAt = Number.NEGATIVE_INFINITY;
  return {
    ask: () => {
      timer ??= setTimeout(
        () => {
          timer = undefined;
          ranAt = Date.now();
          run();
        },
        Math.max(soonMs, ranAt + everyMs - Date.now()),
      );
    },
    cancel: () => {
      clearTimeout(timer);
      timer = undefined;
    },
  };
}
