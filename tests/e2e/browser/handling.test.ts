/** What a person does around a collection: tries it, drops files, tries failures again, keeps the library in order, reviews. */

import assert from 'node:assert/strict';
import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { until } from '../command-line.ts';
import { seriousViolations } from './accessibility.ts';
import { SKIP_BROWSER } from './chromium.ts';
import { dropFiles, writeImages } from './dropped.ts';
import { makeStage, type Stage, screenshot, tabTo } from './stage.ts';

const options = { skip: SKIP_BROWSER, timeout: 120_000 };

let stage: Stage;

before(async () => {
  if (SKIP_BROWSER === false) stage = await makeStage();
});

after(() => stage?.close());

function datasetNamed(name: string) {
  return stage.host.client.datasets.resolve({ name });
}

async function ended(jobId: number): Promise<void> {
  await until(async () => (await stage.host.client.jobs.get({ id: jobId })).finishedAt !== null, 'the job to end');
}

/** A dataset with a picture for each seed. @returns its id */
async function datasetOf(name: string, seeds: readonly number[]): Promise<number> {
  const { client } = stage.host;
  const { id } = await client.datasets.create({ name });
  const folder = join(stage.root, `pictures of ${name}`);
  await writeImages(folder, seeds);
  await ended((await client.imports.start({ datasetId: id, paths: [folder] })).id);
  return id;
}

test('ten images are tried, then all are collected, then what failed is tried again alone', options, async () => {
  const { web, host } = stage;
  const { id } = await host.client.datasets.create({ name: 'Tried' });
  const datasets = async () => (await host.client.datasets.list({})).map(({ name }) => name).sort();
  const known = await datasets();
  const page = await stage.open(`/datasets/${id}/collect`);
  await page.getByRole('textbox', { name: 'Pages', exact: true }).fill(`${web.site('gallery').origin}/`);
  await page.getByRole('button', { name: 'Advanced' }).click();
  await page.getByRole('textbox', { name: 'Private hosts that may be asked' }).fill([...web.allowHosts].join('\n'));
  await page.getByRole('button', { name: 'Try ten images' }).click();
  await page.getByText(/images came in the trial/).waitFor();
  assert.equal(await page.locator('.trial .filmstrip-item').count(), 10);
  assert.equal((await datasetNamed('Tried')).sampleCount, 0, 'a trial leaves the dataset as it is');

  await page.getByRole('button', { name: 'Start the whole run' }).click();
  await page.getByRole('heading', { name: 'Last run' }).waitFor({ timeout: 60_000 });
  const [job] = (await host.client.jobs.list({ datasetId: id })).items;
  assert.ok(job !== undefined && job.counts.failed > 0);
  const { items: failures } = await host.client.jobs.failures({ id: job.id, state: 'failed' });
  const asked = () =>
    web.requests().filter(({ path }) => failures.some(({ url }) => new URL(url).pathname === path)).length;
  const before = asked();
  const collected = (await datasetNamed('Tried')).sampleCount;
  await page.getByRole('button', { name: 'Try only these again' }).first().click();
  await until(() => asked() > before, 'what failed to be asked for again');
  await ended(job.id);
  assert.equal((await datasetNamed('Tried')).sampleCount, collected);
  assert.deepEqual(await datasets(), known, 'nothing is left of the trial');
});

