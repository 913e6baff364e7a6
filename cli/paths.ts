/** Paths as a person types them, made absolute before they reach the core. */

import { posix, win32 } from 'node:path';
import { defaultDataDirectory } from '../shared/data-directory.ts';

/** The part of the machine that decides where things are. */
export interface Place {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  readonly homeDirectory: string;
  readonly workingDirectory: string;
}

/** `--data-dir`, else PIXCRAWLER_DATA_DIR, else where this system keeps the data of applications. */
export function dataDirectoryOf(place: Place, given: string | undefined): string {
  const chosen = given ?? (place.environment.PIXCRAWLER_DATA_DIR || undefined);
  if (chosen !== undefined) return absolutePath(place, chosen);
  return pathsOf(place).normalize(defaultDataDirectory(place));
}

/** Against the working directory; a leading `~/` is the home directory, also where the shell did not see it. */
export function absolutePath(place: Place, path: string): string {
  const { resolve } = pathsOf(place);
  if (/^~[/\\]/.test(path)) return resolve(place.homeDirectory, path.slice(2));
  return resolve(place.workingDirectory, path);
}

/** `urls:FILE` and `folder:PATH` with an absolute path; every other source, and the name of a column, as it is. */
export function absoluteSource(place: Place, source: string): string {
  const [, scheme, path, column = ''] = /^\s*(urls|folder):\s*(.+?)(#column=[^#]+)?$/is.exec(source) ?? [];
  if (scheme === undefined || path === undefined || /^(https?|file):\/\//i.test(path)) return source;
  return `${scheme}:${absolutePath(place, path)}${column}`;
}

function pathsOf(place: Place): typeof posix {
  return place.platform === 'win32' ? win32 : posix;
}
