/** Starts the desktop when its user logs in, without a window, as far as they want that. */

import { createHash } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { App } from 'electron';
import { APPLICATION_ID } from './application-id.ts';
import { autostartEntry, writeWhole } from './desktop-entry.ts';
import type { LiveLibrary } from './live-library.ts';

interface LoginItemOptions {
  readonly app: Pick<App, 'getLoginItemSettings' | 'setLoginItemSettings'>;
  readonly library: LiveLibrary;
  readonly platform: NodeJS.Platform;
  /** APPIMAGE says where the file lies that this program was started from; XDG_CONFIG_HOME where entries are. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly homeDirectory: string;
  readonly executablePath: string;
  /** What it is started with in any case: the app's folder for a bare Electron. */
  readonly arguments: readonly string[];
  /** Where another library than the usual one was named, which has a start of its own; absolute. */
  readonly namedDirectory: string | null;
  readonly log: (message: string) => void;
}

interface LoginItem {
  /** An update has given the program another path. */
  moveTo(executablePath: string): void;
}

/** Follows the setting `desktop.startAtLogin`, also where the program has moved since. */
export function registerLoginItem(options: LoginItemOptions): LoginItem {
  const { library, log } = options;
  let applied: boolean | null = null;
  const attempt = (isWanted: boolean, programPath: string): void => {
    try {
      apply(isWanted, programPath, options);
    } catch (error) {
      log(`The start at login could not be changed: ${String(error)}`);
    }
  };
  library.onChange(({ after }) => {
    if (!after.isKnown || after.settings.startAtLogin === applied) return;
    applied = after.settings.startAtLogin;
    attempt(applied, options.environment.APPIMAGE || options.executablePath);
  });
  return {
    moveTo(executablePath) {
      if (applied === true) attempt(true, executablePath);
    },
  };
}

function apply(isWanted: boolean, programPath: string, options: LoginItemOptions): void {
  const { app, platform, environment, homeDirectory, namedDirectory, log } = options;
  const library = namedDirectory === null ? [] : ['--data-dir', namedDirectory];
  const words = [...options.arguments, ...library, '--hidden'];
  // Libraries know nothing of each other: one that is not to be started leaves the start of another alone.
  const mark = namedDirectory === null ? null : createHash('sha256').update(namedDirectory).digest('hex').slice(0, 8);
  if (platform === 'linux') {
    const folder = environment.XDG_CONFIG_HOME || join(homeDirectory, '.config');
    const path = join(folder, 'autostart', mark === null ? 'pixcrawler.desktop' : `pixcrawler-${mark}.desktop`);
    if (!isWanted) rmSync(path, { force: true });
    else if (!isSwitchedOff(path)) writeWhole(path, autostartEntry([programPath, ...words]));
    return;
  }
  if (platform === 'darwin') {
    // It gives no arguments: that it was the login is told by `wasOpenedAtLogin`.
    if (namedDirectory === null) app.setLoginItemSettings({ openAtLogin: isWanted });
    else if (isWanted) log('macOS starts the usual library at login, and no other.');
    return;
  }
  // Electron quotes the program and each word for the registry.
  const start = { path: programPath, args: words };
  const name = mark === null ? APPLICATION_ID : `${APPLICATION_ID}.${mark}`;
  // What a person switched off in the Task Manager stays off.
  const known = app.getLoginItemSettings(start).launchItems.find((item) => item.name === name);
  app.setLoginItemSettings({ ...start, openAtLogin: isWanted, enabled: known?.enabled ?? true, name });
}

/** Desktops of Linux mark what a person switched off among the programs that start at login. */
function isSwitchedOff(path: string): boolean {
  try {
    return /^(Hidden=true|X-GNOME-Autostart-enabled=false)$/m.test(readFileSync(path, 'utf8'));
  } catch {
    return false;
  }
}
