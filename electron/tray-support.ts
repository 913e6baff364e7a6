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

/** @param run by default starts the command */
export function createTraySupport(platform: NodeJS.Platform, run: RunCommand = runCommand): TraySupport {
  let hasTray = platform !== 'linux';
  let timers: NodeJS.Timeout[] = [];
  const ask = async () => {
    if (hasTray) return;
    // The answers are `(true,)` and `boolean true`.
    if (/\btrue\b/.test(await callBus(run, IS_THERE_A_WATCHER))) hasTray = true;
  };
  if (!hasTray) {
    void ask();
    timers = ASK_AGAIN_AFTER_MS.map((afterMs) => setTimeout(() => void ask(), afterMs).unref());
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
