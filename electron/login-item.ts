/** Starts the desktop when its user logs in, without a window, as far as they want that. */

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { App } from 'electron';
import { autostartEntry, writeWhole } from './desktop-entry.ts';
import type { LiveLibrary } from './live-library.ts';

interface LoginItemOptions {
  readonly app: Pick<App, 'setLoginItemSettings'>;
  readonly library: LiveLibrary;
  readonly platform: NodeJS.Platform;
  /** APPIMAGE says where the file lies that this program was started from; XDG_CONFIG_HOME where entries are. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly homeDirectory: string;
  readonly executablePath: string;
  /** What it is started with beside `--hidden`: the app's folder for a bare Electron, a data directory that was chosen. */
  readonly arguments: readonly string[];
  readonly log: (message: string) => void;
}

/** Follows the setting `desktop.startAtLogin`, also where the program has moved since. */
export function registerLoginItem(options: LoginItemOptions): void {
  const { library, log } = options;
  let applied: boolean | null = null;
  library.onChange(({ after }) => {
    if (!after.isKnown || after.settings.startAtLogin === applied) return;
    applied = after.settings.startAtLogin;
    try {
      apply(applied, options);
    } catch (error) {
      log(`The start at login could not be changed: ${String(error)}`);
    }
  });
}

function apply(
  isWanted: boolean,
  { app, platform, environment, homeDirectory, executablePath, ...options }: LoginItemOptions,
) {
  const words = [...options.arguments, '--hidden'];
  if (platform === 'linux') {
    const folder = environment.XDG_CONFIG_HOME || join(homeDirectory, '.config');
    const path = join(folder, 'autostart', 'pixcrawler.desktop');
    if (isWanted) writeWhole(path, autostartEntry([environment.APPIMAGE || executablePath, ...words]));
    else rmSync(path, { force: true });
    return;
  }
  // macOS gives no arguments: there it is told by `wasOpenedAtLogin`.
  if (platform === 'darwin') app.setLoginItemSettings({ openAtLogin: isWanted });
  // Electron quotes the program and each word for the registry.
  else app.setLoginItemSettings({ openAtLogin: isWanted, path: executablePath, args: words });
}
