/** What a person sees when the page is reloaded, or the host ends, is killed, or cannot give an image. */

import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Page } from 'playwright-core';
import { until } from '../command-line.ts';
import { SKIP_BROWSER } from './chromium.ts';
import { makeStage, type Stage, screenshot } from './stage.ts';

const options = { skip: SKIP_BROWSER, timeout: 180_000 };
/** So that a crawl of some fifty images takes seconds. */
const DELAY_MS = 60;

let stage: Stage;

before(async () => {
  if (SKIP_BROWSER === false) stage = await makeStage({ PIXCRAWLER_CRAWL_DELAY_MS: String(DELAY_MS) });
});

after(() => stage?.close());

/** Starts a crawl of the whole gallery, and shows it. */
async function crawlInSight(name: string): Promise<{ page: Page; datasetId: number; jobId: number }> {
  const { web, host } = stage;
  const { id: datasetId } = await host.client.datasets.create({ name });
  const sources = [`${web.site('gallery').origin}/`];
  const job = await host.client.crawls.start({ datasetId, sources, allowHosts: [...web.allowHosts] });
  const page = await stage.open(`/datasets/${datasetId}/collect`);
  await page.getByRole('heading', { name: 'Collecting now' }).waitFor();
  return { page, datasetId, jobId: job.id };
}

async function someCollected(jobId: number): Promise<void> {
  await until(async () => {
    const { counts, state } = await stage.host.client.jobs.get({ id: jobId });
    assert.equal(state, 'active', 'the crawl was over before it could be interrupted');
    return counts.accepted >= 5;
  }, 'some images');
}

/** What an uninterrupted crawl comes to. */
async function assertWhole(datasetId: number): Promise<void> {
  const honest = stage.web.pictures.filter(({ kind }) => kind === 'honest');
  const { statusCounts } = await stage.host.client.datasets.get({ id: datasetId });
  assert.equal(statusCounts.accepted, honest.length);
  const { ok, checks } = await stage.host.client.doctor.run({ all: true });
  assert.ok(ok, JSON.stringify(checks.filter(({ state }) => state !== 'ok')));
}

test('a reload in mid-crawl shows the crawl where it is', options, async () => {
  const { page, datasetId, jobId } = await crawlInSight('reloaded');
  await someCollected(jobId);
  await page.reload();
  await page.getByRole('heading', { name: 'Collecting now' }).waitFor();
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.getByRole('button', { name: 'Resume' }).first().waitFor();
  await page.reload();
  await page.getByRole('button', { name: 'Resume' }).first().click();
  await page.getByRole('heading', { name: 'Last run' }).waitFor({ timeout: 60_000 });
  await assertWhole(datasetId);
});

test('a host that is ended and started again goes on, and the open page with it', options, async () => {
  const { page, datasetId, jobId } = await crawlInSight('restarted');
  await someCollected(jobId);
  assert.equal(await stage.host.stop(), 0);
  await page.getByText('PixCrawler cannot be reached').waitFor();
  assert.ok(await page.getByRole('button', { name: 'Pause' }).isDisabled(), 'what needs the host is out of reach');
  await page.locator('.filmstrip-item').first().waitFor();
  await stage.restart();
  await page.getByText('PixCrawler cannot be reached').waitFor({ state: 'detached', timeout: 30_000 });
  await page.getByRole('heading', { name: 'Last run' }).waitFor({ timeout: 60_000 });
  await assertWhole(datasetId);
});

test('a host that is killed in mid-crawl and started again ends with the same result', options, async () => {
  const { page, datasetId, jobId } = await crawlInSight('killed');
  await someCollected(jobId);
  await stage.host.kill();
  await page.getByText('PixCrawler cannot be reached').waitFor();
  await stage.restart();
  await page.getByRole('heading', { name: 'Last run' }).waitFor({ timeout: 60_000 });
  await assertWhole(datasetId);
  assert.deepEqual(stage.complaints(), []);
});

