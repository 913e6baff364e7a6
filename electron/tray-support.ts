/**
 * Whether the system shows a tray. macOS and Windows always do. On Linux somebody must watch for icons (the desktop, or an
 * extension of it), and Electron does not tell: the session bus is asked.
 */

import { callBus, type RunCommand, runCommand } from './system-command.ts';

const BUS = 'org.freedesktop.DBus';
const IS_THERE_A_WATCHER = {
  bus: 'session',
  destination: BUS,
  path: '/org/freedesktop/DBus',
  method: `${BUS}.NameHasOwner`,
  words: ['org.kde.StatusNotifierWatcher'],
} as const;
/** A desktop that is just logging in may start it a little later than us. */
const ASK_AGAIN_AFTER_MS: readonly number[] = [5_000, 30_000, 120_000];

export interface TraySupport {
  /** False until it is known that there is one: a window that was hidden could not be brought back. */
  readonly hasTray: boolean;
  stop(): void;
}

interface TraySupportOptions {
  readonly platform: NodeJS.Platform;
  /** Called once when there is still no tray the last time that it is looked for. */
  readonly onNone: () => void;
  /** By default starts the command. */
  readonly run?: RunCommand;
  /** Default: 5, 30 and 120 seconds, in milliseconds. */
  readonly askAgainAfterMs?: readonly number[];
}

export function createTraySupport(options: TraySupportOptions): TraySupport {
  const { platform, onNone, run = runCommand, askAgainAfterMs = ASK_AGAIN_AFTER_MS } = options;
  let hasTray = platform !== 'linux';
  let timers: NodeJS.Timeout[] = [];
  const ask = async () => {
    if (hasTray) return;
    // The answers are `(true,)` and `boolean true`.
    if (/\btrue\b/.test(await callBus(run, IS_THERE_A_WATCHER))) hasTray = true;
  };
  if (!hasTray) {
    void ask();
    timers = askAgainAfterMs.map((afterMs, index) => {
      const isLast = index === askAgainAfterMs.length - 1;
      const askAgain = () => void ask().then(() => (isLast && !hasTray ? onNone() : undefined));
      return setTimeout(askAgain, afterMs).unref();
    });
  }
  return {
    get hasTray() {
      return hasTray;
    },
    stop() {
      for (const timer of timers) clearTimeout(timer);
    },
  };
}
