/** Debian's Chromium, driven from outside; where it is missing the tests that need it are skipped with a word why. */

import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const PATHS = [process.env.CHROMIUM_PATH, '/usr/bin/chromium', '/usr/bin/chromium-browser'];
const FLAGS = [
  '--no-sandbox',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // Colours of screenshots do not depend on the machine's screen.
  '--force-color-profile=srgb',
];

const executablePath = PATHS.find((path): path is string => path !== undefined && existsSync(path));

/** Why browser tests are skipped here; false where they run. */
export const SKIP_BROWSER: string | false =
  executablePath === undefined && 'no Chromium: apt-get install chromium, or set CHROMIUM_PATH';

/**
 * @param unflagged flags of Playwright's own that are left out
 * @throws when there is no Chromium; ask `SKIP_BROWSER` first
 */
export function launchChromium(
  extraFlags: readonly string[] = [],
  unflagged: readonly string[] = [],
): Promise<Browser> {
  if (executablePath === undefined) throw new Error(`Expected Chromium at one of ${PATHS.filter(Boolean).join(', ')}.`);
  return chromium.launch({ executablePath, args: [...FLAGS, ...extraFlags], ignoreDefaultArgs: [...unflagged] });
}
