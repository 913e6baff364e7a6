/**
 * What an AppImage does for itself, since nothing installs it: links, and the icon that desktops look up by its name. It offers itself for
 * nothing else, so that to try a program changes nothing about the files of its user.
 */

import { readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { isAbsolute, join, sep } from 'node:path';
import { LINK_SCHEME } from './application-id.ts';
import { isLinkEntry, linkEntry, writeWhole } from './desktop-entry.ts';
import type { RunCommand } from './system-command.ts';

type Environment = Readonly<Record<string, string | undefined>>;

interface LinkOptions {
  /** APPIMAGE says where the file lies that this program was started from; XDG_DATA_HOME and XDG_DATA_DIRS where entries are. */
  readonly environment: Environment;
  readonly homeDirectory: string;
  /** An image of 512 pixels, which may lie in the archive of the program. */
  readonly iconPath: string;
  readonly run: RunCommand;
  readonly log: (message: string) => void;
}

const ENTRY_NAME = 'pixcrawler.desktop';
/** Where entries of all users lie unless the system says otherwise. */
const DEFAULT_DATA_FOLDERS = '/usr/local/share:/usr/share';

/** Whether APPIMAGE is about this program: an AppImage gives the variables on to whatever it starts, a terminal to other programs. */
export function isOwnAppImage({ APPIMAGE, APPDIR }: Environment, executablePath: string): boolean {
  if (!APPIMAGE || !APPDIR || !isAbsolute(APPIMAGE)) return false;
  try {
    return executablePath.startsWith(`${realpathSync(APPDIR)}${sep}`);
  } catch {
    return false;
  }
}

/**
 * Has links opened by the AppImage that runs, wherever it was moved, unless a package or an integrator of AppImages sees to that.
 * Never rejects.
 */
export async function registerAppImageLinks(options: LinkOptions): Promise<void> {
  const { environment, homeDirectory, iconPath, run, log } = options;
  const { APPIMAGE: programPath } = environment;
  // A line break would begin another line of the entry.
  if (!programPath || /[\r\n]/.test(programPath)) return;
  const dataFolder = dataFolderOf(environment, homeDirectory);
  const applications = join(dataFolder, 'applications');
  const path = join(applications, ENTRY_NAME);
  try {
    if (isOfferedByOthers([applications, ...systemFolders(environment)])) {
      // It would take the place of what a package has under the same name.
      if (isWrittenByUs(path)) rmSync(path);
      return;
    }
    writeWhole(join(dataFolder, 'icons', 'hicolor', '512x512', 'apps', 'pixcrawler.png'), readFileSync(iconPath));
    if (!writeWhole(path, linkEntry(programPath))) return;
    await run(['xdg-mime', 'default', ENTRY_NAME, `x-scheme-handler/${LINK_SCHEME}`]).catch((error: unknown) => {
      // Without it the next start tries again.
      rmSync(path, { force: true });
      throw error;
    });
  } catch (error) {
    log(`Links to PixCrawler could not be registered for this AppImage: ${String(error)}`);
  }
}

/** Has links opened by the AppImage at its new path, if its own entry opens them. @throws when that cannot be written */
export function moveAppImageLinks(environment: Environment, homeDirectory: string, programPath: string): void {
  const path = join(dataFolderOf(environment, homeDirectory), 'applications', ENTRY_NAME);
  if (isWrittenByUs(path)) writeWhole(path, linkEntry(programPath));
}

function dataFolderOf({ XDG_DATA_HOME: named = '' }: Environment, homeDirectory: string): string {
  return isAbsolute(named) ? named : join(homeDirectory, '.local', 'share');
}

function systemFolders({ XDG_DATA_DIRS, APPDIR }: Environment): string[] {
  return (XDG_DATA_DIRS || DEFAULT_DATA_FOLDERS)
    .split(':')
    .filter((folder) => isAbsolute(folder) && !(APPDIR && folder.startsWith(APPDIR)))
    .map((folder) => join(folder, 'applications'));
}

/** Packages call theirs by its name, integrators put their own before it. */
function isOfferedByOthers(folders: readonly string[]): boolean {
  return folders.some((folder) =>
    namesIn(folder).some((name) => name.endsWith(ENTRY_NAME) && !isWrittenByUs(join(folder, name))),
  );
}

function isWrittenByUs(path: string): boolean {
  try {
    return isLinkEntry(readFileSync(path, 'utf8'));
  } catch {
    return false;
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
