/** Notices a process that lives and no longer answers: it waits for ever on something, or turns in a circle. */

/** Statements and collections that hold the core up for seconds are no hang; nothing that is right takes a minute. */
const EVERY_MS = 15_000;
const MOST_UNANSWERED = 4;

interface WatchdogOptions {
  /** Sends what is to be answered. */
  readonly ask: () => void;
  /** Called once, with how long there was no answer. */
  readonly onSilent: (silentMs: number) => void;
}

export interface Watchdog {
  onAnswer(): void;
  stop(): void;
}

/** Asks every 15 s. Questions are counted, not time: a computer that slept is no reason. */
export function createWatchdog({ ask, onSilent }: WatchdogOptions): Watchdog {
  let unanswered = 0;
  const timer = setInterval(() => {
    if (unanswered === MOST_UNANSWERED) {
      clearInterval(timer);
      onSilent(unanswered * EVERY_MS);
      return;
    }
    unanswered += 1;
    ask();
  }, EVERY_MS);
  return {
    onAnswer() {
      unanswered = 0;
    },
    stop: () => clearInterval(timer),
  };
}
