/** A job as it is watched: what it noted, what is offered while it rests, what it kept apart. */

import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { until } from '../command-line.ts';
import { seriousViolations } from './accessibility.ts';
import { SKIP_BROWSER } from './chromium.ts';
import { writeImages } from './dropped.ts';
import { makeStage, type Stage, screenshot } from './stage.ts';

const options = { skip: SKIP_BROWSER, timeout: 120_000 };

let stage: Stage;

before(async () => {
  if (SKIP_BROWSER === false) stage = await makeStage();
});

after(() => stage?.close());

test('what is offered when a job is paused goes when it goes on, and covers nothing', options, async () => {
  const { web, host } = stage;
  const { id: datasetId } = await host.client.datasets.create({ name: 'Paused' });
  const sources = [`${web.site('gallery').origin}/`];
  const job = await host.client.crawls.start({ datasetId, sources, allowHosts: [...web.allowHosts], delayMs: 200 });
  const page = await stage.open(`/jobs/${job.id}`);
  await page.getByRole('button', { name: 'Pause', exact: true }).click();
  const toast = page.locator('.toast', { hasText: 'Paused “Collection: Paused”' });
  await toast.getByRole('button', { name: 'Resume' }).waitFor();
  await screenshot(page, 'job-paused-toast');
  const [box, line] = [await toast.boundingBox(), await page.locator('.status-line').boundingBox()];
  assert.ok(box !== null && line !== null && box.y >= line.y, 'it stands on the status line');
  // The rail keeps telling of it when it is narrow.
  await page.getByRole('button', { name: 'Collapse the rail' }).click();
  const inRail = page.locator('.rail-inline').getByRole('link', { name: /Collection: Paused/ });
  await inRail.waitFor();
  assert.match((await inRail.textContent()) ?? '', /\d %/);
  // So it does of datasets, projects and sources: an icon each, and its name for who points at it or comes by Tab.
  const rail = page.locator('.rail-inline');
  const named = async (name: string | RegExp, text: string) => {
    const link = rail.getByRole('link', { name });
    const [bounds, frame] = [await link.boundingBox(), await rail.boundingBox()];
    assert.ok(bounds !== null && frame !== null && bounds.height >= 24, `${name} is a target`);
    assert.ok(bounds.x >= frame.x && bounds.x + bounds.width <= frame.x + frame.width, `${name} lies in the rail`);
    await link.hover();
    await page.getByRole('tooltip', { name: text }).waitFor();
    await page.mouse.move(700, 400, { steps: 5 });
    await page.getByRole('tooltip').waitFor({ state: 'detached' });
    await link.focus();
    await page.getByRole('tooltip', { name: text }).waitFor();
    return link;
  };
  const { projectName } = await host.client.datasets.get({ id: datasetId });
  const { items } = await host.client.samples.list({ datasetId });
  await named(projectName, projectName);
  await named(/^Openverse/, 'Openverse: It has not been asked yet.');
  const dataset = await named(/^Paused$/, `Paused: ${items.length === 1 ? '1 image' : `${items.length} images`}`);
  await screenshot(page, 'rail-collapsed');
  assert.equal(await dataset.locator('[aria-hidden]').textContent(), 'PA');
  assert.deepEqual(await seriousViolations(page), []);
  await dataset.press('Enter');
  await page.waitForURL(`**/datasets/${datasetId}/browse`);
  await page.goto(`${host.origin}/jobs/${job.id}`);
  await page.getByRole('button', { name: 'Expand the rail' }).click();
  await host.client.jobs.resume({ id: job.id });
  await toast.waitFor({ state: 'detached' });
  await host.client.jobs.cancel({ id: job.id });
});

test('the log of a job shows the newest entries, and the older ones on demand', options, async () => {
  const { host, root } = stage;
  const folder = join(root, 'links');
  mkdirSync(folder);
  for (let link = 0; link < 230; link++) symlinkSync(join(root, 'nowhere'), join(folder, `link-${link}`));
  await writeImages(folder, [801]);
  const { id: datasetId } = await host.client.datasets.create({ name: 'Linked' });
  const { id } = await host.client.imports.start({ datasetId, paths: [folder] });
  await until(async () => (await host.client.jobs.get({ id })).finishedAt !== null, 'the end');
  const { items: all } = await host.client.jobs.log({ id, limit: 1_000 });
  const { items, next } = await host.client.jobs.log({ id, order: 'newest-first', limit: 50 });
  assert.deepEqual(items, all.toReversed().slice(0, 50));
  assert.equal(next, items.at(-1)?.id);

  const page = await stage.open(`/jobs/${id}`);
  const rows = page.locator('.log-row');
  await rows.first().waitFor();
  assert.equal(await rows.count(), 200);
  assert.match((await rows.first().textContent()) ?? '', new RegExp(`${(all.at(-1)?.message ?? '').slice(-20)}$`));
  await page.getByRole('button', { name: 'Show older entries' }).click();
  await until(async () => (await rows.count()) === all.length, 'the older entries');
  assert.equal(await page.getByRole('button', { name: 'Show older entries' }).count(), 0);
});

