/** What a screen tells before anything is there, before something is written, and when something fails. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Page } from 'playwright-core';
import type { SampleDetails } from '../../../shared/contract/samples.ts';
import { until } from '../command-line.ts';
import { seriousViolations } from './accessibility.ts';
import { SKIP_BROWSER } from './chromium.ts';
import { writeImages } from './dropped.ts';
import { makeStage, type Stage, screenshot } from './stage.ts';

const options = { skip: SKIP_BROWSER, timeout: 120_000 };

/** A label that must not push the numbers out of sight. */
const LONG = 'owls of every kind that has been seen in this garden, in daylight or by night';

let stage: Stage;

before(async () => {
  if (SKIP_BROWSER === false) stage = await makeStage();
});

after(() => stage?.close());

test('empty lists show what they will look like', options, async () => {
  const page = await stage.open('/');
  await page.getByRole('heading', { name: 'No datasets yet' }).waitFor();
  await screenshot(page, 'library-empty');
  const { scrolls, shows } = await page
    .locator('.screen')
    .evaluate((screen) => ({ scrolls: screen.scrollHeight, shows: screen.clientHeight }));
  assert.equal(scrolls, shows, 'what is nearly nothing fits');
  const { id } = await stage.host.client.datasets.create({ name: 'Bare' });
  await page.goto(`${stage.host.origin}/jobs`);
  await page.getByRole('heading', { name: 'No jobs yet' }).waitFor();
  assert.equal(await page.locator('.ghost-row').count(), 3);
  await screenshot(page, 'jobs-empty');
  assert.deepEqual(await seriousViolations(page), []);
  // What a filter hides is no empty list.
  await page.getByRole('radio', { name: 'Unfinished' }).click();
  await page.getByRole('heading', { name: 'Nothing is running' }).waitFor();
  assert.equal(await page.locator('.ghost-row').count(), 0);
  await page.goto(`${stage.host.origin}/datasets/${id}/browse`);
  await page.getByRole('heading', { name: 'No images yet' }).waitFor();
  assert.equal(await page.locator('.ghost').count(), 6);
  await screenshot(page, 'browse-empty');
  assert.deepEqual(await seriousViolations(page), []);
  await page.goto(`${stage.host.origin}/datasets/${id}/review`);
  await page.locator('.ghost').waitFor();
  await screenshot(page, 'review-empty');
  assert.deepEqual(await seriousViolations(page), []);
  await page.getByRole('button', { name: 'Collect images' }).click();
  await page.waitForURL(/\/collect$/);
  await page.goto(`${stage.host.origin}/datasets/${id}/export`);
  await page.locator('.ghost-row').first().waitFor();
  await screenshot(page, 'export-empty');
  assert.deepEqual(await seriousViolations(page), []);
});

test('before an export, images are counted by label and split, and what is scarce is marked', options, async () => {
  const { host, root } = stage;
  const { client } = host;
  const { id: datasetId } = await client.datasets.create({ name: 'Uneven', labels: ['robin', 'wren', LONG] });
  for (const [label, seeds] of [
    ['robin', Array.from({ length: 11 }, (_, seed) => 900 + seed)],
    ['wren', [950]],
  ] as const) {
    await writeImages(join(root, label), seeds);
    const { id } = await client.imports.start({ datasetId, paths: [join(root, label)], label });
    await until(async () => (await client.jobs.get({ id })).finishedAt !== null, 'the import');
  }
  const page = await stage.open(`/datasets/${datasetId}/export`);
  const table = page.getByRole('table', { name: 'Images by label' });
  const cells = async () => {
    const rows = await table.getByRole('row').all();
    return Promise.all(rows.map(async (row) => (await row.locator('th, td').allTextContents()).filter(Boolean)));
  };
  await table.getByText(LONG).waitFor();
  assert.deepEqual(await cells(), [
    ['Label', 'Images'],
    ['robin', '11'],
    ['wren', '1'],
    [LONG, '0'],
  ]);
  assert.equal(await table.getByRole('img', { name: 'Much fewer than the largest label' }).count(), 2);
  await page.getByText('2 labels have less than a tenth of the images of “robin”.').waitFor();

  const { items } = await client.samples.list({ datasetId, label: 'robin' });
  await client.decisions.apply({
    datasetId,
    target: { kind: 'ids', ids: items.slice(0, 8).map(({ id }) => id) },
    change: { split: 'train' },
  });
  await client.decisions.apply({
    datasetId,
    target: { kind: 'ids', ids: items.slice(8).map(({ id }) => id) },
    change: { split: 'validation' },
  });
  await table.getByText('Validation').waitFor();
  assert.deepEqual(await cells(), [
    ['Label', 'Images', 'Train', 'Validation', 'In no split'],
    ['robin', '11', '8', '3', '0'],
    ['wren', '1', '0', '0', '1'],
    [LONG, '0', '0', '0', '0'],
  ]);
  await screenshot(page, 'export-balance');
  assert.deepEqual(await seriousViolations(page), []);
  const hidden = await page.locator('.balance').evaluate((box) => box.scrollWidth - box.clientWidth);
  assert.equal(hidden, 0);
  // It is about what is written.
  await page.getByRole('checkbox', { name: /Accepted/ }).click();
  await table.waitFor({ state: 'detached' });
});

