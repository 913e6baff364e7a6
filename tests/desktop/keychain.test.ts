import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { clientOf, eventually, homeFor, openDesktopFor } from './life.ts';

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

test('a key is sealed by the keychain, and used again after a restart as soon as the keychain opens it', async (context) => {
  const { dataDirectory } = homeFor(context);
  const { host, heard } = await startService(context);
  const environment = { PIXCRAWLER_SOURCES_OPENVERSE_URL: `http://${host}` };
  const desktop = await openDesktopFor(context, { dataDirectory, environment, machine: { keychain: 'locked' } });
  const client = await clientOf(desktop);
  await assert.rejects(client.settings.set({ name, value: TOKEN }), { code: 'unavailable', message: /Unlock/ });
  await desktop.evaluate(({ acts }) => acts.setKeychain('available'));
  assert.equal((await client.settings.set({ name, value: TOKEN })).from, 'set');
  assert.equal((await desktop.close()).code, 0);
  assert.ok(readFileSync(join(dataDirectory, 'secrets.json'), 'utf8').includes('sealed'));
  assert.equal(isReadable(dataDirectory), false);

  // A start at login comes before the keyring is unlocked.
  const next = await openDesktopFor(context, { dataDirectory, environment, machine: { keychain: 'locked' } });
  const again = await clientOf(next);
  assert.equal((await again.settings.get({ name })).from, 'set');
  const { id: datasetId } = await again.datasets.create({ name: 'birds' });
  const ask = () => again.crawls.estimate({ datasetId, sources: ['openverse:birds'], allowHosts: [host] });
  await ask();
  await next.evaluate(({ acts }) => acts.setKeychain('available'));
  await eventually(async () => {
    await ask();
    return heard.length > 1;
  });
  assert.deepEqual(heard.slice(0, 2), [undefined, `Bearer ${TOKEN}`]);
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
