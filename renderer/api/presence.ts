/** Whether a page is looked at. Its stream of events takes one of the six connections that all tabs have to a host. */

/** So long a hidden page keeps its stream: who looks through tabs comes back at once. */
const GRACE_MS = 2_000;

/** Between `pagehide` and `pageshow` a page is kept by the browser, to be shown again as it was. */
let isPutAway = false;
window.addEventListener('pagehide', () => {
  isPutAway = true;
});
window.addEventListener('pageshow', () => {
  isPutAway = false;
});

/** Resolves when the page is seen, or the signal fires. */
export function whenSeen(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = new AbortController();
    const look = () => {
      if (!signal.aborted && (document.hidden || isPutAway)) return;
      done.abort();
      resolve();
    };
    const { signal: until } = done;
    document.addEventListener('visibilitychange', look, { signal: until });
    window.addEventListener('pageshow', look, { signal: until });
    signal.addEventListener('abort', look, { signal: until });
    look();
  });
}

/**
 * Fires when the page is put away, or has been hidden for a while.
 * @param signal ends the watch
 */
export function unseenSignal(signal: AbortSignal): AbortSignal {
  const unseen = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const look = () => {
    clearTimeout(timer);
    if (document.hidden) timer = setTimeout(() => unseen.abort(), GRACE_MS);
  };
  document.addEventListener('visibilitychange', look, { signal });
  window.addEventListener('pagehide', () => unseen.abort(), { signal });
  signal.addEventListener('abort', () => clearTimeout(timer));
  look();
  return unseen.signal;
}