test(
  'what is decided while the host is away is not kept, says so, and is offered again once it is back',
  options,
  async () => {
    const { page, datasetId, jobId } = await crawlInSight('decided');
    await until(async () => (await stage.host.client.jobs.get({ id: jobId })).finishedAt !== null, 'the crawl to end');
    const statusCounts = async () => (await stage.host.client.datasets.get({ id: datasetId })).statusCounts;
    const before = await statusCounts();
    const total = before.quarantined;
    await page.goto(`${stage.host.origin}/datasets/${datasetId}/review`);
    await page.getByText(`0 of ${total} reviewed`).waitFor();
    // A thumbnail first, then the image itself, under one hash.
    const inFront = async () =>
      /[0-9a-f]{64}$/.exec((await page.locator('.review-picture img').first().getAttribute('src')) ?? '')?.[0];
    const shown = await inFront();
    assert.ok(shown !== undefined);
    await stage.host.stop();
    await page.getByText('PixCrawler cannot be reached').waitFor();
    // As on a network that swallows what is sent: nobody waits for that to see that it is not kept.
    await page.route('**/api/v1/decisions', () => undefined);
    await page.keyboard.press('r');
    await page.getByText('It is offered again once it is back.').waitFor();
    assert.equal(await page.getByText(`0 of ${total} reviewed`).isVisible(), true);
    assert.equal(await inFront(), shown);
    assert.equal(await page.locator('.review-decided').count(), 0);
    await screenshot(page, 'decided-while-away');

    await page.unroute('**/api/v1/decisions');
    await stage.restart();
    await page.getByText('1 decision was not kept while PixCrawler could not be reached.').waitFor({ timeout: 30_000 });
    await screenshot(page, 'decided-offered-again');
    assert.equal(await page.locator('.toast').count(), 1, 'what was said while it was away is over');
    assert.deepEqual(await statusCounts(), before, 'nothing is decided by itself');
    await page.getByRole('button', { name: 'Do it again' }).click();
    await page.getByText(`1 of ${total} reviewed`).waitFor();
    await until(async () => (await statusCounts()).rejected === before.rejected + 1, 'the image to be rejected');
  },
);

test('a screen that could not be loaded while the host was away comes when it is back', options, async () => {
  const page = await stage.open('/');
  await page.getByRole('heading', { name: 'Library' }).waitFor();
  // As when the host ends before the rest of the interface was loaded.
  await page.route('**/assets/settings-screen-*', (route) => route.abort());
  assert.equal(await stage.host.stop(), 0);
  await page.getByText('PixCrawler cannot be reached').waitFor();
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByRole('heading', { name: 'This screen cannot be opened now' }).waitFor();
  await page.unroute('**/assets/settings-screen-*');
  await stage.restart();
  await page.getByRole('heading', { name: 'Data directory' }).waitFor({ timeout: 30_000 });
});

test('an image whose file is gone says so, and the rest is as it was', options, async () => {
  const { host, dataDirectory } = stage;
  const { id: datasetId } = await host.client.datasets.resolve({ name: 'reloaded' });
  const { items } = await host.client.samples.browse({ filter: { datasetId }, limit: 1 });
  const sha256 = items[0]?.sha256 ?? '';
  rmSync(join(dataDirectory, 'blobs', sha256.slice(0, 2), sha256.slice(2, 4), sha256));
  const page = await stage.open(`/datasets/${datasetId}/browse`);
  await page.locator('.sample-tile[data-status]').first().dblclick();
  await page
    .getByRole('dialog')
    .getByText(/cannot be shown/i)
    .first()
    .waitFor();
  await page.keyboard.press('ArrowRight');
  await page.getByRole('dialog').locator('img').first().waitFor();
});

test('a browser without a session is told how to get one, and a wrong token lets nobody in', options, async () => {
  const { host, browser } = stage;
  const context = await browser.newContext();
  const page = await context.newPage();
  for (const path of ['/', '/?token=wrong', '/datasets/1/browse']) {
    const answer = await page.goto(host.origin + path);
    assert.equal(answer?.status(), 401, path);
    await page.getByRole('heading', { name: 'PixCrawler does not know this browser' }).waitFor();
  }
  assert.deepEqual(await context.cookies(), []);
  await context.close();
});

test('a page of another site can neither read nor change anything', options, async () => {
  const { host, web } = stage;
  const page = await stage.open('/');
  await page.goto(`${web.site('gallery').origin}/`);
  const before = (await host.client.datasets.list({})).length;
  const outcomes = await page.evaluate(async (origin) => {
    const tries = [
      () => fetch(`${origin}/api/v1/datasets`, { credentials: 'include' }),
      () =>
        fetch(`${origin}/api/v1/datasets`, {
          method: 'POST',
          mode: 'no-cors',
          credentials: 'include',
          body: '{"name":"x"}',
        }),
    ];
    const found: string[] = [];
    for (const attempt of tries)
      found.push(
        await attempt().then(
          (answer) => answer.type,
          () => 'refused',
        ),
      );
    return found;
  }, host.origin);
  assert.deepEqual(outcomes, ['refused', 'refused']);
  assert.equal((await host.client.datasets.list({})).length, before);
});
