/** Curating: the keys of Browse and Review wherever the focus is, the map that tells them, and the thresholds of rules. */

import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Page } from 'playwright-core';
import { draw, drawFlat, encode } from '../../web/draw.ts';
import { until } from '../command-line.ts';
import { seriousViolations } from './accessibility.ts';
import { SKIP_BROWSER } from './chromium.ts';
import { makeStage, type Stage, screenshot, tabTo } from './stage.ts';

const options = { skip: SKIP_BROWSER, timeout: 120_000 };

let stage: Stage;
let datasetId = 0;

/** Eight sound pictures, each of the first two smaller twice more, and three that are flat. */
before(async () => {
  if (SKIP_BROWSER !== false) return;
  stage = await makeStage();
  const { client } = stage.host;
  const folder = join(stage.root, 'pictures');
  mkdirSync(folder);
  const write = async (name: string, drawing: ReturnType<typeof draw>, scale = 1) =>
    writeFileSync(join(folder, `${name}.jpg`), (await encode(drawing, 'jpeg', { scale })).bytes);
  for (let seed = 1; seed <= 8; seed += 1) await write(`sound ${seed}`, draw(seed, 480, 360));
  for (const seed of [1, 2]) {
    await write(`half ${seed}`, draw(seed, 480, 360), 0.7);
    await write(`third ${seed}`, draw(seed, 480, 360), 0.5);
  }
  for (const grey of [20, 120, 240]) await write(`flat ${grey}`, drawFlat(400, 300, grey));
  datasetId = (await client.datasets.create({ name: 'Keys', labels: ['robin', 'wren'] })).id;
  const { id } = await client.imports.start({ datasetId, paths: [folder] });
  await until(async () => /completed/.test((await client.jobs.get({ id })).state), 'the import to end', 60_000);
  assert.ok((await client.duplicates.list({ datasetId })).total >= 2);
});

after(() => stage?.close());

const counts = async () => (await stage.host.client.datasets.get({ id: datasetId })).statusCounts;
const labelled = async (name: string) =>
  (await stage.host.client.datasets.get({ id: datasetId })).labels.find((label) => label.name === name)?.sampleCount;
const focusedTile = (page: Page) => page.locator('.sample-grid').getAttribute('aria-activedescendant');

test('in Browse arrows go through the grid wherever the focus is, and type where one types', options, async () => {
  const page = await stage.open(`/datasets/${datasetId}/browse`);
  const { keyboard } = page;
  await page.locator('.sample-tile[data-status]').first().waitFor();
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  await keyboard.press('ArrowRight');
  await keyboard.press('ArrowRight');
  const second = await focusedTile(page);
  assert.match(second ?? '', /1$/);
  // A button that was clicked has the focus.
  await page.getByRole('button', { name: 'Show label and size' }).click();
  await keyboard.press('ArrowRight');
  const third = await focusedTile(page);
  assert.notEqual(third, second);
  await keyboard.press('Shift+ArrowRight');
  await page.getByText('2 selected').first().waitFor();
  await keyboard.press('/');
  await keyboard.type('sound');
  await keyboard.press('ArrowLeft');
  assert.equal(await page.getByRole('searchbox').inputValue(), 'sound');
  await keyboard.press('Escape');
  await keyboard.press('Escape');
  // A slider moves by arrows itself.
  const size = page.getByRole('slider', { name: 'Thumbnail size' });
  await size.focus();
  const before = await size.inputValue();
  const place = await focusedTile(page);
  await keyboard.press('ArrowRight');
  assert.notEqual(await size.inputValue(), before);
  assert.equal(await focusedTile(page), place);
  assert.deepEqual(stage.complaints(), []);
});

