/** Ends a process at once, whatever it does. */

import type { UtilityProcess } from 'electron';

/** Electron's own kill asks politely, which native code that hangs does not hear. Does nothing when the process is gone. */
export function endNow(child: UtilityProcess): void {
  if (child.pid === undefined) {
    child.kill();
    return;
  }
  try {
    process.kill(child.pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}
