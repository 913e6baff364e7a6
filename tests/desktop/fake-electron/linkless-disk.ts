/** A disk without symbolic links, such as those that cameras write, in place of part of the disk of the machine that runs the test. */

import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { sep } from 'node:path';
import { configuration } from './configuration.ts';

/** Below the machine's linkless folder nobody makes a link. */
export function refuseLinks(): void {
  const { linklessFolder } = configuration.machine;
  if (linklessFolder === null) return;
  const { symlinkSync } = fs;
  fs.symlinkSync = (target, path, type) => {
    if (`${String(path)}${sep}`.startsWith(`${linklessFolder}${sep}`)) {
      const error = new Error(`EPERM: operation not permitted, symlink '${String(target)}' -> '${String(path)}'`);
      throw Object.assign(error, { code: 'EPERM', syscall: 'symlink' });
    }
    symlinkSync(target, path, type);
  };
  syncBuiltinESMExports();
}
