/** Stored files that are gone or damaged: an export says what is not in it, and the health check what to do. */

import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { until } from '../command-line.ts';
import { SKIP_BROWSER } from './chromium.ts';
import { makeStage, type Stage, screenshot } from './stage.ts';

const options = { skip: SKIP_BROWSER, timeout: 240_000 };

let stage: Stage;
let datasetId = 0;

before(async () => {
  if (SKIP_BROWSER !== false) return;
  stage = await makeStage();
  const { client } = stage.host;
  datasetId = (await client.datasets.create({ name: 'Garden birds' })).id;
  const sources = [`${stage.web.site('gallery').origin}/`];
  await ended((await client.crawls.start({ datasetId, sources, allowHosts: [...stage.web.allowHosts] })).id);
});

after(() => stage?.close());

async function ended(id: number): Promise<string> {
  const { client } = stage.host;
  await until(async () => /completed|failed/.test((await client.jobs.get({ id })).state), 'the job to end', 60_000);
  return (await client.jobs.get({ id })).state;
}

test('what is missing is named in the report of an export and by the health check', options, async () => {
  const { client } = stage.host;
  const { items } = await client.samples.list({ datasetId, status: 'accepted', limit: 12 });
  const blobOf = (sha256: string) => join(stage.dataDirectory, 'blobs', sha256.slice(0, 2), sha256.slice(2, 4), sha256);
  const hashes = items.map(({ sha256 }) => sha256);
  for (const sha256 of hashes.slice(0, 10)) await rm(blobOf(sha256));
  for (const sha256 of hashes.slice(10)) {
    await rm(blobOf(sha256));
    await writeFile(blobOf(sha256), 'other bytes');
  }
  const outPath = join(stage.root, 'birds');
  const job = await client.exports.start({ datasetId, format: 'imagefolder', outPath });
  assert.equal(await ended(job.id), 'completed-with-errors');
  const page = await stage.open(`/datasets/${datasetId}/export`);
  await page.getByRole('heading', { name: '12 images were left out' }).waitFor();
  assert.equal(await page.locator('.lost-file').count(), 8);
  await page.getByText('and 4 more; LEFT-OUT.csv in the export names all of them.').waitFor();
  await page.getByText(/12 of \d+ images were left out, .* Run the doctor/).waitFor();
  await screenshot(page, 'export-left-out');
  await page.goto(`${stage.host.origin}/settings/health`);
  await page.getByText('Read and hash every stored image').click();
  await page.getByRole('button', { name: 'Check now' }).click();
  const list = page.getByRole('list', { name: 'Images whose stored file is not as it should be' });
  await list.waitFor();
  assert.equal(await list.getByText('The file is gone').count(), 10);
  assert.equal(await list.getByText('The file is damaged').count(), 2);
  await page.getByText(/They are 12 samples of Default\/Garden birds\./).waitFor();
  await page.getByText(/Then import the files again, or crawl where they came from again/).waitFor();
  await screenshot(page, 'settings-health-lost-files');
  assert.deepEqual(stage.complaints(), []);
});
