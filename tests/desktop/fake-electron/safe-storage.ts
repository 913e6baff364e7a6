/**
 * safeStorage: asks the keychain once, and seals for the rest of the process with what that gave. Where it gave nothing, Linux
 * seals with a key that everybody knows (os_crypt's PosixKeyProvider), and the other systems refuse.
 */

import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import type Electron from 'electron';
import { app } from './app.ts';
import { configuration, type Machine } from './configuration.ts';

const VECTOR_BYTES = 16;
const MARK_BYTES = 3;
const PUBLIC_KEY_MARK = 'v10';
const { platform } = configuration.machine;
const OWN_MARK = platform === 'linux' ? 'v11' : 'v10';

let { keychain } = configuration.machine;
let answered = Promise.withResolvers<void>();
if (keychain !== 'asking') answered.resolve();
/** The marks of the keys that the process has; null before they are asked for. */
let encryptor: Promise<readonly string[]> | null = null;

/** The keychain becomes another, as when a person answers its prompt, or starts one. */
export function setKeychain(now: Machine['keychain']): void {
  keychain = now;
  if (now !== 'asking') answered.resolve();
  else answered = Promise.withResolvers<void>();
}

/** The keys by their marks, the one that seals first. */
function keys(): Promise<readonly string[]> {
  if (!app.isReady()) return Promise.reject(new Error('safeStorage cannot be used before app is ready'));
  encryptor ??= answered.promise.then(() => [
    ...(keychain === 'available' ? [OWN_MARK] : []),
    ...(platform === 'linux' ? [PUBLIC_KEY_MARK] : []),
  ]);
  return encryptor;
}

const keyOf = (mark: string) => createHash('sha256').update(`the fake's key ${mark}`).digest();

export const safeStorage = {
  async encryptStringAsync(text: string): Promise<Buffer> {
    const [mark] = await keys();
    if (mark === undefined) {
      throw new Error('Error while encrypting the text provided to safeStorage.encryptStringAsync.');
    }
    const vector = randomBytes(VECTOR_BYTES);
    const cipher = createCipheriv('aes-256-ctr', keyOf(mark), vector);
    return Buffer.concat([Buffer.from(mark), vector, cipher.update(text, 'utf8'), cipher.final()]);
  },
  async decryptStringAsync(encrypted: Buffer): Promise<Electron.DecryptStringAsyncReturnValue> {
    const mark = encrypted.toString('latin1', 0, MARK_BYTES);
    if (!(await keys()).includes(mark)) {
      throw new Error('Error while decrypting the ciphertext provided to safeStorage.decryptStringAsync.');
    }
    const start = MARK_BYTES + VECTOR_BYTES;
    const decipher = createDecipheriv('aes-256-ctr', keyOf(mark), encrypted.subarray(MARK_BYTES, start));
    const result = Buffer.concat([decipher.update(encrypted.subarray(start)), decipher.final()]).toString('utf8');
    return { shouldReEncrypt: false, result };
  },
};
