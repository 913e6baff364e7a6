import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import {
  addSamples,
  fakeWorkers,
  inspectionOf,
  makeLibrary,
  storeBlob,
  type TestLibrary,
} from '../testing/test-library.ts';
import { createMedia, type Media } from './media.ts';

const THUMBNAIL = Uint8Array.of(0xff, 0xd8, 0xff, 0xd9);

let library: TestLibrary;
let media: Media;
let opened: string[] = [];

before(async () => {
  const workers = fakeWorkers({
    inspect: async (requests) => {
      opened.push(...requests.map(({ path }) => path));
      await new Promise((resolve) => setTimeout(resolve, 10));
      return requests.map(({ path }) => ({
        inspection: inspectionOf({ name: path }),
        thumbnail: path.endsWith(broken) ? null : THUMBNAIL,
      }));
    },
  });
  library = await makeLibrary(workers);
  media = createMedia(library.services);
});

after(() => library?.remove());

let broken = 'nothing';

async function stored(name: string): Promise<string> {
  const sha256 = await storeBlob(library.services, name);
  await addSamples(library.services, await library.newDataset(), [{ name }]);
  return sha256;
}

test('a thumbnail that the cache has lost is made once for all who ask, and kept', async () => {
  const sha256 = await stored('a picture');
  opened = [];
  const answers = await Promise.all([media.thumbnail(sha256), media.thumbnail(sha256), media.thumbnail(sha256)]);
  assert.deepEqual(answers, [THUMBNAIL, THUMBNAIL, THUMBNAIL]);
  assert.deepEqual(opened, [library.services.blobStore.pathOf(sha256)]);
  assert.deepEqual(new Uint8Array((await media.thumbnail(sha256)) ?? []), THUMBNAIL);
  assert.equal(opened.length, 1);
});

test('a file that gives no thumbnail is not opened again at once', async () => {
  const sha256 = await stored('a broken picture');
  broken = sha256;
  opened = [];
  assert.equal(await media.thumbnail(sha256), undefined);
  assert.equal(await media.thumbnail(sha256), undefined);
  assert.equal(opened.length, 1);
});

test('an image is found by its hash, and only what the library holds', async () => {
  const sha256 = await stored('another picture');
  const image = await media.image(sha256);
  assert.deepEqual(image, {
    path: library.services.blobStore.pathOf(sha256),
    sizeBytes: 'another picture'.length,
    format: 'jpeg',
    width: 200,
    height: 200,
  });
  const orphan = await storeBlob(library.services, 'no row refers to this');
  for (const unknown of [orphan, 'f'.repeat(64), '../../etc/passwd', sha256.toUpperCase(), `${sha256}0`, '']) {
    assert.equal(await media.image(unknown), undefined, unknown);
    assert.equal(await media.thumbnail(unknown), undefined, unknown);
  }
  await rm(image?.path ?? '', { force: true });
  assert.equal(await media.image(sha256), undefined);
});
