/** Where an export goes: as it is typed, as it is refused, and as it is changed after it failed. */

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { until } from '../command-line.ts';
import { seriousViolations } from './accessibility.ts';
import { SKIP_BROWSER } from './chromium.ts';
import { writeImages } from './dropped.ts';
import { makeStage, type Stage, screenshot } from './stage.ts';

const options = { skip: SKIP_BROWSER, timeout: 120_000 };

let stage: Stage;
/** That of the host. */
let home: string;
let datasetId: number;

before(async () => {
  if (SKIP_BROWSER !== false) return;
  home = await mkdtemp(join(tmpdir(), 'pixcrawler-home-'));
  stage = await makeStage({ HOME: home });
  const { client } = stage.host;
  ({ id: datasetId } = await client.datasets.create({ name: 'Finches' }));
  await writeImages(join(stage.root, 'finches'), [81, 82]);
  await ended((await client.imports.start({ datasetId, paths: [join(stage.root, 'finches')] })).id);
});

after(async () => {
  await stage?.close();
  if (SKIP_BROWSER === false) await rm(home, { recursive: true });
});

async function ended(id: number): Promise<void> {
  await until(async () => (await stage.host.client.jobs.get({ id })).finishedAt !== null, 'the job to end');
}

test(
  'a name or a folder that leads nowhere is refused in words, and nothing says that it is written',
  options,
  async () => {
    const page = await stage.open(`/datasets/${datasetId}/export`);
    const folder = page.getByRole('textbox', { name: 'Folder', exact: true });
    const name = page.getByRole('textbox', { name: 'Name', exact: true });
    const start = page.getByRole('button', { name: 'Export', exact: true });
    const writes = page.getByText(/^Writes /);
    await page.getByText(`Writes ${home}/finches.`).waitFor();
    for (const [typed, words] of [
      ['a/b', /A name with \/ or \\ leads into another folder/],
      ['a:b', /^Windows takes no name with < > : " \| \? \*/],
    ] as const) {
      await name.fill(typed);
      await page.getByRole('alert').getByText(words).waitFor();
      assert.equal(await writes.count(), 0);
      assert.ok(await start.isDisabled());
    }
    await screenshot(page, 'export-name-refused');
    assert.deepEqual(await seriousViolations(page), []);
    await name.fill('finches');
    for (const [typed, words] of [
      ['sets', /Write the whole path from the root of the disk, or begin it with ~\//],
      ['~somebody/sets', /Write the whole path/],
      ['', /needs a folder/],
    ] as const) {
      await folder.fill(typed);
      await page.getByRole('alert').getByText(words).waitFor();
      assert.equal(await writes.count(), 0);
      assert.ok(await start.isDisabled());
    }
    await mkdir(join(home, 'taken'));
    await writeFile(join(home, 'taken', 'finches'), 'something');
    await folder.fill('~/taken');
    await page
      .getByRole('alert')
      .getByText(`Expected nothing at ${home}/taken/finches, but there is a file.`)
      .waitFor();
    assert.equal(await writes.count(), 0, 'what is refused is not written');
  },
);

test('~ is the home folder of the host, in the form and where folders are chosen', options, async () => {
  const page = await stage.open(`/datasets/${datasetId}/export`);
  const folder = page.getByRole('textbox', { name: 'Folder', exact: true });
  await folder.fill('~/sets');
  await page.getByText(`Writes ${home}/sets/finches.`).waitFor();
  // What ends before its start is answered shows as ended all the same.
  await page.route('**/api/v1/exports', async (route) => {
    const response = await route.fetch();
    await ended(((await response.json()) as { id: number }).id);
    await route.fulfill({ response });
  });
  await page.getByRole('button', { name: 'Export', exact: true }).click();
  await page.getByText('Every file was read back').waitFor();
  assert.ok(existsSync(join(home, 'sets', 'finches', 'metadata.jsonl')));
  // What is written there already is known by its whole path.
  await page.getByText(`Writes ${home}/sets/finches-2.`).waitFor();
  await page.reload();
  await page.getByText(`Writes ${home}/sets/finches-2.`).waitFor();
  assert.equal(await folder.inputValue(), '~/sets');
  await page.getByRole('button', { name: 'Choose…' }).click();
  const path = page.getByRole('dialog').getByRole('textbox', { name: 'Path' });
  await path.fill('~/sets');
  await path.press('Enter');
  await page.getByRole('dialog').getByRole('button', { name: 'finches', exact: true }).waitFor();
  await page.getByRole('dialog').getByRole('button', { name: 'Choose this folder' }).click();
  assert.equal(await folder.inputValue(), join(home, 'sets'));
});

test('an export that failed for its place is not tried again but changed', options, async () => {
  const { client } = stage.host;
  const outPath = join(home, 'occupied', 'finches');
  await mkdir(outPath, { recursive: true });
  await writeFile(join(outPath, 'mine.txt'), 'mine');
  const { id } = await client.exports.start({
    datasetId,
    format: 'csv',
    statuses: ['accepted', 'quarantined'],
    outPath,
  });
  await ended(id);
  const page = await stage.open(`/jobs/${id}`);
  await page
    .getByRole('alert')
    .getByText(/there is a folder that is not empty\. Remove it, or name another/)
    .waitFor();
  assert.equal(await page.getByRole('button', { name: /Try/ }).count(), 0);
  await screenshot(page, 'job-export-failed');
  assert.deepEqual(await seriousViolations(page), []);
  await page.getByRole('link', { name: 'Change the export' }).click();
  assert.equal(await page.getByRole('radio', { name: 'CSV' }).getAttribute('aria-checked'), 'true');
  assert.equal(await page.getByRole('checkbox', { name: /Quarantined/ }).getAttribute('aria-checked'), 'true');
  await page.getByRole('textbox', { name: 'Folder', exact: true }).fill(join(home, 'occupied'));
  // The name is one that no export of the dataset was given.
  await page.getByText(`Writes ${outPath}-2.`).waitFor();
  await screenshot(page, 'export-changed');
  assert.equal(await page.getByRole('button', { name: /Try/ }).count(), 0, 'nor does the list of exports offer it');
  assert.deepEqual(stage.complaints(), []);
});
