/** What the interface does beside a desktop: files by their path, files out of the window, dialogs of the system. */

import assert from 'node:assert/strict';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { draw, encode } from '../../web/draw.ts';
import { until } from '../command-line.ts';
import { SKIP_BROWSER } from './chromium.ts';
import { type DesktopPage, openDesktopPage } from './desktop-page.ts';
import { screenshot, tabTo } from './stage.ts';

const options = { skip: SKIP_BROWSER, timeout: 120_000 };

let desktop: DesktopPage;
let birds: string;

before(async () => {
  if (SKIP_BROWSER !== false) return;
  desktop = await openDesktopPage();
  birds = join(desktop.root, 'birds');
  for (const [index, label] of ['robin', 'robin', 'wren', 'wren', 'wren', 'owl'].entries()) {
    await mkdir(join(birds, label), { recursive: true });
    await writeFile(join(birds, label, `${index}.jpg`), (await encode(draw(700 + index, 320, 240), 'jpeg')).bytes);
  }
});

after(() => desktop?.close());

/** Drops files of this machine on the middle of an element, as a file manager does. */
async function drop(selector: string, files: readonly string[]): Promise<void> {
  const { page } = desktop;
  const box = await page.locator(selector).first().boundingBox();
  assert.ok(box !== null, selector);
  const session = await page.context().newCDPSession(page);
  const data = { items: [], files: [...files], dragOperationsMask: 1 };
  const at = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
    await session.send('Input.dispatchDragEvent', { type, ...at, data });
  }
  await session.detach();
}

/** Drops what a page of a browser gives: markup, addresses, and bytes without a path. */
async function dropFromBrowser(selector: string, data: Readonly<Record<string, string>>, bytes?: Uint8Array) {
  const { page } = desktop;
  const file = bytes === undefined ? null : Buffer.from(bytes).toString('base64');
  await page.locator(selector).first().waitFor();
  await page.evaluate(
    ([where, texts, encoded]) => {
      const transfer = new DataTransfer();
      for (const [type, text] of Object.entries(texts)) transfer.setData(type, text);
      if (encoded !== null) {
        const raw = Uint8Array.from(atob(encoded), (each) => each.charCodeAt(0));
        transfer.items.add(new File([raw], 'a picture.jpg', { type: 'image/jpeg' }));
      }
      const event = new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true });
      document.querySelector(where)?.dispatchEvent(event);
    },
    [selector, data, file] as const,
  );
}

const named = (name: string) => desktop.client.datasets.resolve({ name });
const jobsOf = async (name: string) => (await desktop.client.jobs.list({ datasetId: (await named(name)).id })).items;

test('a folder that is dropped is read where it lies, nothing is copied', options, async () => {
  const { page, beyond, client, dataDirectory } = desktop;
  await page.getByText('No datasets yet').waitFor();
  await beyond(({ beyond: there, parameter }) => {
    there.paths = { birds: parameter };
  }, birds);
  await drop('.drop-zone', [birds]);
  await until(async () => (await client.datasets.list({}))[0]?.sampleCount === 6, 'the folder to be imported');
  const dataset = await named('birds');
  assert.deepEqual(dataset.labels.map(({ name }) => name).sort(), ['owl', 'robin', 'wren']);
  const [job] = await jobsOf('birds');
  assert.deepEqual(job?.parameters.paths, [birds]);
  assert.deepEqual(await readdir(join(dataDirectory, 'uploads')), []);
});

