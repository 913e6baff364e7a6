/** Whether the desktop can be opened on this machine, found out without asking any network. */

import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Electron tells its version at once, or something is wrong with it. */
const PATIENCE_MS = 5_000;

export interface Machine {
  /** The folder of the program. */
  readonly root: string;
  readonly platform: NodeJS.Platform;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** undefined where there are none. */
  readonly userId: number | undefined;
}

export type Desktop =
  | { readonly isPossible: true; readonly binaryPath: string }
  /** `reason` completes "…, because". */
  | { readonly isPossible: false; readonly reason: string };

/** Decides within seconds. */
export async function findDesktop({ root, platform, environment, userId }: Machine): Promise<Desktop> {
  const no = (reason: string): Desktop => ({ isPossible: false, reason });
  if (!(await exists(join(root, 'electron', 'main.ts')))) return no('this PixCrawler comes without its desktop shell');
  const folder = join(root, 'node_modules', 'electron');
  if (!(await exists(join(folder, 'package.json')))) return no('Electron is not installed');
  // The package writes down where it put its binary, once it has been downloaded.
  const name = await readFile(join(folder, 'path.txt'), 'utf8').catch(() => null);
  const binaryPath = environment.ELECTRON_OVERRIDE_DIST_PATH
    ? join(environment.ELECTRON_OVERRIDE_DIST_PATH, name?.trim() || 'electron')
    : join(folder, 'dist', name?.trim() ?? '');
  if (name === null && !environment.ELECTRON_OVERRIDE_DIST_PATH) return no("Electron's binary has not been downloaded");
  if (!(await exists(binaryPath, constants.X_OK))) return no("Electron's binary is missing");
  if (platform === 'linux') {
    if (!environment.DISPLAY && !environment.WAYLAND_DISPLAY) return no('there is no display');
    if (userId === 0) return no('Electron does not run as root');
  }
  return (await runs(binaryPath)) ? { isPossible: true, binaryPath } : no('Electron does not start on this machine');
}

function exists(path: string, mode = constants.F_OK): Promise<boolean> {
  return access(path, mode).then(
    () => true,
    () => false,
  );
}

function runs(binaryPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    execFile(binaryPath, ['--version'], { timeout: PATIENCE_MS, killSignal: 'SIGKILL' }, (error) => {
      resolve(error === null);
    });
  });
}