test('folders, lists and links that are dropped become a dataset', options, async () => {
  const { web, host, root } = stage;
  await writeImages(join(root, 'birds', 'robin'), [501, 502]);
  await writeImages(join(root, 'birds', 'wren'), [503]);
  const listed = web.pictures.filter(({ kind }) => kind === 'honest').slice(0, 3);
  writeFileSync(join(root, 'more.txt'), listed.map(({ url }) => url).join('\n'));
  const { id } = await host.client.datasets.create({ name: 'Dropped' });

  const page = await stage.open('/');
  await page.getByRole('link', { name: 'Dropped', exact: true }).first().waitFor();
  await dropFiles(page, '.card:has-text("Dropped")', [join(root, 'birds')]);
  await until(async () => (await datasetNamed('Dropped')).sampleCount === 3, 'the folder to be imported');
  const counts = (await datasetNamed('Dropped')).labels.map(({ name, sampleCount }) => [name, sampleCount]);
  assert.deepEqual(counts.sort(), [
    ['robin', 2],
    ['wren', 1],
  ]);

  await page.goto(`${host.origin}/datasets/${id}/collect?compose`);
  await page.getByRole('heading', { name: 'Lists and folders' }).waitFor();
  await dropFiles(page, 'main', [join(root, 'more.txt')]);
  await page.getByText('more.txt').waitFor();
  await page.getByRole('button', { name: 'Advanced' }).click();
  await page.getByRole('textbox', { name: 'Private hosts that may be asked' }).fill(web.site('gallery').host);
  await page.getByRole('button', { name: 'Start collecting' }).click();
  await until(async () => (await datasetNamed('Dropped')).sampleCount === 6, 'the list to be collected');

  // Where nothing takes files the page stays what it is.
  await page.goto(`${host.origin}/jobs`);
  await page.getByRole('heading', { name: 'Jobs', level: 1 }).waitFor();
  await dropFiles(page, 'main', [join(root, 'more.txt')]);
  await page.getByRole('heading', { name: 'Jobs', level: 1 }).waitFor();
  assert.equal(new URL(page.url()).pathname, '/jobs');
});

test('a dataset is renamed, moved, duplicated, deleted and brought back', options, async () => {
  const { host } = stage;
  const { id: projectId } = await host.client.projects.create({ name: 'Zoo' });
  const { id } = await host.client.datasets.create({ name: 'Raw' });
  await datasetOf('Taken', [81, 82]);
  const page = await stage.open('/');
  const choose = async (name: string, item: string) => {
    await page.getByRole('button', { name: `Actions for “${name}”` }).click();
    await page.getByRole('menuitem', { name: item }).click();
  };
  await choose('Raw', 'Rename');
  await page.getByRole('textbox', { name: 'Name' }).fill('Taken');
  await page.getByRole('dialog').getByRole('button', { name: 'Rename' }).click();
  await page
    .getByRole('dialog')
    .getByText(/already|taken|exists/)
    .waitFor();
  await page.getByRole('textbox', { name: 'Name' }).fill('Cooked');
  await page.getByRole('dialog').getByRole('button', { name: 'Rename' }).click();
  await page.getByRole('link', { name: 'Cooked', exact: true }).first().waitFor();

  await choose('Cooked', 'Move to project…');
  await page.getByRole('dialog').getByRole('button', { name: 'Move' }).click();
  await until(async () => (await host.client.datasets.get({ id })).projectId === projectId, 'the move');

  await choose('Taken', 'Duplicate…');
  await page.getByRole('dialog').getByRole('button', { name: 'Duplicate' }).click();
  await until(
    async () => (await host.client.datasets.list({})).find(({ name }) => name === 'Taken copy')?.sampleCount === 2,
    'the copy',
  );

  await choose('Cooked', 'Delete');
  await page.getByRole('link', { name: 'Cooked', exact: true }).first().waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Undo', exact: true }).click();
  await page.getByRole('link', { name: 'Cooked', exact: true }).first().waitFor();

  // What was done is taken back by key, the last first, and done again.
  const { projectId: moved } = await host.client.datasets.get({ id });
  await page.keyboard.press('Control+z');
  await until(async () => (await host.client.datasets.get({ id })).projectId !== moved, 'the move to be taken back');
  await page.keyboard.press('Control+z');
  await page.getByRole('link', { name: 'Raw', exact: true }).first().waitFor();
  await page.keyboard.press('Control+Shift+z');
  await page.getByRole('link', { name: 'Cooked', exact: true }).first().waitFor();
  await choose('Cooked', 'Delete');
  await page.getByRole('link', { name: 'Cooked', exact: true }).first().waitFor({ state: 'detached' });
  await page.keyboard.press('Control+z');
  await page.getByRole('link', { name: 'Cooked', exact: true }).first().waitFor();
  await choose('Cooked', 'Delete');
  await page.getByRole('link', { name: 'Cooked', exact: true }).first().waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Trash' }).first().click();
  await page.getByRole('dialog').getByRole('button', { name: 'Restore' }).click();
  await page.keyboard.press('Escape');
  await page.getByRole('link', { name: 'Cooked', exact: true }).first().waitFor();
});

