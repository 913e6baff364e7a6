/** Large files for some tests that are not part of the project: they lie in a folder beside it where there are any. */

import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * @param name a file or folder of the reference data, such as `images`
 * @returns its path, and `skip` as an option of a test that needs it: false when it is there. The test runner lets
 *   these skips pass on CI, and no others.
 */
export function referenceData(name: string): { readonly path: string; readonly skip: string | false } {
  const path = fileURLToPath(new URL(`../../shared/${name}`, import.meta.url));
  return { path, skip: existsSync(path) ? false : `reference data "${name}" is not here` };
}
