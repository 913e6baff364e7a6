import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { clientOf, homeFor, openDesktopFor } from './life.ts';

const TOKEN = 'a-token-that-nobody-may-read';
const name = 'sources.openverse.token';

/** Whether the token stands anywhere in the library, its log files included. */
function isReadable(folder: string): boolean {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .some((entry) => readFileSync(join(entry.parentPath, entry.name)).includes(TOKEN));
}

test('a key is sealed by the keychain, and known again after a restart', async (context) => {
  const { dataDirectory } = homeFor(context);
  const desktop = await openDesktopFor(context, { dataDirectory });
  const client = await clientOf(desktop);
  assert.equal((await client.settings.set({ name, value: TOKEN })).from, 'set');
  assert.equal((await desktop.close()).code, 0);
  assert.ok(readFileSync(join(dataDirectory, 'secrets.json'), 'utf8').includes('sealed'));
  assert.equal(isReadable(dataDirectory), false);

  const next = await openDesktopFor(context, { dataDirectory });
  assert.equal((await (await clientOf(next)).settings.get({ name })).from, 'set');
  assert.equal((await next.close()).code, 0);
});

for (const keychain of ['unavailable', 'plain-text'] as const) {
  test(`a key is refused in plain words where the keychain is ${keychain}, and kept nowhere`, async (context) => {
    const { dataDirectory } = homeFor(context);
    const desktop = await openDesktopFor(context, { dataDirectory, machine: { keychain } });
    const client = await clientOf(desktop);
    await assert.rejects(client.settings.set({ name, value: TOKEN }), { code: 'unavailable', message: /keychain/ });
    assert.equal((await client.settings.get({ name })).from, 'default');
    assert.equal((await desktop.close()).code, 0);
    assert.equal(isReadable(dataDirectory), false);
  });
}
