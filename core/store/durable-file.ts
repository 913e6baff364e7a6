import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Makes the names inside a folder durable. Windows cannot open folders; NTFS journals names by itself.
 *
 * @throws the system's error; a failed fsync is final and is never tried again, because the kernel may have dropped
 *   what it could not write
 */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Makes names of temporary files differ within this process; across processes the process id does. */
let written = 0;

/**
 * Writes a small file so that after any crash it is either the old one or the new one, whole. Mode 0600.
 * @param isDurable false for what only matters while this process lives: a power loss may then undo it. Default true.
 */
export async function writeFileAtomically(path: string, text: string, isDurable = true): Promise<void> {
  written += 1;
  const temporary = `${path}.${process.pid}-${written}.tmp`;
  // One that an earlier process of the same id left is overwritten.
  const handle = await open(temporary, 'w', 0o600);
  try {
    try {
      await handle.writeFile(text);
      if (isDurable) await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  if (isDurable) await syncFolder(dirname(path));
}

/** The `code` of a system error, or undefined. */
export function errorCode(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : undefined;
}
