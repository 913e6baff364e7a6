/** What is dropped on the window, as the core takes it: folders by their path, and bytes that have none. */

import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { draw, encode } from '../web/draw.ts';
import { makeCore, type OpenCore } from './open-core.ts';

let open: OpenCore;

before(async () => {
  open = await makeCore();
});

after(() => open?.close());

async function jpeg(seed: number): Promise<Uint8Array> {
  return (await encode(draw(seed, 300, 220), 'jpeg')).bytes;
}

test('given folders name labels and splits as folders below them do; files that came alone have none', async () => {
  const { client } = open;
  const files = ['cats/1.jpg', 'cats/wild/2.jpg', 'train/dogs/3.jpg', '4.jpg'];
  for (const [index, file] of files.entries()) {
    await mkdir(dirname(join(open.root, 'dropped', file)), { recursive: true });
    await writeFile(join(open.root, 'dropped', file), await jpeg(100 + index));
  }
  const { id: datasetId } = await client.datasets.create({ name: 'dropped' });
  const paths = ['cats', 'train', '4.jpg'].map((name) => join(open.root, 'dropped', name));
  const job = await open.ended(client.imports.start({ datasetId, paths, labelsFrom: 'given-folders' }));
  assert.equal(job.state, 'completed');
  const { items } = await client.samples.list({ datasetId });
  assert.deepEqual(items.map(({ name, label, split }) => [name, label, split]).sort(), [
    ['1.jpg', 'cats', null],
    ['2.jpg', 'wild', null],
    ['3.jpg', 'dogs', 'train'],
    ['4.jpg', null, null],
  ]);
});

test('a picture without a path is kept for its import, under a name that every system takes', async () => {
  const { client } = open;
  const bytes = await jpeg(200);
  const name = 'CON: a picture?.jpg';
  const kept = await client.uploads.put({ name, bytes: Buffer.from(bytes).toString('base64') });
  assert.equal(dirname(kept.path), kept.folderPath);
  assert.ok(kept.folderPath.startsWith(join(open.dataDirectory, 'uploads')));
  assert.deepEqual(await readFile(kept.path), Buffer.from(bytes));
  const { id: datasetId } = await client.datasets.create({ name: 'kept' });
  const job = await open.ended(client.imports.start({ datasetId, paths: [kept.path], labelsFrom: 'given-folders' }));
  assert.equal(job.state, 'completed');
  assert.equal((await client.samples.list({ datasetId })).items.length, 1);
  for (const hostile of ['../../outside.jpg', '/etc/passwd', 'C:\\x.jpg', '..', '\0']) {
    const { folderPath, path } = await client.uploads.put({ name: hostile, bytes: '' });
    assert.equal(dirname(path), folderPath, hostile);
  }
  await assert.rejects(client.uploads.put({ name: 'a.jpg', bytes: 'no base64 at all!' }), { code: 'bad-request' });
});
