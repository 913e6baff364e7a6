/**
 * Whether the system shows a tray. macOS and Windows always do. On Linux somebody must watch for icons (the desktop, or an
 * extension of it), and Electron does not tell: the session bus is asked.
 */

import { execFile } from 'node:child_process';

const WATCHER = 'org.kde.StatusNotifierWatcher';
const BUS = 'org.freedesktop.DBus';
/** A desktop that is just logging in may start it a little later than us. */
const ASK_AGAIN_AFTER_MS: readonly number[] = [5_000, 30_000, 120_000];
const PATIENCE_MS = 3_000;

/** Either tool will do; which is there differs. */
const COMMANDS: readonly (readonly string[])[] = [
  [
    'gdbus',
    'call',
    '--session',
    '--dest',
    BUS,
    '--object-path',
    '/org/freedesktop/DBus',
    '--method',
    `${BUS}.NameHasOwner`,
    WATCHER,
  ],
  [
    'dbus-send',
    '--session',
    `--dest=${BUS}`,
    '--type=method_call',
    '--print-reply',
    '/org/freedesktop/DBus',
    `${BUS}.NameHasOwner`,
    `string:${WATCHER}`,
  ],
];

export interface TraySupport {
  /** False until it is known that there is one: a window that was hidden could not be brought back. */
  readonly hasTray: boolean;
  stop(): void;
}

/** What a command writes; rejects when it is not there or fails. */
export type RunCommand = (command: readonly string[]) => Promise<string>;

/** @param run by default starts the command and waits up to 3 seconds */
export function createTraySupport(platform: NodeJS.Platform, run: RunCommand = runCommand): TraySupport {
  let hasTray = platform !== 'linux';
  let timers: NodeJS.Timeout[] = [];
  const ask = async () => {
    if (hasTray) return;
    for (const command of COMMANDS) {
      // The answers are `(true,)` and `boolean true`.
      if (/\btrue\b/.test(await run(command).catch(() => ''))) hasTray = true;
      if (hasTray) return;
    }
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

function runCommand([name, ...words]: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(name as string, words, { timeout: PATIENCE_MS }, (error, stdout) => {
      if (error === null) resolve(stdout);
      else reject(error);
    });
  });
}
