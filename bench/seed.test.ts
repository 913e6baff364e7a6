import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Core, openCore } from '../core/index.ts';
import { ThumbnailStore } from '../core/store/thumbnail-store.ts';

const COUNT = 2_000;
const run = promisify(execFile);
const program = fileURLToPath(new URL('./seed-library.ts', import.meta.url));

let folder: string;
let core: Core;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pixcrawler-seed-'));
  const dataDirectory = join(folder, 'data');
  const { stdout } = await run(process.execPath, [program, '--samples', String(COUNT), '--data-dir', dataDirectory]);
  assert.match(stdout, /2,000 samples are in /);
  core = await openCore({ dataDirectory, environment: {}, version: '0.0.0' });
});

after(async () => {
  await core?.close();
  await rm(folder, { recursive: true, force: true });
});

test('a seeded library is sound, and every facet has several values', async () => {
  const { checks } = await core.client.doctor.run({});
  for (const name of ['database', 'counts', 'images']) {
    assert.equal(checks.find((check) => check.name === name)?.state, 'ok', JSON.stringify(checks));
  }
  const { count, facets } = await core.client.samples.facets({ filter: { datasetId: 1 } });
  assert.equal(count, COUNT);
  for (const [facet, values] of Object.entries(facets)) assert.ok(values.length >= 3, facet);
  assert.deepEqual(await core.client.samples.facets({ filter: { datasetId: 1, ranges: { shortSide: { min: 0 } } } }), {
    count,
    facets,
  });
});

test('its samples have words, groups, jobs and details as crawled ones have', async () => {
  const { client } = core;
  assert.ok((await client.samples.facets({ filter: { datasetId: 1, text: 'heron site' } })).count > 0);
  const { items, total } = await client.duplicates.list({ datasetId: 1 });
  assert.ok(total > 5);
  assert.ok(items.every((group) => group.members.every(({ sample }) => sample.width <= group.keeper.width)));
  assert.equal((await client.jobs.list({})).items.length, 6);
  const { sample, history } = await client.samples.details({ id: 96 });
  assert.ok(sample.width > 0 && history.length >= 2);
});

test('every image has a thumbnail', async () => {
  const store = new ThumbnailStore(join(folder, 'data', 'thumbnails.db'));
  assert.equal(store.count(), COUNT);
  const bytes = store.getMany([1]).get(1);
  assert.deepEqual([...(bytes ?? []).slice(0, 2)], [0xff, 0xd8]);
  store.close();
});

test('a folder that holds something is refused', async () => {
  await writeFile(join(folder, 'mine.txt'), 'mine');
  const failure = await run(process.execPath, [program, '--samples', '10', '--data-dir', folder]).catch(
    (error: unknown) => error,
  );
  assert.match(String((failure as { stderr?: string }).stderr), /Expected an empty data directory/);
  assert.equal((failure as { code?: number }).code, 2);
});
