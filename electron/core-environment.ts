/** What of main's environment the core's process gets: what Node and the system need there, and PixCrawler's own settings. */

import { passedOn } from '../shared/worker-environment.ts';

const PASSED_VARIABLES = [
  ...['PATH', 'HOME', 'USER', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR', 'TEMP', 'TMP', 'LD_LIBRARY_PATH', 'DYLD_LIBRARY_PATH'],
  // Read by Node itself, and there outside of packages only; in them it is PIXCRAWLER_EXTRA_CA_CERTS.
  'NODE_EXTRA_CA_CERTS',
  ...['SystemRoot', 'SystemDrive', 'USERPROFILE', 'APPDATA', 'LOCALAPPDATA', 'ProgramData'],
];
const OWN_PREFIX = 'PIXCRAWLER_';

export function coreEnvironment(ours: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const own = Object.keys(ours).filter((name) => name.startsWith(OWN_PREFIX));
  return passedOn(ours, [...PASSED_VARIABLES, ...own]);
}
