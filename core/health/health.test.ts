import assert from 'node:assert/strict';
import { rename } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { fakeWorkers, makeLibrary, type TestLibrary } from '../testing/test-library.ts';
import { checkHealth } from './health.ts';

let library: TestLibrary;

before(async () => {
  library = await makeLibrary(fakeWorkers());
  await library.services.settings.set('storage.minFreeBytes', '0');
});

after(() => library?.remove());

test('a library that works is healthy, and says so part by part, quickly', async () => {
  const startedMs = performance.now();
  const health = await checkHealth(library.services, undefined);
  assert.equal(health.state, 'healthy');
  assert.deepEqual(
    health.checks.map(({ name }) => name),
    ['database', 'store', 'disk', 'workers', 'queue'],
  );
  assert.ok(performance.now() - startedMs < 500);
});

test('a store that is away is unhealthy, a disk below its floor too, and workers that do not start are degraded', async () => {
  const { directory, settings } = library.services;
  await rename(directory.blobsPath, `${directory.blobsPath}-away`);
  const away = await checkHealth(library.services, undefined);
  await rename(`${directory.blobsPath}-away`, directory.blobsPath);
  assert.equal(away.state, 'unhealthy');
  assert.match(away.checks.find(({ name }) => name === 'store')?.message ?? '', /Connect its disk/);
  await settings.set('storage.minFreeBytes', String(Number.MAX_SAFE_INTEGER));
  assert.equal((await checkHealth(library.services, undefined)).checks[2]?.state, 'unhealthy');
  await settings.set('storage.minFreeBytes', '0');
  const stuck = { processes: [], restarts: 0, queued: { screen: 1, arrivals: 2, bulk: 0 }, suspects: 0 };
  const health = await checkHealth(library.services, stuck);
  assert.equal(health.state, 'degraded');
  assert.match(health.checks[3]?.message ?? '', /3 tasks wait/);
});
