/** The operating system's keychain, for secrets that the core keeps: sealed with it or not at all, never in plain text. */

import type { SafeStorage } from 'electron';
import type { CipherTask } from './core-protocol.ts';

export interface MainKeychain {
  /** False where the system offers none that keeps a secret. */
  readonly isAvailable: boolean;
  /** What comes of the text; null when the keychain refused, or what was sealed is not its own. */
  apply(task: CipherTask, text: string): string | null;
}

/** To be made once the app is ready. */
export function createMainKeychain(storage: SafeStorage, platform: string): MainKeychain {
  // Where no keychain runs, Linux is offered a "backend" whose key everybody knows.
  const isSealing = () => platform !== 'linux' || storage.getSelectedStorageBackend() !== 'basic_text';
  const isAvailable = storage.isEncryptionAvailable() && isSealing();
  return {
    isAvailable,
    apply(task, text) {
      if (!isAvailable) return null;
      try {
        return task === 'encrypt'
          ? storage.encryptString(text).toString('base64')
          : storage.decryptString(Buffer.from(text, 'base64'));
      } catch {
        return null;
      }
    },
  };
}