test('space is for a control that one went to, and for the images after a click', options, async () => {
  const page = await stage.open(`/datasets/${datasetId}/browse`);
  const { keyboard } = page;
  await page.locator('.sample-tile[data-status]').first().waitFor();
  await tabTo(page, 'checkbox', 'Quarantined');
  await keyboard.press('Space');
  await page.waitForURL(/status=quarantined/);
  assert.equal(await page.getByRole('dialog').count(), 0);
  await page.getByRole('checkbox', { name: 'Quarantined' }).click();
  await page.waitForURL((url) => !url.search.includes('status'));
  // Whether or not the other list is there by now.
  await keyboard.press('Space');
  await page.getByText('15 images').first().waitFor();
  if ((await page.getByRole('dialog').count()) === 0) await keyboard.press('Space');
  await page.getByRole('dialog').waitFor();
  assert.ok(!new URL(page.url()).search.includes('status'));
  await keyboard.press('Space');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  // A list that was opened by the mouse gives the keys back.
  const sort = page.getByRole('combobox', { name: 'Sort by' });
  await sort.dispatchEvent('pointerdown');
  await sort.focus();
  await sort.selectOption('Name');
  assert.ok(!(await sort.evaluate((element) => element === document.activeElement)));
  await tabTo(page, 'combobox', 'Sort by');
  await sort.selectOption('Added');
  assert.ok(await sort.evaluate((element) => element === document.activeElement), 'who went there stays there');
  assert.deepEqual(stage.complaints(), []);
});

test('sections by duplicate group hold the keeper and what is set aside for it, in any number', options, async () => {
  const page = await stage.open(`/datasets/${datasetId}/browse`);
  await page.locator('.sample-tile[data-status]').first().waitFor();
  await page.getByRole('combobox', { name: 'Sections' }).selectOption('By duplicate group');
  const headings = page.locator('.sample-heading:not(.sample-heading-pinned)');
  await headings.getByText('Without near-duplicates · 9').waitFor();
  assert.deepEqual(await headings.allTextContents(), ['Group 1 · 3', 'Group 2 · 3', 'Without near-duplicates · 9']);
  const status = (index: number) => page.locator(`[data-index="${index}"]`).getAttribute('data-status');
  assert.deepEqual(await Promise.all([0, 1, 2, 3].map(status)), ['accepted', 'quarantined', 'quarantined', 'accepted']);
  assert.ok(await page.getByRole('combobox', { name: 'Sort by' }).isDisabled());
  await screenshot(page, 'curating-groups-in-browse');
  assert.deepEqual(await seriousViolations(page), []);
  await page.reload();
  await headings.getByText('Group 2 · 3').waitFor();
  assert.deepEqual(stage.complaints(), []);
});

test(
  'at 900 px the actions of a group are one row, and nothing in the bar of the viewer runs together',
  options,
  async () => {
    const page = await stage.open(`/datasets/${datasetId}/review?queue=groups`, { width: 900 });
    await page.getByRole('button', { name: 'Reject the others' }).waitFor();
    await screenshot(page, 'curating-groups-narrow');
    const bottoms = await page
      .locator('.review-actions button')
      .evaluateAll((buttons) => buttons.map((button) => Math.round(button.getBoundingClientRect().bottom)));
    assert.ok(bottoms.length >= 6 && Math.max(...bottoms) - Math.min(...bottoms) < 20, bottoms.join(', '));
    await page.getByRole('button', { name: 'Preview' }).click();
    const viewer = page.getByRole('dialog');
    const edges = async (part: string) => viewer.locator(part).evaluate((element) => element.getBoundingClientRect());
    await viewer.locator('.viewer-facts').waitFor();
    await screenshot(page, 'curating-viewer-narrow');
    const [facts, place] = [await edges('.viewer-facts'), await edges('.viewer-place')];
    assert.ok(facts.width > 40 && place.left - facts.right >= 8, JSON.stringify({ facts, place }));
    await page.goto(`${stage.host.origin}/datasets/${datasetId}/browse?q=sound+3&reason=flat`);
    await page.getByRole('heading', { name: 'No image matches these filters' }).waitFor();
    await page.getByRole('button', { name: 'Filters' }).first().click();
    await page.locator('.facet-none').first().waitFor();
    assert.match((await page.locator('.facet-none').first().textContent()) ?? '', /^Nothing under these filters$/);
  },
);

