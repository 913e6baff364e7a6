/** What is around every screen: the way back, by mouse as well, and where one is. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Page } from 'playwright-core';
import { until } from '../command-line.ts';
import { seriousViolations } from './accessibility.ts';
import { SKIP_BROWSER } from './chromium.ts';
import { writeImages } from './dropped.ts';
import { makeStage, type Stage, screenshot } from './stage.ts';

const options = { skip: SKIP_BROWSER, timeout: 120_000 };
const LONG = 'A dataset with a very long name that somebody gave it because every word of it mattered at that time';

let stage: Stage;

before(async () => {
  if (SKIP_BROWSER === false) stage = await makeStage();
});

after(() => stage?.close());

async function datasetWithImages(name: string): Promise<number> {
  const { client } = stage.host;
  const { id: datasetId } = await client.datasets.create({ name });
  await writeImages(join(stage.root, name.slice(0, 20)), [701, 702, 703]);
  const { id } = await client.imports.start({ datasetId, paths: [join(stage.root, name.slice(0, 20))] });
  await until(async () => (await client.jobs.get({ id })).finishedAt !== null, 'the import');
  return datasetId;
}

const button = (page: Page, name: string | RegExp) => page.locator('.top-bar').getByRole('button', { name });

test('what was decided is taken back and done again by mouse, after its toast has gone', options, async () => {
  const { client } = stage.host;
  const datasetId = await datasetWithImages('Mouse');
  const page = await stage.open(`/datasets/${datasetId}/browse`, { width: 900 });
  const statuses = async () => (await client.samples.list({ datasetId })).items.map(({ status }) => status).sort();
  await button(page, 'Nothing to undo here').waitFor();
  assert.equal(await button(page, 'Nothing to undo here').getAttribute('aria-disabled'), 'true');
  await page.locator('.sample-tile[data-status]').first().click();
  await page.keyboard.press('r');
  await page.locator('.toast').getByRole('button', { name: 'Dismiss' }).click();
  await page.locator('.toast').waitFor({ state: 'detached' });

  await button(page, 'Undo: Rejected 1 image').hover();
  await page.getByRole('tooltip', { name: 'Undo: Rejected 1 image' }).waitFor();
  await screenshot(page, 'frame-undo-narrow');
  assert.deepEqual(await seriousViolations(page), []);
  await button(page, 'Undo: Rejected 1 image').click();
  await button(page, 'Do again: Rejected 1 image').waitFor();
  await button(page, 'Nothing to undo here').waitFor();
  assert.ok(!(await statuses()).includes('rejected'));
  await button(page, 'Do again: Rejected 1 image').click();
  await button(page, 'Undo: Rejected 1 image').waitFor();
  assert.ok((await statuses()).includes('rejected'));
  await button(page, 'Nothing to do again here').waitFor();
  assert.deepEqual(stage.complaints(), []);
});

test('so is what was done in the library', options, async () => {
  await stage.host.client.datasets.create({ name: 'Binned' });
  const page = await stage.open('/', { width: 900 });
  await page.getByRole('button', { name: 'Actions for “Binned”' }).click();
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  await page.getByRole('heading', { name: 'Binned' }).waitFor({ state: 'detached' });
  // It is still there for who went away in between.
  await page.getByRole('button', { name: 'Open navigation' }).click();
  await page.getByRole('link', { name: 'Jobs' }).click();
  await button(page, 'Nothing to undo here').waitFor();
  await page.getByRole('button', { name: 'Open navigation' }).click();
  await page.getByRole('link', { name: 'Library' }).click();
  await button(page, 'Undo: Deleted “Binned”').click();
  await page.getByRole('link', { name: 'Binned', exact: true }).first().waitFor();
  await button(page, 'Do again: Deleted “Binned”').waitFor();
});

test('every screen has a button for undo, redo, the palette and the key map, and they fit', options, async () => {
  const datasetId = await datasetWithImages(LONG);
  const { items } = await stage.host.client.jobs.list({ limit: 1 });
  const paths = ['/', '/jobs', `/jobs/${items[0]?.id}`, '/settings', '/nowhere'];
  for (const screen of ['browse', 'collect', 'review', 'export']) paths.push(`/datasets/${datasetId}/${screen}`);
  for (const width of [900, 1440]) {
    const page = await stage.open('/', { width });
    for (const path of paths) {
      await page.goto(stage.host.origin + path);
      await button(page, 'Command palette').click();
      await page.getByRole('dialog', { name: 'Command palette' }).waitFor();
      await page.keyboard.press('Escape');
      await button(page, 'Keyboard').click();
      const map = page.getByRole('dialog', { name: 'Keyboard' });
      await map.getByText('Undo the last decision').waitFor();
      await page.keyboard.press('Escape');
      await map.waitFor({ state: 'detached' });
      const places = await page.locator('.top-bar :is(a, button, h1)').evaluateAll((elements) =>
        elements
          .map((element) => element.getBoundingClientRect())
          .filter((box) => box.width > 0)
          .map(({ left, right, height }) => ({ left, right, height })),
      );
      assert.ok(places.length >= 5);
      for (const [index, { left, right, height }] of places.entries()) {
        assert.ok(right <= width && height >= 24, `${path} at ${width}: ${JSON.stringify(places)}`);
        assert.ok(index === 0 || left >= (places[index - 1]?.right ?? 0) - 1, `${path} at ${width}: one over another`);
      }
    }
    await page.close();
  }
});

test('a long name gives way before the way out of the dataset does', options, async () => {
  const name = `Again ${LONG.slice(0, 80)}`;
  const { id: datasetId } = await stage.host.client.datasets.create({ name });
  const page = await stage.open(`/datasets/${datasetId}/browse`, { width: 900 });
  const crumbs = page.getByRole('navigation', { name: 'Where you are' });
  await crumbs.getByRole('heading', { name }).waitFor();
  const cut = await crumbs
    .locator('a, h1')
    .evaluateAll((all) => all.map((each) => each.scrollWidth > each.clientWidth));
  assert.deepEqual(cut, [false, false, true]);
  await screenshot(page, 'breadcrumb-narrow');
});

test('a long label is cut in the menu of labels, and moves no mark', options, async () => {
  const { client } = stage.host;
  const datasetId = await datasetWithImages('Labels');
  const { items } = await client.samples.list({ datasetId });
  for (const [place, label] of ['wren', LONG].entries()) {
    const target = { kind: 'ids' as const, ids: [items[place]?.id ?? 0] };
    await client.decisions.apply({ datasetId, target, change: { label } });
  }
  const page = await stage.open(`/datasets/${datasetId}/browse`);
  const tiles = page.locator('.sample-tile[data-status]');
  await tiles.first().click();
  await tiles.nth(1).click({ modifiers: ['Control'] });
  await page.locator('.selection-bar').getByRole('button', { name: 'Label' }).click();
  await page.locator('.picker-item', { hasText: LONG }).waitFor();
  const places = await page
    .locator('.picker-item .label-dot')
    .evaluateAll((dots) => dots.map((dot) => dot.getBoundingClientRect().left));
  assert.equal(places.length, 2);
  assert.equal(places[0], places[1]);
  await screenshot(page, 'label-menu-long');
});

test(
  'a dataset that is deleted elsewhere goes from its screen and from the rail, with its jobs, and comes back',
  options,
  async () => {
    const { client } = stage.host;
    const { id: datasetId } = await client.datasets.create({ name: 'Deleted elsewhere' });
    const { id } = await client.imports.start({ datasetId, paths: [join(stage.root, 'Mouse')] });
    await client.jobs.pause({ id });
    const page = await stage.open(`/datasets/${datasetId}/collect`);
    const job = page.locator('.rail').getByText('Import: Deleted elsewhere');
    await job.waitFor();
    await client.datasets.trash({ id: datasetId });
    await page.getByText(`There is no dataset with id ${datasetId}`).waitFor();
    await job.waitFor({ state: 'detached' });
    await client.datasets.restore({ id: datasetId });
    await job.waitFor();
    await page.getByRole('heading', { name: 'Deleted elsewhere' }).waitFor();
  },
);

test(
  'the palette leads to the screens of the dataset one is in, and finds no letters here and there',
  options,
  async () => {
    const { id } = await stage.host.client.datasets.create({ name: 'By name' });
    const page = await stage.open(`/datasets/${id}/browse`);
    // Keys are heard once the frame is there, which a busy machine shows late.
    await page.locator('.status-line').waitFor();
    const palette = page.getByRole('dialog', { name: 'Command palette' });
    const go = async (typed: string, path: string) => {
      await page.keyboard.press('Control+k');
      await palette.waitFor();
      await page.keyboard.type(typed);
      await page.keyboard.press('Enter');
      await page.waitForURL(`**/datasets/${id}/${path}`);
      await palette.waitFor({ state: 'detached' });
    };
    await go('export', 'export');
    await go('rev', 'review');
    await go('collect', 'collect');
    await go('brow', 'browse');
    await page.keyboard.press('Control+k');
    await palette.waitFor();
    await page.keyboard.type('setti');
    assert.deepEqual(await page.getByRole('option').allTextContents(), ['Go to Settings']);
  },
);

test('the window does not scroll, whatever is in a screen', options, async () => {
  const { id } = await stage.host.client.datasets.create({ name: 'Fits' });
  const page = await stage.open(`/datasets/${id}/collect`);
  await page.getByRole('textbox', { name: 'Pages', exact: true }).fill('http://127.0.0.1:9/');
  await page.getByRole('button', { name: 'Advanced' }).click();
  await page.getByRole('button', { name: 'Try ten images' }).click();
  await page.getByText('The reasons').waitFor();
  await screenshot(page, 'frame-trial-without-images');
  for (const path of [
    null,
    '/',
    `/datasets/${id}/browse`,
    `/datasets/${id}/review`,
    `/datasets/${id}/export`,
    '/jobs',
    '/settings/rules',
  ]) {
    if (path !== null) await page.goto(stage.host.origin + path);
    await page.locator('.status-line, .top-bar').first().waitFor();
    const { scrolls, shows } = await page.evaluate(() => ({
      scrolls: document.documentElement.scrollHeight,
      shows: window.innerHeight,
    }));
    assert.equal(scrolls, shows, path ?? 'collect');
  }
});

test('of more labels than are shown it is said how the others are found', options, async () => {
  const { client } = stage.host;
  const { id: datasetId } = await client.datasets.create({ name: 'Many labels' });
  const folders = Array.from({ length: 120 }, (_each, index) => join(stage.root, 'labels', `label ${index}`));
  for (const [index, folder] of folders.entries()) await writeImages(folder, [2_000 + index]);
  const { id } = await client.imports.start({ datasetId, paths: [join(stage.root, 'labels')], labelsFrom: 'folders' });
  await until(async () => (await client.jobs.get({ id })).finishedAt !== null, 'the import');
  const page = await stage.open(`/datasets/${datasetId}/browse`);
  await page.getByRole('button', { name: 'Show 100 of 120' }).click();
  await page.getByText('20 more: type to find them.').waitFor();
  await page.getByRole('searchbox', { name: 'Find in label' }).fill('label 119');
  await page.getByRole('checkbox', { name: /label 119/ }).waitFor();
  assert.equal(await page.getByText('more: type to find them.').count(), 0);
});
