/**
 * A function that is done at most every so many milliseconds: at once if it was not for that long, else when that time is
 * over, however often it is asked for meanwhile.
 */
export function atMostEvery(
  everyMs: number,
  work: () => void,
): { readonly ask: () => void; readonly stop: () => void } {
  let timer: NodeJS.Timeout | undefined;
  let isAsked = false;
  const rest = () => {
    timer = undefined;
    if (isAsked) ask();
  };
  const ask = () => {
    isAsked = true;
    if (timer !== undefined) return;
    isAsked = false;
    timer = setTimeout(rest, everyMs);
    timer.unref?.();
    work();
  };
  return { ask, stop: () => clearTimeout(timer) };
}