test('what failed has details that can be read in peace and copied', options, async () => {
  await stage.host.client.datasets.create({ name: 'Stubborn' });
  const page = await stage.open('/');
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  const body = { code: 'conflict', message: 'A job is still reading it.', details: { jobId: 7 } };
  await page.route('**/api/v1/datasets/*/trash', (route) => route.fulfill({ status: 409, json: body }));
  await page.getByRole('button', { name: 'Actions for “Stubborn”' }).click();
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  const toast = page.locator('.toast', { hasText: 'A job is still reading it.' });
  await toast.getByRole('button', { name: 'Details' }).click();
  await toast.getByText('code: conflict').waitFor();
  await screenshot(page, 'error-details');
  assert.deepEqual(await seriousViolations(page), []);
  await toast.getByRole('button', { name: 'Copy' }).click();
  await page.getByText('The details are copied').waitFor();
  assert.equal(
    await page.evaluate(() => navigator.clipboard.readText()),
    'A job is still reading it.\ncode: conflict\njobId: 7',
  );
  await toast.getByRole('button', { name: 'Dismiss' }).click();
  await toast.waitFor({ state: 'detached' });

  await page.goto(`${stage.host.origin}/datasets/99999/browse`);
  await page.getByText('Details', { exact: true }).click();
  await page.getByText('code: not-found').waitFor();
  // Nothing comes after the last slash, so there is none.
  assert.equal(await page.getByRole('navigation', { name: 'Where you are' }).textContent(), 'Library');
  await screenshot(page, 'error-state-details');
});

test('a project in the trash is one row, and comes back with its datasets', options, async () => {
  const { client } = stage.host;
  const { id: projectId } = await client.projects.create({ name: 'Aviary' });
  await client.datasets.create({ name: 'Finches', projectId });
  await client.datasets.create({ name: 'Parrots', projectId });
  const page = await stage.open('/');
  await page.getByRole('button', { name: 'Actions for “Aviary”' }).click();
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  await page.getByRole('heading', { name: 'Aviary' }).waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Trash' }).first().click();
  const dialog = page.getByRole('dialog', { name: 'Trash' });
  const row = dialog.locator('.trash-row', { hasText: 'Project Aviary' });
  await row.getByText('2 datasets').waitFor();
  assert.equal(await dialog.getByText(/Finches|Parrots/).count(), 0, 'its datasets come back with it');
  await screenshot(page, 'trash-project');
  assert.deepEqual(await seriousViolations(page), []);
  await row.getByRole('button', { name: 'Restore' }).click();
  await row.waitFor({ state: 'detached' });
  await page.keyboard.press('Escape');
  await page.getByRole('heading', { name: 'Aviary' }).waitFor();
  await page.getByRole('link', { name: 'Parrots', exact: true }).first().waitFor();
  assert.deepEqual(stage.complaints(), []);
});