test('quarantined images and duplicate groups are reviewed by keyboard alone', options, async () => {
  const { web, host } = stage;
  const { client } = host;
  const { id } = await client.datasets.create({ name: 'Reviewed' });
  const sources = [`${web.site('gallery').origin}/`];
  await ended((await client.crawls.start({ datasetId: id, sources, allowHosts: [...web.allowHosts] })).id);
  const { statusCounts } = await client.datasets.get({ id });
  const page = await stage.open(`/datasets/${id}/review`);
  const { keyboard } = page;
  const counts = async () => (await client.datasets.get({ id })).statusCounts;
  await page.getByText(`0 of ${statusCounts.quarantined} reviewed`).waitFor();
  // What a dialog hides is left alone.
  await keyboard.press('?');
  await page.getByRole('dialog').waitFor();
  await keyboard.press('r');
  await keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  assert.deepEqual(await counts(), statusCounts);
  await keyboard.press('r');
  await keyboard.press('ArrowRight');
  await keyboard.press('a');
  await page.getByText(`2 of ${statusCounts.quarantined} reviewed`).waitFor();
  await until(async () => (await counts()).rejected === 1, 'the first to be rejected');
  await until(async () => (await counts()).accepted === statusCounts.accepted + 1, 'the third to be accepted');
  await keyboard.press('Control+z');
  await keyboard.press('Control+z');
  await until(async () => (await counts()).quarantined === statusCounts.quarantined, 'both to be undone');

  await tabTo(page, 'button', /All groups/);
  await keyboard.press('Enter');
  await page
    .getByText(/Group 1 of \d+/)
    .first()
    .waitFor();
  const groups = () => client.duplicates.list({ datasetId: id });
  const { items, total } = await groups();
  const [first] = items;
  assert.ok(first !== undefined && total >= 2);
  await keyboard.press('k');
  await until(async () => (await client.duplicates.get({ id: first.id })).keptBecause === 'chosen', 'another keeper');
  assert.equal((await client.duplicates.get({ id: first.id })).keeper.id, first.members[0]?.sample.id);
  await page
    .getByText(/Group 2 of \d+/)
    .first()
    .waitFor();
  // What is undone comes back into view, and so does what is done again.
  const inFront = (place: number) => page.locator('.review-progress').getByText(`Group ${place} of`).waitFor();
  await keyboard.press('Control+z');
  await inFront(1);
  assert.notEqual((await client.duplicates.get({ id: first.id })).keptBecause, 'chosen');
  await keyboard.press('ArrowDown');
  await inFront(2);
  await keyboard.press('Control+Shift+z');
  await inFront(1);
  await until(
    async () => (await client.duplicates.get({ id: first.id })).keptBecause === 'chosen',
    'it to be chosen again',
  );
  await keyboard.press('ArrowDown');
  await inFront(2);
  await keyboard.press('e');
  await until(async () => (await groups()).total === total - 1, 'the second group to be none');
  await keyboard.press('ArrowUp');
  await inFront(1);
  await keyboard.press('Control+z');
  await inFront(2);
  await until(async () => (await groups()).total === total, 'the second group to be back');
  await keyboard.press('r');
  await until(async () => (await counts()).rejected >= 1, 'the others of the group to be rejected');

  // Groups are no job's, and say so where the rest of the review is one's.
  const [job] = (await client.jobs.list({ datasetId: id })).items;
  assert.ok(job !== undefined);
  await page.goto(`${stage.host.origin}/datasets/${id}/review?job=${job.id}`);
  await page.getByRole('button', { name: /All groups/ }).click();
  await page.locator('header', { hasText: 'Of the whole dataset, not only of the job' }).waitFor();
  await screenshot(page, 'groups-from-job');
  await page.getByRole('button', { name: /All reasons/ }).click();
  await page.getByText(`Only what job ${job.id} added`).waitFor();
  assert.equal(new URL(page.url()).searchParams.get('job'), String(job.id), 'the way back is the same review');
  assert.deepEqual(stage.complaints(), []);
});

