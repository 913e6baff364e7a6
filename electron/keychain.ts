/** The operating system's keychain, for secrets that the core keeps: sealed with it or not at all, never in plain text. */

import type { SafeStorage } from 'electron';
import type { CipherTask } from './core-protocol.ts';

/** A keychain may ask a person for a password; whoever waits for it goes on without after that. */
const PATIENCE_MS = 60_000;

export interface MainKeychain {
  /** What comes of the text; null where the system has no keychain, or it is locked, or what was sealed is not its own. */
  apply(task: CipherTask, text: string): Promise<string | null>;
}

/** Nothing is asked of the system before it is needed, and then anew each time: a keyring may be unlocked late. */
export function createMainKeychain(
  storage: Pick<
    SafeStorage,
    'getSelectedStorageBackend' | 'isAsyncEncryptionAvailable' | 'encryptStringAsync' | 'decryptStringAsync'
  >,
  platform: string,
): MainKeychain {
  const work = async (task: CipherTask, text: string): Promise<string | null> => {
    // Where no keychain runs, Linux is offered a "backend" whose key everybody knows.
    if (platform === 'linux' && storage.getSelectedStorageBackend() === 'basic_text') return null;
    if (!(await storage.isAsyncEncryptionAvailable())) return null;
    if (task === 'encrypt') return (await storage.encryptStringAsync(text)).toString('base64');
    return (await storage.decryptStringAsync(Buffer.from(text, 'base64'))).result;
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