test('the fields of the inspector are alike, and a toast covers nothing that is worked with', options, async () => {
  const page = await stage.open(`/datasets/${datasetId}/browse`);
  const tiles = page.locator('.sample-tile[data-status]');
  await tiles.first().click();
  const fields = page.locator('.inspector-fields').locator('.picker-field, select, .tags-field');
  await fields.nth(2).waitFor();
  const boxes = await fields.evaluateAll((elements) =>
    elements.map((element) => {
      const inner = element.querySelector('input') ?? element;
      const style = getComputedStyle(inner);
      const { left, height } = element.getBoundingClientRect();
      return [height, inner.getBoundingClientRect().left + Number.parseFloat(style.paddingLeft) - left, style.fontSize];
    }),
  );
  assert.deepEqual(boxes[1]?.slice(0, 1), boxes[0]?.slice(0, 1));
  for (const [height, inset, size] of boxes) {
    assert.equal(height, 28);
    assert.ok(Math.abs(Number(inset) - 8) <= 1, `text begins at ${inset} px`);
    assert.equal(size, '12px');
  }
  // What can be folded away has the same mark everywhere.
  assert.equal(await page.locator('.inspector summary:not(:has(.disclosure-mark))').count(), 0);
  const toastCovers = async () => {
    const toast = await page.locator('.toast').evaluate((element) => element.getBoundingClientRect());
    const line = await page.locator('.status-line').evaluate((element) => element.getBoundingClientRect());
    const disk = await page.locator('.status-line-end').evaluate((element) => element.getBoundingClientRect());
    assert.ok(toast.top >= line.top && toast.right < disk.left, JSON.stringify({ toast, line, disk }));
    return line.top;
  };
  await page.keyboard.press('r');
  await page.locator('.toast').waitFor();
  await screenshot(page, 'curating-toast');
  await toastCovers();
  await page.keyboard.press('Space');
  await page.keyboard.press('h');
  const viewer = page.getByRole('dialog');
  await viewer.locator('.viewer-histogram').waitFor();
  await screenshot(page, 'curating-viewer-toast');
  assert.ok((await viewer.evaluate((element) => element.getBoundingClientRect().bottom)) <= (await toastCovers()));
  await page.keyboard.press('Control+z');
  await page.locator('.toast', { hasText: /^Undone/ }).waitFor();
});

test('in a review space previews, keys decide there too, and / finds', options, async () => {
  const page = await stage.open(`/datasets/${datasetId}/review?reason=flat`);
  const { keyboard } = page;
  await page.getByText('0 of 3 reviewed').waitFor();
  const moment = page.locator('.inspector-history time').first();
  assert.match((await moment.textContent()) ?? '', /^(just now|.* ago)$/);
  assert.match((await moment.getAttribute('title')) ?? '', /\d{4}, \d\d:\d\d$/);
  await screenshot(page, 'curating-review');
  await keyboard.press('Space');
  const viewer = page.getByRole('dialog');
  await viewer.waitFor();
  await viewer.getByText('1 of 3').waitFor();
  await screenshot(page, 'curating-review-viewer');
  await keyboard.press('2');
  await until(async () => (await labelled('wren')) === 1, 'a label from the viewer');
  await keyboard.press('r');
  await until(async () => (await counts()).rejected === 1, 'a rejection from the viewer');
  await viewer.getByText('2 of 3').waitFor();
  await keyboard.press('ArrowRight');
  await viewer.getByText('3 of 3').waitFor();
  await keyboard.press('Space');
  await viewer.waitFor({ state: 'detached' });
  await page.getByText('1 of 3 reviewed').waitFor();
  await keyboard.press('/');
  await keyboard.type('flat 120');
  await page.getByText('0 of 1 reviewed').waitFor();
  await keyboard.type(' nothing');
  await page.getByRole('heading', { name: 'Nothing that is quarantined holds these words' }).waitFor();
  await page.getByRole('button', { name: 'Clear the search' }).last().click();
  await page.getByText(/0 of \d+ reviewed/).waitFor();
  assert.deepEqual(stage.complaints(), []);
});

test('a review keeps its place when all that is shown is read again', options, async () => {
  const page = await stage.open('/');
  // The stream of events comes late, as on a busy machine, and with it everything is read anew.
  let connect = () => {};
  const connected = new Promise<void>((resolve) => {
    connect = resolve;
  });
  await page.route('**/api/v1/events', (route) => connected.then(() => route.continue()));
  let queueReads = 0;
  page.on('request', (request) => {
    if (request.url().endsWith('/samples/ids')) queueReads += 1;
  });
  await page.goto(`${stage.host.origin}/datasets/${datasetId}/review?reason=near-duplicate`);
  const [, total] = /0 of (\d+) reviewed/.exec((await page.locator('.review-progress').textContent()) ?? '') ?? [];
  await page.keyboard.press('q');
  await page.getByText(`1 of ${total} reviewed`).waitFor();
  await page.locator('.toast', { hasText: 'Undo' }).waitFor();
  const readAgain = page.waitForResponse((response) => response.url().endsWith('/samples/facets'));
  connect();
  await readAgain;
  await page.getByText(`1 of ${total} reviewed`).waitFor();
  assert.equal(queueReads, 1);
  await page.keyboard.press('Control+z');
  await page.getByText(`0 of ${total} reviewed`).waitFor();
});

