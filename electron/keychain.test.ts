import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMainKeychain } from './keychain.ts';

/** Puts a mark before the text, as Chromium does, and takes any off. */
function keychainOf(platform: string, mark: string) {
  const storage = {
    encryptStringAsync: async (text: string) => Buffer.from(`${mark}${text}`),
    decryptStringAsync: async (sealed: Buffer) => ({ shouldReEncrypt: false, result: sealed.toString().slice(3) }),
  };
  return createMainKeychain(storage, platform);
}
const sealedWith = (mark: string) => Buffer.from(`${mark}secret`).toString('base64');

test('on Linux what is sealed with the key that everybody knows is neither kept nor opened', async () => {
  assert.equal(await keychainOf('linux', 'v10').apply('encrypt', 'secret'), null);
  // A keychain that came later would open it as well.
  assert.equal(await keychainOf('linux', 'v11').apply('decrypt', sealedWith('v10')), null);
});

test('what a keychain sealed is kept and opened, whatever the desktop is called', async () => {
  for (const [platform, mark] of [
    ['linux', 'v11'],
    ['linux', 'v12'],
    ['darwin', 'v10'],
    ['win32', 'v10'],
  ] as const) {
    const keychain = keychainOf(platform, mark);
    assert.equal(await keychain.apply('encrypt', 'secret'), sealedWith(mark), `${platform} ${mark}`);
    assert.equal(await keychain.apply('decrypt', sealedWith(mark)), 'secret', `${platform} ${mark}`);
  }
});

test('a keychain that asks a person is waited for a minute, and no longer', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const storage = {
    encryptStringAsync: () => new Promise<never>(() => undefined),
    decryptStringAsync: () => new Promise<never>(() => undefined),
  };
  for (const task of ['encrypt', 'decrypt'] as const) {
    let given: string | null | undefined;
    void createMainKeychain(storage, 'linux')
      .apply(task, 'secret')
      .then((text) => {
        given = text;
      });
    context.mock.timers.tick(59_999);
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(given, undefined, task);
    context.mock.timers.tick(1);
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(given, null, task);
  }
});