test(
  'pictures dragged out of a browser are collected by their address, or kept where that is not known',
  options,
  async () => {
    const { client, goto } = desktop;
    await client.datasets.create({ name: 'From the web' });
    await goto('/');

    await desktop.page.locator('.card', { hasText: 'From the web' }).waitFor();
    const address = 'http://127.0.0.9:9/cat.jpg';
    const picture = (await encode(draw(800, 320, 240), 'jpeg')).bytes;
    const where = await desktop.page.locator('.card').evaluateAll((cards) => {
      cards.find((each) => each.textContent?.includes('From the web'))?.setAttribute('data-tested', '');
      return '[data-tested]';
    });

    const markup = `<a href="http://127.0.0.9:9/page"><img src="${address}" alt=""></a>`;
    await dropFromBrowser(where, { 'text/uri-list': 'http://127.0.0.9:9/page', 'text/html': markup }, picture);
    await until(async () => (await jobsOf('From the web')).length === 1, 'a crawl');
    const [crawl] = await jobsOf('From the web');
    assert.equal(crawl?.kind, 'crawl');
    assert.deepEqual(crawl?.parameters.sources, [address]);
    await dropFromBrowser(where, {}, picture);
    await until(async () => (await named('From the web')).sampleCount === 1, 'the picture to be imported');
  },
);

test('what the program is opened with is asked about', options, async () => {
  const { page, beyond, root } = desktop;
  const list = join(root, 'addresses.txt');
  await writeFile(list, 'http://127.0.0.9:9/a.jpg\n');
  await desktop.goto('/jobs');
  await page.getByRole('heading', { name: 'Jobs', level: 1 }).waitFor();
  await beyond(
    ({ beyond: there, parameter }) =>
      there.tellOpened?.({ paths: parameter, links: ['https://127.0.0.9:9/page', 'pixcrawler://x'] }),
    [join(birds, 'owl'), list],
  );
  const dialog = page.getByRole('dialog', { name: 'Add to a dataset' });
  await dialog.getByText('2 files and folders and 1 link').waitFor();
  await screenshot(page, 'desktop-opened');
  await dialog.getByRole('combobox', { name: 'Dataset' }).selectOption({ label: 'A new dataset' });
  await dialog.getByRole('textbox', { name: 'Name' }).fill('Opened');
  await dialog.getByRole('button', { name: 'Add', exact: true }).click();
  await dialog.waitFor({ state: 'detached' });
  await until(async () => (await jobsOf('Opened')).length === 2, 'an import and a crawl');
  const jobs = await jobsOf('Opened');
  assert.deepEqual(jobs.find(({ kind }) => kind === 'import')?.parameters.paths, [join(birds, 'owl')]);
  assert.deepEqual(jobs.find(({ kind }) => kind === 'crawl')?.parameters.sources, [
    'https://127.0.0.9:9/page',
    `urls:${list}`,
  ]);
  await until(async () => (await jobsOf('Opened')).every(({ finishedAt }) => finishedAt !== null), 'both to end');
});

