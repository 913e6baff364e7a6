import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Desktop } from './harness.ts';
import { clientOf, homeFor, openDesktopFor } from './life.ts';

const TOKEN = 'a-token-that-nobody-may-read';
const name = 'sources.openverse.token';

/** Whether the token stands anywhere in the library, its log files included. */
function isReadable(folder: string): boolean {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .some((entry) => readFileSync(join(entry.parentPath, entry.name)).includes(TOKEN));
}

interface SearchService {
  readonly host: string;
  /** Authorization of each request, in order. */
  readonly heard: readonly (string | undefined)[];
}

/** Stands where Openverse does, and hears who asks. */
async function startService(context: TestContext): Promise<SearchService> {
  const heard: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    if (request.url?.includes('/images/')) heard.push(request.headers.authorization);
    response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.after(() => server.close());
  return { host: `127.0.0.1:${(server.address() as AddressInfo).port}`, heard };
}

test('a key is sealed by the keychain, and used after a restart as soon as a person has let the keychain open it', async (context) => {
  const { dataDirectory } = homeFor(context);
  const { host, heard } = await startService(context);
  const environment = { PIXCRAWLER_SOURCES_OPENVERSE_URL: `http://${host}` };
  const desktop = await openDesktopFor(context, { dataDirectory, environment });
  const client = await clientOf(desktop);
  assert.equal((await client.settings.set({ name, value: TOKEN })).from, 'set');
  assert.equal((await desktop.close()).code, 0);
  assert.ok(readFileSync(join(dataDirectory, 'secrets.json'), 'utf8').includes('sealed'));
  assert.equal(isReadable(dataDirectory), false);

  const ask = async (next: Desktop) => {
    const again = await clientOf(next);
    assert.equal((await again.settings.get({ name })).from, 'set');
    const { id: datasetId } = await again.datasets.create({ name: `birds ${heard.length}` });
    await again.crawls.estimate({ datasetId, sources: ['openverse:birds'], allowHosts: [host] });
  };
  // The prompt was dismissed: what is sealed stays, and is not opened until the program starts again.
  const dismissed = await openDesktopFor(context, { dataDirectory, environment, machine: { keychain: 'unavailable' } });
  await ask(dismissed);
  assert.deepEqual(heard, [undefined]);
  assert.equal((await dismissed.close()).code, 0);

  // A start at login comes before the keyring is unlocked.
  const atLogin = await openDesktopFor(context, { dataDirectory, environment, machine: { keychain: 'asking' } });
  const asking = ask(atLogin);
  await new Promise((resolve) => setTimeout(resolve, 500));
  assert.equal(heard.length, 1);
  await atLogin.evaluate(({ acts }) => acts.setKeychain('available'));
  await asking;
  assert.deepEqual(heard, [undefined, `Bearer ${TOKEN}`]);
  assert.equal((await atLogin.close()).code, 0);
});

// On Linux Chromium seals with a key that everybody knows where no keychain gives it one, and says that all is well.
for (const platform of ['linux', 'darwin'] as const) {
  test(`a key is refused in plain words without a keychain on ${platform}, and kept nowhere`, async (context) => {
    const { dataDirectory } = homeFor(context);
    const desktop = await openDesktopFor(context, { dataDirectory, machine: { platform, keychain: 'unavailable' } });
    const client = await clientOf(desktop);
    const set = () => client.settings.set({ name, value: TOKEN });
    await assert.rejects(set(), { code: 'unavailable', message: /keychain.*start PixCrawler again/ });
    // Electron asks the keychain once.
    await desktop.evaluate(({ acts }) => acts.setKeychain('available'));
    await assert.rejects(set(), { code: 'unavailable' });
    assert.equal((await client.settings.get({ name })).from, 'default');
    assert.equal((await desktop.close()).code, 0);
    assert.ok(!existsSync(join(dataDirectory, 'secrets.json')));
    assert.equal(isReadable(dataDirectory), false);
  });
}
