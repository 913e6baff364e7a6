/** A disk that is too full, and then is not: on a host that stays open, and on one that does not. */

import assert from 'node:assert/strict';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Job } from '../../shared/contract/jobs.ts';
import type { JobState } from '../../shared/vocabulary.ts';
import { draw, encode } from '../web/draw.ts';
import { makeCore, type OpenCore } from './open-core.ts';

const TOO_MUCH = String(Number.MAX_SAFE_INTEGER);

async function start(context: TestContext): Promise<OpenCore & { importAll(): Promise<Job> }> {
  const open = await makeCore({ PIXCRAWLER_STORAGE_MIN_FREE_BYTES: undefined });
  context.after(() => open.close());
  const folder = join(open.root, 'pictures');
  await mkdir(folder);
  await writeFile(join(folder, '1.jpg'), (await encode(draw(1, 300, 220), 'jpeg')).bytes);
  const { id: datasetId } = await open.client.datasets.create({ name: 'full' });
  return { ...open, importAll: () => open.client.imports.start({ datasetId, paths: [folder] }) };
}

async function comesTo({ client }: OpenCore, id: number, state: JobState): Promise<Job> {
  for (;;) {
    const job = await client.jobs.get({ id });
    if (job.state === state) return job;
    await new Promise((done) => setTimeout(done, 20));
  }
}

test('a host that stays open waits for space and goes on', { timeout: 60_000 }, async (context) => {
  const open = await start(context);
  await open.client.settings.set({ name: 'storage.minFreeBytes', value: TOO_MUCH });
  await open.core.watchDisk();
  const { id } = await open.importAll();
  assert.equal((await comesTo(open, id, 'waiting')).error, null);
  assert.deepEqual(await open.client.jobs.holds(), ['disk']);
  await open.client.settings.set({ name: 'storage.minFreeBytes', value: '0' });
  await comesTo(open, id, 'completed');
  assert.deepEqual(await open.client.jobs.holds(), []);
});

test('the rule can be turned off, and a host that does not stay open pauses the job', {
  timeout: 60_000,
}, async (context) => {
  const open = await start(context);
  await open.client.settings.set({ name: 'storage.minFreeBytes', value: TOO_MUCH });
  const { id } = await open.importAll();
  assert.equal((await comesTo(open, id, 'paused')).error?.code, 'disk-full');
  assert.deepEqual(await readdir(join(open.dataDirectory, 'staging')), [], 'a full disk is made no fuller');
  await open.client.settings.set({ name: 'storage.waitForSpace', value: 'false' });
  await open.core.watchDisk();
  assert.deepEqual(await open.client.jobs.holds(), []);
  await open.client.jobs.resume({ id });
  assert.equal((await comesTo(open, id, 'paused')).error?.code, 'disk-full');
});
