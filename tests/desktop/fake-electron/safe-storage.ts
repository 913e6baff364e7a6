/** safeStorage: a keychain that is there, is not, or would keep plain text. */

import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type Electron from 'electron';
import { app } from './app.ts';
import { configuration, type Machine } from './configuration.ts';

const KEY = Buffer.alloc(32, 'a key of the fake keychain');
const VECTOR_BYTES = 16;
const { platform } = configuration.machine;
let { keychain } = configuration.machine;

/** The keychain becomes another, as when a person unlocks it. */
export function setKeychain(now: Machine['keychain']): void {
  keychain = now;
}

function isAvailable(): boolean {
  return app.isReady() && (keychain === 'available' || keychain === 'plain-text');
}

function encrypt(text: string): Buffer {
  if (!isAvailable()) throw new Error('Error while encrypting the text provided to safeStorage.encryptStringAsync.');
  const vector = randomBytes(VECTOR_BYTES);
  const cipher = createCipheriv('aes-256-ctr', KEY, vector);
  return Buffer.concat([vector, cipher.update(text, 'utf8'), cipher.final()]);
}

function decrypt(encrypted: Buffer): string {
  if (!isAvailable())
    throw new Error('Error while decrypting the ciphertext provided to safeStorage.decryptStringAsync.');
  const decipher = createDecipheriv('aes-256-ctr', KEY, encrypted.subarray(0, VECTOR_BYTES));
  return Buffer.concat([decipher.update(encrypted.subarray(VECTOR_BYTES)), decipher.final()]).toString('utf8');
}

export const safeStorage = {
  isAsyncEncryptionAvailable: async (): Promise<boolean> => isAvailable(),
  getSelectedStorageBackend(): ReturnType<Electron.SafeStorage['getSelectedStorageBackend']> {
    if (platform !== 'linux') throw new TypeError('safeStorage.getSelectedStorageBackend is not a function');
    if (!app.isReady()) return 'unknown';
    return keychain === 'available' || keychain === 'locked' ? 'gnome_libsecret' : 'basic_text';
  },
  encryptStringAsync: async (text: string): Promise<Buffer> => encrypt(text),
  decryptStringAsync: async (encrypted: Buffer): Promise<Electron.DecryptStringAsyncReturnValue> => ({
    shouldReEncrypt: false,
    result: decrypt(encrypted),
  }),
};