test('what cannot be taken leaves no dataset behind, and what has begun is not begun again', options, async () => {
  const { page, beyond, client } = desktop;
  const dialog = page.getByRole('dialog', { name: 'Add to a dataset' });
  const open = (paths: readonly string[], links: readonly string[]) =>
    beyond(({ beyond: there, parameter }) => there.tellOpened?.(parameter), { paths: [...paths], links: [...links] });
  const add = dialog.getByRole('button', { name: 'Add', exact: true });
  const names = async () => (await client.datasets.list({})).map(({ name }) => name).sort();
  await desktop.goto('/jobs');
  const before = await names();
  await open(['/nowhere/at/all/photographs'], []);
  for (let press = 0; press < 2; press++) {
    await add.click();
    await dialog.getByRole('alert').waitFor();
    await add.and(page.locator(':enabled')).waitFor();
    assert.deepEqual(await names(), before);
  }
  assert.equal(await dialog.getByRole('textbox', { name: 'Name' }).getAttribute('aria-invalid'), null);
  await dialog.getByRole('button', { name: 'Cancel' }).click();

  // One that no crawl takes, after an import that has begun.
  await open([join(birds, 'owl')], [`https://127.0.0.9:9/${'x'.repeat(5_000)}`]);
  await dialog.getByRole('textbox', { name: 'Name' }).fill('Partly');
  for (let press = 0; press < 2; press++) {
    await add.click();
    await dialog.getByRole('alert').getByText('Part of it is on its way into “Partly”').waitFor();
    await add.and(page.locator(':enabled')).waitFor();
  }
  assert.deepEqual(
    (await jobsOf('Partly')).map(({ kind }) => kind),
    ['import'],
  );
  await dialog.getByRole('button', { name: 'Cancel' }).click();

  // A stranger's address may be long: it stays within the dialog.
  const long = `https://commons.example/w/index.php?search=${'a-long-word'.repeat(40)}`;
  await open([join(birds, 'owl')], [long, ...Array.from({ length: 1_000 }, (_, at) => `http://127.0.0.9:9/${at}.jpg`)]);
  await dialog.getByText('1 file or folder and 1,001 links').waitFor();
  const [frame, name] = [await dialog.boundingBox(), await dialog.getByRole('textbox', { name: 'Name' }).boundingBox()];
  assert.ok(name!.x + name!.width < frame!.x + frame!.width);
  await screenshot(page, 'desktop-opened-long');
  await dialog.getByRole('textbox', { name: 'Name' }).fill('Many');
  await add.click();
  await dialog.waitFor({ state: 'detached' });
  await until(async () => (await jobsOf('Many')).length === 3, 'an import and two crawls');
  const crawls = (await jobsOf('Many')).filter(({ kind }) => kind === 'crawl');
  assert.deepEqual(crawls.map(({ parameters }) => (parameters.sources as unknown[]).length).sort(), [1, 1_000]);
  for (const { id } of await jobsOf('Many')) await client.jobs.cancel({ id }).catch(() => undefined);
});

test(
  'selected images are dragged out of the grid, and by the handle, in the layout that was chosen',
  options,
  async () => {
    const { page, beyond } = desktop;
    const { id: datasetId } = await named('birds');
    const drags = () => beyond(({ beyond: there }) => there.drags.splice(0), null);
    await desktop.goto(`/datasets/${datasetId}/browse`);
    const tile = (index: number) => page.locator(`#sample-tile-${index} .sample-tile-picture`);
    await tile(0).click();
    const ids = (await desktop.client.samples.list({ datasetId })).items.map(({ id }) => id);

    // A tile that is not selected begins a marquee, as it always has.
    await tile(4).hover();
    await page.mouse.down();
    await page.mouse.move(5, 5, { steps: 5 });
    await page.mouse.up();
    assert.deepEqual(await drags(), []);

    await tile(0).click();
    await tile(1).click({ modifiers: ['Control'] });
    await page.getByRole('toolbar', { name: '2 selected' }).waitFor();
    await tile(0).hover();
    await page.mouse.down();
    await page.mouse.move(300, 400, { steps: 5 });
    await page.mouse.up();
    const [fromGrid, ...others] = await drags();
    assert.deepEqual(others, [], 'one drag a gesture');
    assert.ok(fromGrid?.kind === 'samples' && fromGrid.target.kind === 'ids');
    assert.equal(fromGrid.layout, 'files');
    assert.equal(fromGrid.target.ids.length, 2);
    assert.ok(fromGrid.target.ids.every((id) => ids.includes(id)));
    await page.getByRole('toolbar', { name: '2 selected' }).waitFor();

    await page.getByRole('button', { name: 'Drag as: Plain files' }).click();
    await page.getByRole('menuitem', { name: 'Zip archive' }).click();
    await page.getByRole('button', { name: 'Select all 6' }).click();
    const handle = page.getByRole('button', { name: 'Drag out' });
    await handle.hover();
    await page.mouse.down();
    await page.mouse.move(400, 300, { steps: 8 });
    await screenshot(page, 'desktop-selection');
    await page.mouse.up();
    assert.deepEqual(await drags(), [
      { kind: 'samples', datasetId, target: { kind: 'matching', filter: {}, exceptIds: [] }, layout: 'zip' },
    ]);
  },
);

