/** Files that are dropped on Collect: they add up, go on whatever screen is in front, and wait when they do not arrive. */

import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Page, Route } from 'playwright-core';
import { until } from '../command-line.ts';
import { SKIP_BROWSER } from './chromium.ts';
import { dropFiles, writeImages } from './dropped.ts';
import { makeStage, type Stage, screenshot } from './stage.ts';

const options = { skip: SKIP_BROWSER, timeout: 120_000 };

let stage: Stage;

before(async () => {
  if (SKIP_BROWSER === false) stage = await makeStage();
});

after(() => stage?.close());

/** Answers uploads of files as `answer` says, from now on. */
async function answerUploads(page: Page, answer: (route: Route) => Promise<void>): Promise<void> {
  await page.route(/\/uploads\/.+/, answer);
}

test('drops add up, go on while another screen is in front, are tried and imported', options, async () => {
  const { host, root } = stage;
  await writeImages(join(root, 'robins'), [601, 602]);
  await writeImages(join(root, 'wrens'), [603]);
  const { id } = await host.client.datasets.create({ name: 'Twice' });
  const page = await stage.open(`/datasets/${id}/collect`);
  await page.getByRole('heading', { name: 'Lists and folders' }).waitFor();
  const held: Route[] = [];
  await answerUploads(page, async (route) => void held.push(route));
  await dropFiles(page, 'main', [join(root, 'robins')]);
  await until(() => held.length === 2, 'the first files to be sent');
  await dropFiles(page, 'main', [join(root, 'wrens')]);
  await until(() => held.length === 3, 'the others to be sent');
  assert.equal(await page.locator('.path-row[role=status]').count(), 2, 'each drop shows');
  assert.ok(await page.getByRole('button', { name: 'Start collecting' }).isDisabled());

  await page.getByRole('link', { name: 'Jobs', exact: true }).click();
  await page.getByRole('heading', { name: 'Jobs', level: 1 }).waitFor();
  await page.goBack();
  await page.locator('.path-row[role=status]').nth(1).waitFor();
  await screenshot(page, 'collect-uploading');
  await Promise.all(held.map((route) => route.continue()));
  await page.getByText('robins', { exact: true }).waitFor();
  await page.getByText('wrens', { exact: true }).waitFor();
  await page.locator('.estimate-source', { hasText: 'robins' }).waitFor();
  await page.getByRole('button', { name: 'Try ten images' }).click();
  await page.getByText('3 images of your folders tried').waitFor();
  assert.equal((await host.client.datasets.get({ id })).sampleCount, 0, 'a trial leaves the dataset as it is');
  await screenshot(page, 'collect-trial-import');
  await page.getByRole('button', { name: 'Start the whole run' }).click();
  await until(async () => (await host.client.datasets.get({ id })).sampleCount === 3, 'all to be imported');
});

test('files that do not arrive say so, wait, and are sent again', options, async () => {
  const { host, root } = stage;
  mkdirSync(join(root, 'lists'), { recursive: true });
  writeFileSync(join(root, 'lists', 'some.txt'), 'https://a.example/1.jpg');
  const { id } = await host.client.datasets.create({ name: 'Refused' });
  const page = await stage.open(`/datasets/${id}/collect`);
  await page.getByRole('heading', { name: 'Lists and folders' }).waitFor();
  const refusal = { code: 'disk-full', message: 'The disk has no space left.' };
  await answerUploads(page, (route) => route.fulfill({ status: 507, json: refusal }));
  await dropFiles(page, 'main', [join(root, 'lists', 'some.txt')]);
  const failed = page.locator('.path-row[role=alert]');
  await failed.getByText(/could not be taken in\. The disk has no space left\./).waitFor();
  await screenshot(page, 'collect-upload-failed');
  await page.unrouteAll();
  await failed.getByRole('button', { name: 'Try again' }).click();
  await page.locator('.path-list').getByText('some.txt').waitFor();
  assert.equal(await failed.count(), 0);
});
