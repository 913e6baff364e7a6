/** The whole job with the mouse, and once more with the keyboard alone. */

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Page } from 'playwright-core';
import { until } from '../command-line.ts';
import { SKIP_BROWSER } from './chromium.ts';
import { makeStage, type Stage, screenshot, tabTo } from './stage.ts';

const options = { skip: SKIP_BROWSER, timeout: 180_000 };

let stage: Stage;

before(async () => {
  if (SKIP_BROWSER === false) stage = await makeStage();
});

after(() => stage?.close());

/** The images of an export by label, once every one of them was found to be what its line says. */
function openExport(path: string): Map<string, number> {
  const lines = readFileSync(join(path, 'metadata.jsonl'), 'utf8').trim().split('\n');
  const byFolder = new Map<string, number>();
  for (const line of lines) {
    const { file_name: file, sha256 } = JSON.parse(line) as { file_name: string; sha256: string };
    const bytes = readFileSync(join(path, file));
    assert.equal(createHash('sha256').update(bytes).digest('hex'), sha256, file);
    const folder = file.split('/').slice(0, -1).join('/');
    byFolder.set(folder, (byFolder.get(folder) ?? 0) + 1);
  }
  return byFolder;
}

async function datasetNamed(name: string) {
  return stage.host.client.datasets.resolve({ name });
}

async function ended(page: Page): Promise<void> {
  await page.getByRole('heading', { name: 'Last run' }).waitFor({ timeout: 60_000 });
}

test('create, collect from pages and a list, watch, review, browse, label, undo, export, open', options, async () => {
  const { web, root } = stage;
  const gallery = web.site('gallery');
  const list = join(root, 'list.csv');
  const honest = web.pictures.filter(({ kind }) => kind === 'honest');
  writeFileSync(list, ['url', ...honest.slice(0, 5).map(({ url }) => url)].join('\n'));
  const page = await stage.open('/', { onboarded: false });
  const next = page.getByRole('button', { name: 'Next' });
  const before = await next.boundingBox();
  await next.click();
  await page.getByText('Step 2 of 3').waitFor();
  assert.deepEqual(await next.boundingBox(), before, 'what is clicked stays under the pointer');
  await page.getByRole('button', { name: 'Skip' }).click();
  await page.getByRole('button', { name: 'New dataset' }).first().click();
  await page.getByRole('textbox', { name: 'Name' }).fill('Garden birds');
  await page.getByRole('textbox', { name: 'Labels' }).fill('robin, wren');
  await page.getByRole('button', { name: 'Create' }).click();
  // What was named is there to be searched; here it is only what pages and the list are labelled with.
  await page.getByRole('combobox', { name: 'Label 1', exact: true }).waitFor();
  await screenshot(page, 'collect-labels');
  for (const [row, name] of ['robin', 'wren'].entries()) {
    assert.equal(await page.getByRole('combobox', { name: `Label ${row + 1}`, exact: true }).inputValue(), name);
  }
  for (const name of ['robin', 'wren']) await page.getByRole('button', { name: `Remove the label ${name}` }).click();
  await page.getByRole('textbox', { name: 'Pages', exact: true }).fill(`${gallery.origin}/`);
  await page.getByRole('button', { name: 'Choose a list…' }).click();
  const path = page.getByRole('textbox', { name: 'Path' });
  await path.fill(root);
  // A dialog that opens slowly may still take the focus.
  await path.press('Enter');
  await page.getByRole('button', { name: /list\.csv/ }).click();
  await page.getByRole('combobox', { name: 'Label for pages, lists and folders' }).fill('wren');
  await page.getByRole('button', { name: 'Advanced' }).click();
  await page.getByRole('textbox', { name: 'Private hosts that may be asked' }).fill([...web.allowHosts].join('\n'));
  // What was put together survives a reload.
  await page.reload();
  assert.equal(await page.getByRole('textbox', { name: 'Pages', exact: true }).inputValue(), `${gallery.origin}/`);
  await page.getByRole('button', { name: 'Start collecting' }).click();
  await page.getByText('Newest images').waitFor();
  await ended(page);
  const { id, statusCounts } = await datasetNamed('Garden birds');
  assert.equal(statusCounts.accepted, honest.length);
  assert.ok(statusCounts.quarantined > 3);

  await page.getByRole('link', { name: /^Review \d+ quarantined/ }).click();
  await page.getByText(`0 of ${statusCounts.quarantined} reviewed`).waitFor();
  await page.keyboard.press('a');
  await until(
    async () => (await datasetNamed('Garden birds')).statusCounts.accepted === honest.length + 1,
    'the image to be accepted',
  );
  await page.keyboard.press('Control+z');
  await until(
    async () => (await datasetNamed('Garden birds')).statusCounts.accepted === honest.length,
    'the decision to be undone',
  );

  await page.getByRole('link', { name: 'Browse', exact: true }).click();
  const tile = page.locator('.sample-tile[data-status]').first();
  await tile.click();
  await page.keyboard.press('1');
  const robins = async () =>
    (await datasetNamed('Garden birds')).labels.find(({ name }) => name === 'robin')?.sampleCount;
  await until(async () => (await robins()) === 1, 'the label to be changed');
  await page.keyboard.press('Control+z');
  await until(async () => (await robins()) === 0, 'the label to be changed back');
  await page.keyboard.press('Control+Shift+z');
  await until(async () => (await robins()) === 1, 'the label to be changed again');

  await page.getByRole('link', { name: 'Export', exact: true }).click();
  await page.getByRole('textbox', { name: 'Folder' }).fill(root);
  await page.getByRole('textbox', { name: 'Name' }).fill('written');
  await page.getByText(`${honest.length} images, about`).waitFor();
  await page.getByRole('button', { name: 'Export', exact: true }).click();
  await page.getByText('Every file was read back').waitFor({ timeout: 30_000 });
  assert.deepEqual(
    [...openExport(join(root, 'written'))].map(([folder, count]) => [folder.split('/').at(-1), count]).sort(),
    [
      ['robin', 1],
      ['wren', honest.length - 1],
    ],
  );
  assert.ok(readdirSync(root).includes('written'));
  const { items } = await stage.host.client.jobs.list({ datasetId: id });
  assert.deepEqual(
    items.map(({ kind }) => kind),
    ['export', 'crawl'],
  );
  assert.deepEqual(stage.complaints(), []);
});

