/**
 * Whether the system shows a tray. macOS and Windows always do. On Linux somebody must take icons and somebody must show them
 * (the desktop, or an extension of it), and Electron does not tell: the session bus is asked.
 */

import { callBus, type RunCommand, runCommand } from './system-command.ts';

/** https://www.freedesktop.org/wiki/Specifications/StatusNotifierItem/StatusNotifierWatcher/ */
const WATCHER = 'org.kde.StatusNotifierWatcher';
const ARE_ICONS_SHOWN = {
  bus: 'session',
  destination: WATCHER,
  path: '/StatusNotifierWatcher',
  method: 'org.freedesktop.DBus.Properties.Get',
  words: [WATCHER, 'IsStatusNotifierHostRegistered'],
} as const;
/** A desktop that is just logging in may start it a little later than us. The last wait is that between all further ones. */
const ASK_AGAIN_AFTER_MS: readonly number[] = [5_000, 25_000, 90_000];

export interface TraySupport {
  /** False until it is known that there is one: a window that was hidden could not be brought back. */
  readonly hasTray: boolean;
  stop(): void;
}

interface TraySupportOptions {
  readonly platform: NodeJS.Platform;
  /** Called once there is a tray, at once where there always is: an icon that is made before is shown by none that comes later. */
  readonly onTray: () => void;
  /** Called when there was none for two minutes; one may still come. */
  readonly onNone: () => void;
  /** By default starts the command. */
  readonly run?: RunCommand;
  /** Default: 5, 25 and 90 seconds, in milliseconds, each after the one before. */
  readonly askAgainAfterMs?: readonly number[];
}

export function createTraySupport(options: TraySupportOptions): TraySupport {
  const { platform, onTray, onNone, run = runCommand, askAgainAfterMs = ASK_AGAIN_AFTER_MS } = options;
  let hasTray = false;
  let isStopped = false;
  let timer: NodeJS.Timeout | undefined;
  const found = () => {
    hasTray = true;
    onTray();
  };
  const ask = async (asked: number): Promise<void> => {
    // The answers are `(<true>,)` and `variant boolean true`.
    const isShown = /\btrue\b/.test(await callBus(run, ARE_ICONS_SHOWN));
    if (isStopped) return;
    if (isShown) {
      found();
      return;
    }
    if (asked === askAgainAfterMs.length) onNone();
    timer = setTimeout(() => void ask(asked + 1), askAgainAfterMs[asked] ?? askAgainAfterMs.at(-1)).unref();
  };
  if (platform === 'linux') void ask(0);
  else found();
  return {
    get hasTray() {
      return hasTray;
    },
    stop() {
      isStopped = true;
      clearTimeout(timer);
    },
  };
}