test('what a job kept apart is reviewed without what others did', options, async () => {
  const { host, root } = stage;
  const { id: datasetId } = await host.client.datasets.create({ name: 'Small' });
  const imported = async (name: string, seeds: readonly number[]) => {
    await writeImages(join(root, name), seeds, [40, 30]);
    const { id } = await host.client.imports.start({ datasetId, paths: [join(root, name)] });
    await until(async () => (await host.client.jobs.get({ id })).finishedAt !== null, 'the end');
    return id;
  };
  await imported('small-1', [811]);
  const id = await imported('small-2', [812, 813]);
  const page = await stage.open(`/jobs/${id}`);
  await page.getByRole('link', { name: 'Review them' }).first().click();
  await page.getByText('0 of 2 reviewed').first().waitFor();
  await page.getByText(`Only what job ${id} added`).waitFor();
  await screenshot(page, 'review-of-job');
  await page.goto(`${host.origin}/datasets/${datasetId}/collect`);
  await page.getByRole('link', { name: 'Review 2 quarantined' }).click();
  await page.getByText('0 of 2 reviewed').first().waitFor();
  await page.getByRole('button', { name: 'Review all' }).click();
  await page.getByText('0 of 3 reviewed').first().waitFor();
});

test('a page that did not answer is not told to be read', options, async () => {
  const { host, web } = stage;
  const { id: datasetId } = await host.client.datasets.create({ name: 'Half read' });
  const { origin } = web.site('gallery');
  const sources = [`${origin}/page/1`, `${origin}/absent`];
  const allowHosts = [...web.allowHosts];
  const { id } = await host.client.crawls.start({ datasetId, sources, allowHosts, depth: 0 });
  await until(async () => (await host.client.jobs.get({ id })).finishedAt !== null, 'the end');
  const page = await stage.open(`/jobs/${id}`);
  await page.getByText('1 of 2 pages read, 1 could not be', { exact: true }).waitFor();
  await screenshot(page, 'job-page-unread');
  await page.goto(`${host.origin}/datasets/${datasetId}/collect`);
  await page.getByText('1 of 2 pages read, 1 could not be', { exact: true }).waitFor();
});

test('a private address that is refused says where in the interface it is allowed', options, async () => {
  const { host, web } = stage;
  const { id: datasetId } = await host.client.datasets.create({ name: 'Private' });
  const { id } = await host.client.crawls.start({ datasetId, sources: [`${web.site('gallery').origin}/`] });
  await until(async () => (await host.client.jobs.get({ id })).finishedAt !== null, 'the end');
  const page = await stage.open(`/jobs/${id}`);
  await page
    .getByText(/name it under “Private hosts that may be asked”/)
    .nth(1)
    .waitFor();
  await page.getByRole('button', { name: 'Not a public address' }).click();
  await page
    .getByText(/is a loopback address/)
    .nth(2)
    .waitFor();
  assert.doesNotMatch((await page.locator('main').textContent()) ?? '', /--[a-z]/, 'no option of the command line');
  await screenshot(page, 'job-private');
});

test('a job that ends while one is elsewhere says so, and leads to what it kept apart', options, async () => {
  const { host, root } = stage;
  const folder = join(root, 'elsewhere');
  await writeImages(folder, [821, 822], [40, 30]);
  const { id: datasetId } = await host.client.datasets.create({ name: 'Elsewhere' });
  const page = await stage.open('/settings/appearance');
  await page.getByRole('heading', { name: 'Appearance' }).first().waitFor();
  await page.getByRole('link', { name: 'Elsewhere' }).waitFor();
  await host.client.imports.start({ datasetId, paths: [folder] });
  const toast = page.locator('.toast', { hasText: 'Import: Elsewhere. Done: 0 accepted, 2 quarantined' });
  await toast.waitFor();
  await screenshot(page, 'job-ended-toast');
  await toast.getByRole('button', { name: 'Review 2 quarantined' }).click();
  await page.getByText('0 of 2 reviewed').first().waitFor();
});

test('the first image of a run moves nothing', options, async () => {
  const { web, host } = stage;
  const { id: datasetId } = await host.client.datasets.create({ name: 'Still' });
  const page = await stage.open('/jobs');
  await page.getByRole('heading', { name: 'Jobs', exact: true }).waitFor();
  // The page is there first, and the site asked so seldom that the first image comes after it has been looked at.
  const sources = [`${web.site('gallery').origin}/`];
  const job = await host.client.crawls.start({ datasetId, sources, allowHosts: [...web.allowHosts], delayMs: 1_000 });
  await page.goto(`${host.origin}/datasets/${datasetId}/collect`);
  await page.getByText('The first images show here.').waitFor();
  await screenshot(page, 'run-before-images');
  const heightPx = () => page.locator('.filmstrip-frame').evaluate((strip) => strip.getBoundingClientRect().height);
  const before = await heightPx();
  await page.locator('.filmstrip-item img').first().waitFor();
  assert.equal(await heightPx(), before);
  await page.getByText('The first images show here.').waitFor({ state: 'detached' });
  await host.client.jobs.cancel({ id: job.id });
});