test('in a duplicate group A, Q, R and the digits are about the image in front', options, async () => {
  const { client } = stage.host;
  const page = await stage.open(`/datasets/${datasetId}/review?queue=groups`);
  const { keyboard } = page;
  await page
    .getByText(/Group 1 of \d+/)
    .first()
    .waitFor();
  const [group] = (await client.duplicates.list({ datasetId })).items;
  assert.ok(group !== undefined && group.memberCount === 2);
  const before = await counts();
  const strip = page.locator('.review-strip button').first();
  const width = (await strip.boundingBox())?.width ?? 0;
  await keyboard.press(']');
  await until(async () => ((await strip.boundingBox())?.width ?? 0) > width, 'a larger strip');
  await keyboard.press('1');
  await until(async () => (await labelled('robin')) === 1, 'a label');
  await page.locator('.review-label').getByText('robin').waitFor();
  await screenshot(page, 'curating-groups');
  await keyboard.press('Space');
  await page.getByRole('dialog').waitFor();
  await keyboard.press('c');
  assert.equal(await page.locator('.viewer-pane').count(), 2);
  await keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await keyboard.press('r');
  await until(async () => (await counts()).rejected === before.rejected + 1, 'one to be rejected');
  await until(async () => (await client.duplicates.get({ id: group.id })).memberCount === 1, 'it to leave the group');
  await page.locator('.review-strip li').nth(1).waitFor({ state: 'detached' });
  await page.getByRole('group', { name: 'Duplicate 1' }).getByRole('button', { name: 'Accept' }).click();
  await until(async () => (await counts()).accepted === before.accepted + 1, 'the other to be accepted');
  await page
    .getByText(/Group 1 of 1/)
    .first()
    .waitFor();
  await keyboard.press('x');
  await until(async () => (await counts()).rejected === before.rejected + 3, 'the others of the next group');
  assert.deepEqual(stage.complaints(), []);
});

test('the keyboard map shows the screen in front first, and all others', options, async () => {
  const page = await stage.open('/');
  await page.getByRole('heading', { name: 'Library' }).waitFor();
  const headings = async () => {
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keyboard' }).waitFor();
    return page.getByRole('dialog').getByRole('heading', { level: 4 }).allTextContents();
  };
  const all = [
    'Library',
    'Everywhere',
    'Collect',
    'Browse',
    'Viewer',
    'Review',
    'Review: duplicate groups',
    'Export',
    'Jobs',
  ];
  assert.deepEqual(await headings(), all);
  await screenshot(page, 'curating-map');
  assert.deepEqual(await seriousViolations(page), []);
  await page.goto(`${stage.host.origin}/datasets/${datasetId}/browse`);
  await page.locator('.sample-tile[data-status]').first().waitFor();
  assert.deepEqual((await headings()).slice(0, 3), ['Browse', 'Everywhere', 'Library']);
  assert.ok(await page.getByRole('dialog').getByText('Give one of the first nine labels').first().isVisible());
});

test('each measured rule shows how the images are spread around its threshold', options, async () => {
  const page = await stage.open('/settings/rules');
  const rows = page.locator('.rule-histogram');
  await rows.nth(8).waitFor();
  assert.equal(await rows.count(), 9);
  const dark = page.locator('.rule', { hasText: 'Too dark below' });
  await dark.getByText('1 of 15 images below it').waitFor();
  const threshold = dark.getByRole('slider');
  await threshold.focus();
  await page.keyboard.press('End');
  await dark.getByText('15 of 15 images below it').waitFor();
  // A threshold beyond all images stands where it is, not at the last of them.
  const bright = page.locator('.rule', { hasText: 'Too bright above' });
  const limit = bright.getByRole('slider');
  const ends = await bright.locator('.rule-legend > span').allTextContents();
  const [from, to] = [Number(ends[0]), Number(ends[2])];
  assert.equal(await limit.getAttribute('aria-valuenow'), '220');
  assert.ok(from <= 220 && to >= 220 && to <= 255, `220 lies on an axis from ${from} to ${to}`);
  const left = await limit.evaluate((handle) => Number.parseFloat(handle.style.left));
  assert.ok(Math.abs(left - (100 * (220 - from)) / (to - from)) < 2, `220 stands at ${left} % from ${from} to ${to}`);
  // What has no contrast is not looked at for blur.
  const blur = page.locator('.rule', { hasText: 'Lowest sharpness at half size' });
  await blur.getByText('0 of 12 images below it').waitFor();
  await blur.scrollIntoViewIfNeeded();
  await screenshot(page, 'curating-rules');
  assert.deepEqual(await seriousViolations(page), []);
  assert.deepEqual(stage.complaints(), []);
});