test('a drag that takes long is shown until it is ready, and can be stopped', options, async () => {
  const { page, beyond } = desktop;
  const tell = (state: 'staging' | 'ready' | 'over' | 'failed', progress: number, key = 'k') =>
    beyond(
      ({ beyond: there, parameter }) =>
        there.tellDrag?.({ message: parameter.state === 'failed' ? 'The disk is full.' : null, ...parameter }),
      { key, state, progress },
    );
  const rail = page.getByRole('region', { name: 'Running' });
  await tell('staging', 40);
  const title = rail.getByText('Laying out files');
  await title.waitFor();
  const [titleBox, percentBox] = [await title.boundingBox(), await rail.getByText(/^40\s%$/).boundingBox()];
  assert.ok(percentBox!.height <= titleBox!.height + 1, 'the number has a line');
  assert.ok(
    await title.evaluate(({ scrollWidth, clientWidth }) => scrollWidth <= clientWidth),
    'and the words have room',
  );
  await screenshot(page, 'desktop-drag-staging');
  await tell('ready', 100);
  await rail.getByText('Ready: drag again').waitFor();
  await page.getByText('The files are ready. Drag again.').waitFor();
  await screenshot(page, 'desktop-drag-ready');
  await tell('over', 100);
  await rail.getByText('Ready: drag again').waitFor({ state: 'detached' });
  await tell('staging', 1, 'slow');
  await rail.getByRole('button', { name: 'Stop laying out files' }).click();
  assert.deepEqual(await beyond(({ beyond: there }) => there.cancelled, null), ['slow']);
  await tell('failed', 0);
  await page.getByText('The files to drag could not be laid out. The disk is full.').waitFor();
});

test('what leaves this window does not come back into it as an import', options, async () => {
  const { page } = desktop;
  const before = (await desktop.client.jobs.list({})).items.length;
  await page.getByRole('button', { name: 'Drag out' }).hover();
  await page.mouse.down();
  await page.mouse.move(500, 300, { steps: 8 });
  await drop('main', [birds]);
  await page.mouse.up();
  await page.waitForTimeout(200);
  assert.equal((await desktop.client.jobs.list({})).items.length, before);
});

test('what is dropped on the images of a dataset is imported into it', options, async () => {
  const { page, beyond, client } = desktop;
  const { id: datasetId } = await named('Opened');
  await desktop.goto(`/datasets/${datasetId}/browse`);
  await page.locator('#sample-tile-0 img').waitFor();
  const before = (await jobsOf('Opened')).length;
  const wrens = join(birds, 'wren');
  await beyond(({ beyond: there, parameter }) => {
    there.paths = { wren: parameter };
  }, wrens);
  await drop('main', [wrens]);
  await until(async () => (await jobsOf('Opened')).length === before + 1, 'an import to start');
  const [job] = await jobsOf('Opened');
  assert.deepEqual(job?.parameters.paths, [wrens]);
  await until(async () => (await client.datasets.get({ id: datasetId })).sampleCount === 4, 'its images to come');
});

test('in the library only what is under the pointer says what a drop comes to', options, async () => {
  const { page } = desktop;
  await desktop.goto('/');
  const card = page.locator('.card').first();
  await card.waitFor();
  const [zoneBox, cardBox] = [await page.locator('main').boundingBox(), await card.boundingBox()];
  const session = await page.context().newCDPSession(page);
  const send = (type: 'dragEnter' | 'dragOver' | 'drop', x: number, y: number) =>
    session.send('Input.dispatchDragEvent', {
      type,
      x,
      y,
      data: { items: [], files: [join(birds, 'owl')], dragOperationsMask: 1 },
    });
  const [beside, bottom] = [zoneBox!.x + zoneBox!.width / 2, zoneBox!.y + zoneBox!.height - 20];
  const asNew = page.getByText('Drop to make a dataset of it');
  await send('dragEnter', beside, bottom);
  await send('dragOver', beside, bottom);
  await asNew.waitFor();
  // The first enters it, the second is over it.
  for (let move = 0; move < 2; move++) await send('dragOver', cardBox!.x + 20, cardBox!.y + 20 + move);
  await page.getByText('Drop to import into this dataset').waitFor();
  assert.equal(await asNew.count(), 0);
  await send('drop', cardBox!.x + 20, cardBox!.y + 20);
  await session.detach();
  await page.locator('.drop-hint').waitFor({ state: 'detached' });
});