test('at 900 px a decision is one row of buttons, and what was measured one line each', options, async () => {
  const { host, root } = stage;
  const { client } = host;
  await writeImages(join(root, 'tiny'), [961], [40, 30]);
  const { id: datasetId } = await client.datasets.create({ name: 'Tiny' });
  const { id } = await client.imports.start({ datasetId, paths: [join(root, 'tiny')] });
  await until(async () => (await client.jobs.get({ id })).finishedAt !== null, 'the import');
  const page = await stage.open(`/datasets/${datasetId}/review`, { width: 900 });
  await page.getByRole('button', { name: 'Preview' }).waitFor();
  const tops = await page
    .locator('.review-actions button')
    .evaluateAll((buttons) => buttons.map((button) => Math.round(button.getBoundingClientRect().bottom)));
  assert.ok(tops.length >= 6 && Math.max(...tops) - Math.min(...tops) < 20, `buttons end at ${tops.join(', ')}`);
  await page.getByText(/^30 · at least 100 px$/).waitFor();
  await screenshot(page, 'review-narrow-tiny');
  await rowsHaveOneLineEach(page);

  // Long numbers are no reason for a second line either.
  await writeImages(join(root, 'huge'), [962, 963], [2400, 1800]);
  const huge = await client.imports.start({ datasetId, paths: [join(root, 'huge')] });
  await until(async () => (await client.jobs.get({ id: huge.id })).finishedAt !== null, 'the import');
  const { items } = await client.samples.list({ datasetId, status: 'accepted' });
  await client.decisions.apply({
    datasetId,
    target: { kind: 'ids', ids: items.map(({ id: sampleId }) => sampleId) },
    change: { status: 'quarantined' },
  });
  await page.reload();
  await page.getByText('0 of 3 reviewed').waitFor();
  for (const shown of ['the first', 'the second']) {
    await page.keyboard.press('ArrowRight');
    await page.getByText(/^1,800 · at least 100 px$/).waitFor();
    await screenshot(page, 'review-narrow-huge');
    await rowsHaveOneLineEach(page, shown);
  }
});

test('who is set aside by hand is not told to pass, and the words have room', options, async () => {
  const { client } = stage.host;
  await writeImages(join(stage.root, 'chosen'), [971]);
  const { id: datasetId } = await client.datasets.create({ name: 'Chosen' });
  const { id } = await client.imports.start({ datasetId, paths: [join(stage.root, 'chosen')] });
  await until(async () => (await client.jobs.get({ id })).finishedAt !== null, 'the import');
  const page = await stage.open(`/datasets/${datasetId}/browse`, { width: 900 });
  // As the core tells of one that is set aside for a chosen keeper, further from it than the rule asks.
  await page.route('**/api/v1/samples/*/details', async (route) => {
    const response = await route.fetch();
    const details = (await response.json()) as SampleDetails;
    const sample = { ...details.sample, status: 'quarantined', decidedBy: 'user', reasons: ['near-duplicate'] };
    const checks = details.checks.map((each) => (each.finding === 'near-duplicate' ? { ...each, value: 9 } : each));
    await route.fulfill({ json: { ...details, sample, checks } });
  });
  await page.locator('.sample-tile[data-status]').first().click();
  await page.keyboard.press('i');
  const first = page.locator('.rule-check').first();
  await first.getByLabel('set aside by your decision').waitFor();
  const note = first.getByText('Set aside by your decision, not by this rule');
  assert.ok(await note.evaluate((text) => text.scrollWidth <= text.clientWidth));
  await screenshot(page, 'check-by-hand');
  assert.deepEqual(await seriousViolations(page), []);
});

/** @throws where a measurement takes two lines, or its name or value is cut */
async function rowsHaveOneLineEach(page: Page, shown = 'the tiny image'): Promise<void> {
  const rows = await page.locator('.rule-check').evaluateAll((all) =>
    all.map((row) => {
      const texts = [...row.querySelectorAll('.rule-check-name, .rule-check-value')];
      return {
        text: texts.map((each) => each.textContent).join(': '),
        heightPx: Math.max(...texts.map((each) => each.getBoundingClientRect().height)),
        isCut: texts.some((each) => each.scrollWidth > each.clientWidth),
      };
    }),
  );
  assert.ok(rows.length >= 10, `${rows.length} measurements`);
  assert.deepEqual(
    rows.filter(({ heightPx, isCut }) => heightPx > 22 || isCut),
    [],
    shown,
  );
}