test('when images are compared all is about the active one, then about the one left', options, async () => {
  const { client } = stage.host;
  const target = { kind: 'matching' as const, filter: {}, exceptIds: [] };
  await client.decisions.apply({ datasetId, target, change: { status: 'accepted', label: null } });
  const page = await stage.open(`/datasets/${datasetId}/browse`);
  const { keyboard } = page;
  const tiles = page.locator('.sample-tile[data-status]');
  await tiles.nth(3).waitFor();
  await tiles.first().click();
  for (const place of [1, 2, 3]) await tiles.nth(place).click({ modifiers: ['ControlOrMeta'] });
  await page.getByRole('toolbar', { name: '4 selected' }).waitFor();
  const bar = await page.locator('.selection-bar').boundingBox();
  await screenshot(page, 'curating-selection');
  assert.ok(bar !== null && bar.height < 48, `the bar of the selection is one row: ${bar?.height} px`);
  await keyboard.press('c');
  const viewer = page.getByRole('dialog');
  const spokenOf = async () => {
    const title = await viewer.locator('.viewer-title .truncate').textContent();
    await viewer
      .getByRole('heading', { name: title ?? '', exact: true, level: 2 })
      .last()
      .waitFor();
    assert.equal(await viewer.locator('.inspector-title').textContent(), title);
    assert.equal(await viewer.locator('.viewer-pane[data-active] img').last().getAttribute('alt'), title);
    return [title, await viewer.locator('.viewer-place').textContent()] as const;
  };
  const [first, firstPlace] = await spokenOf();
  assert.equal(firstPlace, '1 of 15');
  await keyboard.press('ArrowRight');
  const [second, secondPlace] = await spokenOf();
  assert.notEqual(second, first);
  assert.equal(secondPlace, '2 of 15');
  await screenshot(page, 'curating-compare-four');
  await keyboard.press('1');
  await until(async () => (await labelled('robin')) === 1, 'one image to be labelled');
  // Back to the one that was active: what is selected behind it is not decided about.
  await keyboard.press('c');
  await viewer.locator('.viewer-panes[data-panes="1"]').waitFor();
  assert.equal(await viewer.locator('.viewer-title .truncate').textContent(), second);
  await keyboard.press('r');
  await until(async () => (await counts()).rejected > 0, 'the image to be rejected');
  assert.equal((await counts()).rejected, 1);
  await viewer.getByText('3 of 15').waitFor();
  assert.equal(await labelled('robin'), 1);
  assert.deepEqual(stage.complaints(), []);
});

test(
  'a decision that does not reach the core says that it was not kept, and what could not be read comes back',
  options,
  async () => {
    const page = await stage.open(`/datasets/${datasetId}/browse?q=sound`);
    const tiles = page.locator('.sample-tile[data-status]');
    await tiles.nth(1).waitFor();
    await tiles.first().click();
    await page.locator('.inspector-picture img').first().waitFor();
    const before = await counts();
    const was = await tiles.first().getAttribute('data-status');
    await page.context().setOffline(true);
    await page.keyboard.press(was === 'quarantined' ? 'a' : 'q');
    await page.getByText('so this decision was not kept', { exact: false }).first().waitFor();
    await screenshot(page, 'curating-offline');
    await page.getByText('This image cannot be shown').waitFor();
    assert.equal(await tiles.first().getAttribute('data-status'), was);
    await page.context().setOffline(false);
    await page.getByText('This image cannot be shown').waitFor({ state: 'detached', timeout: 5_000 });
    assert.deepEqual(await counts(), before);
  },
);