test('all of it works without a pointer: files are copied to a folder', options, async () => {
  const { page, beyond } = desktop;
  const { id: datasetId } = await named('birds');
  const copied = () => beyond(({ beyond: there }) => there.copied.splice(0), null);
  await desktop.goto(`/datasets/${datasetId}/browse`);
  await page.locator('#sample-tile-0 img').waitFor();
  await page.locator('.sample-grid').focus();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Control+k');
  await page.getByRole('dialog').getByRole('combobox').waitFor();
  await page.keyboard.type('Copy files to');
  await page.keyboard.press('Enter');
  await page.getByText('Files copied to /home/ann/copies').waitFor();
  const [one] = await copied();
  assert.ok(one?.kind === 'samples' && one.target.kind === 'ids' && one.target.ids.length === 1);

  await page.locator('.sample-grid').focus();
  await page.keyboard.press('Control+a');
  await tabTo(page, 'button', 'Drag out');
  await page.keyboard.press('Enter');
  await until(async () => (await copied())[0]?.kind === 'samples', 'the copies of the selection');

  await desktop.goto('/');
  await page.getByRole('button', { name: 'Actions for “birds”' }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('menuitem', { name: 'Copy files to…' }).press('Enter');
  await until(async () => (await copied())[0]?.kind === 'dataset', 'the copy of the dataset');
});

test('a dataset is dragged by its card, an export by its report', options, async () => {
  const { page, beyond, client, root } = desktop;
  const { id: datasetId } = await named('birds');
  const drags = () => beyond(({ beyond: there }) => there.drags.splice(0), null);
  await desktop.goto('/');
  await page.locator('.card', { hasText: 'birds' }).getByRole('link').hover();
  await page.mouse.down();
  await page.mouse.move(900, 700, { steps: 8 });
  await page.mouse.up();
  const layout = 'zip';
  assert.deepEqual(await drags(), [{ kind: 'dataset', datasetId, layout }]);

  const place = join(root, 'exports');
  await mkdir(place);
  await desktop.goto(`/datasets/${datasetId}/export`);
  await beyond(({ beyond: there, parameter }) => there.chosen.push([parameter]), place);
  await page.getByRole('button', { name: 'Choose', exact: false }).first().click();
  await until(async () => (await page.getByRole('textbox', { name: 'Folder' }).inputValue()) === place, 'the folder');
  assert.deepEqual(await beyond(({ beyond: there }) => there.purposes.splice(0), null), ['export-folder']);
  await page.getByRole('button', { name: 'Export', exact: true }).click();
  await page.getByRole('button', { name: 'Show in folder' }).click();
  const job = (await client.jobs.list({ datasetId })).items.find(({ kind }) => kind === 'export');
  assert.deepEqual(await beyond(({ beyond: there }) => there.shown.splice(0), null), [
    { kind: 'export', jobId: job?.id },
  ]);
  await page.getByRole('button', { name: 'Drag out' }).hover();
  await page.mouse.down();
  await page.mouse.move(900, 100, { steps: 8 });
  await page.mouse.up();
  assert.deepEqual(await drags(), [{ kind: 'export', jobId: job?.id }]);
  await screenshot(page, 'desktop-export');
});

test(
  'folders, images and lists are chosen in dialogs of the system; originals and the library are shown',
  options,
  async () => {
    const { page, beyond } = desktop;
    const { id: datasetId } = await named('birds');
    await desktop.goto(`/datasets/${datasetId}/collect?compose`);
    await beyond(
      ({ beyond: there }) =>
        there.chosen.push(['/home/ann/cats', '/home/ann/dogs'], ['/home/ann/a.jpg'], ['/home/ann/list.txt']),
      null,
    );
    await page.getByRole('button', { name: 'Choose folders…' }).click();
    await page.getByText('/home/ann/dogs').waitFor();
    await page.getByRole('button', { name: 'Choose images or archives…' }).click();
    await page.getByText('/home/ann/a.jpg').waitFor();
    await page.getByRole('button', { name: 'Choose a list…' }).click();
    await page.getByText('/home/ann/list.txt').waitFor();
    assert.deepEqual(await beyond(({ beyond: there }) => there.purposes.splice(0), null), [
      'import-folder',
      'import-files',
      'list-file',
    ]);
    await screenshot(page, 'desktop-collect');

    await desktop.goto(`/datasets/${datasetId}/browse`);
    await page.locator('#sample-tile-0 .sample-tile-picture').click();
    await page.getByRole('button', { name: 'Show the stored original in its folder' }).click();
    await screenshot(page, 'desktop-inspector');
    const [image] = await beyond(({ beyond: there }) => there.shown.splice(0), null);
    assert.equal(image?.kind, 'image');
    await desktop.goto('/settings/storage');
    await page.getByRole('button', { name: 'Show in folder' }).click();
    assert.deepEqual(await beyond(({ beyond: there }) => there.shown.splice(0), null), [{ kind: 'library' }]);
    assert.deepEqual(desktop.complaints, []);
  },
);

test(
  'a newer version that waits is told on every screen, and the channel of versions is a choice',
  options,
  async () => {
    const { page, beyond, client } = desktop;
    await desktop.goto('/settings/desktop');
    await page.getByLabel('Which versions').selectOption({ label: 'Versions that are still being tried' });
    const name = 'desktop.updateChannel';
    await until(async () => (await client.settings.get({ name })).value === 'beta', 'the channel is kept');
    await screenshot(page, 'desktop-settings');
    await client.settings.unset({ name });
    const notice = page.getByRole('status').filter({ hasText: '2.0.0' });
    assert.equal(await notice.count(), 0);
    await beyond(({ beyond: there }) => there.tellState?.({ updateVersion: '2.0.0' }), null);
    const [line, button] = await Promise.all(
      [page.locator('.status-line'), notice.getByRole('button')].map((each) => each.boundingBox()),
    );
    assert.ok(button!.y > line!.y && button!.y + button!.height < line!.y + line!.height, 'it is not cut');
    await screenshot(page, 'desktop-update');
    await notice.getByRole('button').click();
    await until(() => beyond(({ beyond: there }) => there.installs === 1, null), 'the update is installed');
    await page.getByRole('link', { name: 'Jobs' }).first().click();
    await notice.waitFor();
  },
);

test('in the smallest window the tools of the grid are on one line', options, async () => {
  const { page } = desktop;
  const { id: datasetId } = await named('birds');
  const before = page.viewportSize();
  await page.setViewportSize({ width: 720, height: 480 });
  await desktop.goto(`/datasets/${datasetId}/browse`);
  const tools = page.locator('.browse-toolbar');
  await tools.waitFor();
  const tops = await tools.locator(':scope > :is(button, .search-field, .browse-select)').evaluateAll((all) =>
    all.map((each) => {
      const { top, height } = each.getBoundingClientRect();
      return Math.round(top + height / 2);
    }),
  );
  assert.ok(tops.length > 8);
  assert.ok(Math.max(...tops) - Math.min(...tops) <= 2, tops.join());
  await screenshot(page, 'desktop-smallest');
  await page.setViewportSize(before ?? { width: 1440, height: 900 });
});
