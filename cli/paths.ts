/** Paths as a person types them, made absolute before they reach the core. */

import { posix, win32 } from 'node:path';

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
  const { join } = pathsOf(place);
  switch (place.platform) {
    case 'win32':
      return join(place.environment.LOCALAPPDATA || join(place.homeDirectory, 'AppData', 'Local'), 'PixCrawler');
    case 'darwin':
      return join(place.homeDirectory, 'Library', 'Application Support', 'PixCrawler');
    default: {
      // The XDG base directory specification says that relative values are to be ignored.
      const shared = place.environment.XDG_DATA_HOME;
      const base = shared?.startsWith('/') === true ? shared : join(place.homeDirectory, '.local', 'share');
      return join(base, 'pixcrawler');
    }
  }
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
