/** The operating system's keychain, for secrets that the core keeps: sealed with it or not at all, never in plain text. */

import type { SafeStorage } from 'electron';
import type { CipherTask } from './core-protocol.ts';

/** A keychain may ask a person for a password; whoever waits for it goes on without after that. */
const PATIENCE_MS = 60_000;

export interface MainKeychain {
  /** What comes of the text; null where the system has no keychain, or it is locked, or what was sealed is not its own. */
  apply(task: CipherTask, text: string): Promise<string | null>;
}

/**
 * How Chromium on Linux marks what it sealed with a key that is the same on every machine, which it does where no keychain gives it
 * one. The Secret Service has `v11`, the portal `v12`; elsewhere the keychain itself has this mark.
 */
const PUBLIC_KEY_MARK = 'v10';

/**
 * Nothing is asked of the system before it is needed. What its keychain gives then holds until the program ends: one that was
 * refused, or not there, is not asked again.
 */
export function createMainKeychain(
  storage: Pick<SafeStorage, 'encryptStringAsync' | 'decryptStringAsync'>,
  platform: string,
): MainKeychain {
  // Electron says that encryption is available wherever that key is, and names a backend by the desktop: only the result tells.
  const isPublic = (sealed: Buffer) => platform === 'linux' && sealed.toString('latin1').startsWith(PUBLIC_KEY_MARK);
  const work = async (task: CipherTask, text: string): Promise<string | null> => {
    const sealed = task === 'encrypt' ? await storage.encryptStringAsync(text) : Buffer.from(text, 'base64');
    if (isPublic(sealed)) return null;
    return task === 'encrypt' ? sealed.toString('base64') : (await storage.decryptStringAsync(sealed)).result;
  };
  return {
    async apply(task, text) {
      const { promise: tired, resolve } = Promise.withResolvers<null>();
      const timer = setTimeout(resolve, PATIENCE_MS, null);
      try {
        return await Promise.race([work(task, text), tired]);
      } catch {
        return null;
      } finally {
        clearTimeout(timer);
      }
    },
  };
}