test('a job that another started is shown as it moves, and read only when its state changes', options, async () => {
  const { web, host } = stage;
  const { id: datasetId } = await host.client.datasets.create({ name: 'Watched' });
  const page = await stage.open('/jobs');
  await page.getByRole('heading', { name: 'Jobs', exact: true }).waitFor();
  let reads = 0;
  page.on('request', (request) => {
    if (/\/api\/v1\/jobs\/\d+$/.test(new URL(request.url()).pathname)) reads++;
  });
  const sources = [`${web.site('gallery').origin}/`];
  const job = await host.client.crawls.start({ datasetId, sources, allowHosts: [...web.allowHosts], delayMs: 60 });
  await page.locator(`a[href="/jobs/${job.id}"]`).first().click();
  const shown = new Set<string>();
  const bar = page.locator('.job-progress [role="progressbar"]');
  await bar.waitFor();
  await until(async () => {
    shown.add((await bar.getAttribute('aria-valuenow', { timeout: 1_000 }).catch(() => null)) ?? '');
    return page.getByText('Done', { exact: false }).first().isVisible();
  }, 'the end of the job');
  assert.ok(shown.size >= 6, `the bar stood at ${[...shown].join(', ')}`);
  assert.ok(reads <= 4, `the job was read ${reads} times while its bar took ${shown.size} places`);
  await page.getByText('Watched').first().waitFor();
});

test('what a site refuses comes only once it is ticked, and says so', options, async () => {
  const { web, host } = stage;
  const { id } = await host.client.datasets.create({ name: 'Overridden' });
  const page = await stage.open(`/datasets/${id}/collect`);
  await page.getByRole('textbox', { name: 'Pages', exact: true }).fill(`${web.site('robots-closed').origin}/`);
  await page.getByRole('button', { name: 'Advanced' }).click();
  await page.getByRole('textbox', { name: 'Private hosts that may be asked' }).fill([...web.allowHosts].join('\n'));
  const choices = page.getByRole('group', { name: 'Go past what sites refuse' }).getByRole('checkbox');
  assert.equal(await choices.count(), 4);
  for (const choice of await choices.all()) assert.equal(await choice.getAttribute('aria-checked'), 'false');
  const robots = page.getByRole('checkbox', { name: 'robots.txt' });
  await robots.click();
  await page.getByText('This run goes past what sites refuse by robots.txt.').waitFor();
  await screenshot(page, 'collect-override');
  assert.deepEqual(await seriousViolations(page), []);
  await page.reload();
  await page.getByRole('button', { name: 'Advanced' }).click();
  assert.equal(await robots.getAttribute('aria-checked'), 'false', 'it is chosen anew each time');
  await robots.click();
  await page.getByRole('button', { name: 'Start collecting' }).click();
  await page.getByRole('heading', { name: 'Last run' }).waitFor({ timeout: 60_000 });
  const { items } = await host.client.samples.list({ datasetId: id });
  assert.equal(items[0]?.origins[0]?.consent.verdict, 'overridden');
  await page.getByRole('link', { name: 'Everything about this job' }).click();
  await page.getByText('What was asked for').click();
  await page.getByText('Refusals gone past').waitFor();
});

test('an export links to the library only once that is ticked', options, async () => {
  const { host, root } = stage;
  const id = await datasetOf('Linked', [71, 72]);
  const page = await stage.open(`/datasets/${id}/export`);
  await page.getByLabel('Folder', { exact: true }).last().fill(root);
  const link = page.getByRole('checkbox', { name: 'Hard links instead of copies' });
  assert.equal(await link.getAttribute('aria-checked'), 'false');
  await page.getByRole('radio', { name: 'Zip file' }).click();
  assert.equal(await link.count(), 0, 'an archive has none');
  await page.getByRole('radio', { name: 'Folder', exact: true }).click();
  await link.click();
  await screenshot(page, 'export-hard-links');
  assert.deepEqual(await seriousViolations(page), []);
  await page.getByRole('button', { name: 'Export', exact: true }).click();
  await page.getByText('Every file was read back').waitFor();
  const { items } = await host.client.jobs.list({ datasetId: id });
  assert.equal(items[0]?.parameters.hardLinks, true);
  const outPath = String(items[0]?.result?.outPath);
  const images = readdirSync(join(outPath, 'unlabelled')).map((name) => statSync(join(outPath, 'unlabelled', name)));
  assert.deepEqual(
    images.map(({ nlink }) => nlink),
    [2, 2],
  );
});