test('the same by keyboard alone', options, async () => {
  const { web, root } = stage;
  const page = await stage.open('/');
  const { keyboard } = page;
  await page.getByRole('heading', { name: 'Library' }).waitFor();
  await keyboard.press('n');
  await page.getByRole('dialog').waitFor();
  await keyboard.type('By keyboard');
  await tabTo(page, 'textbox', 'Labels');
  await keyboard.type('robin');
  await keyboard.press('Enter');
  await page.getByRole('heading', { name: 'What to collect' }).waitFor();
  await tabTo(page, 'button', 'Remove the label robin');
  await keyboard.press('Enter');
  await tabTo(page, 'textbox', 'Pages');
  await keyboard.type(`${web.site('gallery').origin}/page/2`);
  await tabTo(page, 'button', 'Advanced');
  await keyboard.press('Enter');
  await tabTo(page, 'textbox', 'Private hosts that may be asked');
  await keyboard.type(web.site('gallery').host);
  await tabTo(page, 'button', 'Start collecting');
  await keyboard.press('Shift+Tab');
  await keyboard.press('Control+Enter');
  await ended(page);

  // The palette leads anywhere.
  await keyboard.press('Control+k');
  await page.getByRole('dialog', { name: 'Command palette' }).waitFor();
  await keyboard.type('By keyboard');
  await keyboard.press('Enter');
  await page.locator('.sample-tile[data-status]').first().waitFor();
  await tabTo(page, 'listbox', /.*/);
  await keyboard.press('ArrowRight');
  await keyboard.press('Shift+ArrowRight');
  await keyboard.press('r');
  await until(async () => (await datasetNamed('By keyboard')).statusCounts.rejected === 2, 'two images to be rejected');
  await keyboard.press('Control+z');
  await until(async () => (await datasetNamed('By keyboard')).statusCounts.rejected === 0, 'both to be back');
  await keyboard.press('1');
  const robins = async () =>
    (await datasetNamed('By keyboard')).labels.find(({ name }) => name === 'robin')?.sampleCount;
  await until(async () => (await robins()) === 2, 'two images to get a label');
  await keyboard.press('Space');
  await page.getByRole('dialog').waitFor();
  await keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });

  await tabTo(page, 'link', 'Export');
  await keyboard.press('Enter');
  await tabTo(page, 'textbox', 'Folder');
  await keyboard.press('Control+a');
  await keyboard.type(root);
  await tabTo(page, 'textbox', 'Name');
  await keyboard.press('Control+a');
  await keyboard.type('by-keyboard');
  await keyboard.press('Control+Enter');
  await page.getByText('Every file was read back').waitFor({ timeout: 30_000 });
  const { statusCounts } = await datasetNamed('By keyboard');
  const written = [...openExport(join(root, 'by-keyboard')).values()].reduce((sum, count) => sum + count, 0);
  assert.equal(written, statusCounts.accepted);
  // In a field a question mark is a question mark.
  await tabTo(page, 'button', 'Choose…');
  await keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keyboard' }).waitFor();
  assert.deepEqual(stage.complaints(), []);
});
