/** Every screen in light and dark, empty, full, failing and narrow: held to what axe knows, and saved to be looked at. */

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { until } from '../command-line.ts';
import { seriousViolations } from './accessibility.ts';
import { SKIP_BROWSER } from './chromium.ts';
import { makeStage, type Stage, screenshot } from './stage.ts';

const options = { skip: SKIP_BROWSER, timeout: 240_000 };
const NARROW_PX = 900;

let stage: Stage;
let full = 0;
let empty = 0;
let jobId = 0;

before(async () => {
  if (SKIP_BROWSER !== false) return;
  stage = await makeStage();
  const { client } = stage.host;
  const { web } = stage;
  full = (await client.datasets.create({ name: 'Garden birds', labels: ['robin', 'wren'] })).id;
  empty = (await client.datasets.create({ name: 'Empty' })).id;
  const sources = [{ source: `${web.site('gallery').origin}/`, label: 'wren' }, 'openverse:birds'];
  jobId = (await client.crawls.start({ datasetId: full, sources, allowHosts: [...web.allowHosts] })).id;
  await until(async () => /completed/.test((await client.jobs.get({ id: jobId })).state), 'the crawl to end', 60_000);
});

after(() => stage?.close());

interface Screen {
  readonly name: string;
  readonly path: () => string;
  /** Holds once the screen shows what it is for. */
  readonly ready: (page: Page) => Promise<unknown>;
}

const heading = (name: string | RegExp) => (page: Page) => page.getByRole('heading', { name }).first().waitFor();
const tile = (page: Page) => page.locator('.sample-tile[data-status]').first().waitFor();

const SCREENS: readonly Screen[] = [
  { name: 'library', path: () => '/', ready: heading('Default') },
  { name: 'browse', path: () => `/datasets/${full}/browse`, ready: tile },
  { name: 'browse-empty', path: () => `/datasets/${empty}/browse`, ready: heading(/no images|empty|nothing/i) },
  { name: 'collect', path: () => `/datasets/${full}/collect`, ready: heading('Last run') },
  { name: 'collect-empty', path: () => `/datasets/${empty}/collect`, ready: heading('What to collect') },
  {
    name: 'review',
    path: () => `/datasets/${full}/review`,
    ready: (page) => page.getByText(/0 of \d+ reviewed/).waitFor(),
  },
  { name: 'export', path: () => `/datasets/${full}/export`, ready: heading('Exports of this dataset') },
  { name: 'jobs', path: () => '/jobs', ready: heading('Jobs') },
  { name: 'job', path: () => `/jobs/${jobId}`, ready: heading(/Collection: Garden birds/) },
  ...['storage', 'collecting', 'sources', 'rules', 'health', 'appearance'].map((section) => ({
    name: `settings-${section}`,
    path: () => `/settings/${section}`,
    ready: (page: Page) => page.getByRole('heading', { level: 1 }).waitFor(),
  })),
  { name: 'not-found', path: () => '/nowhere', ready: heading('There is nothing at this address') },
  { name: 'dataset-missing', path: () => '/datasets/99999/browse', ready: heading('The dataset cannot be shown') },
];

/** Images and charts have come, and nothing moves. */
async function settled(page: Page): Promise<void> {
  await page.waitForLoadState('load');
  await page.waitForTimeout(300);
}

for (const theme of ['light', 'dark'] as const) {
  describe(`in ${theme}`, options, () => {
    for (const screen of SCREENS) {
      test(`${screen.name} is accessible`, options, async () => {
        const page = await stage.open(screen.path(), { theme });
        await screen.ready(page);
        await settled(page);
        await screenshot(page, `${screen.name}-${theme}`);
        assert.deepEqual(await seriousViolations(page), []);
        await page.context().close();
      });
    }
  });
}

describe(`at ${NARROW_PX} px`, options, () => {
  for (const screen of SCREENS) {
    test(`${screen.name} needs no scrolling sideways`, options, async () => {
      const page = await stage.open(screen.path(), { width: NARROW_PX });
      await screen.ready(page);
      await settled(page);
      await screenshot(page, `${screen.name}-narrow`);
      const overflow = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      assert.equal(overflow, 0);
      await page.context().close();
    });
  }
});

test('what lies over a screen is accessible too', options, async () => {
  const page = await stage.open(`/datasets/${full}/browse`);
  await tile(page);
  const over: readonly (readonly [string, () => Promise<void>])[] = [
    ['palette', () => page.keyboard.press('Control+k')],
    ['keyboard-map', () => page.keyboard.press('?')],
    ['viewer', () => page.locator('.sample-tile[data-status]').first().dblclick()],
  ];
  for (const [name, show] of over) {
    await show();
    await page.getByRole('dialog').first().waitFor();
    await settled(page);
    await screenshot(page, name);
    assert.deepEqual(await seriousViolations(page), [], name);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').first().waitFor({ state: 'detached' });
  }
});

test('the drawer and dialogs are accessible', options, async () => {
  const narrow = await stage.open('/', { width: NARROW_PX });
  await narrow.getByRole('button', { name: 'Open navigation' }).click();
  await narrow.getByRole('dialog').waitFor();
  await settled(narrow);
  await screenshot(narrow, 'drawer');
  assert.deepEqual(await seriousViolations(narrow), [], 'drawer');
  const page = await stage.open('/');
  for (const [button, name] of [
    ['New dataset', 'new-dataset'],
    ['Trash', 'trash'],
  ] as const) {
    await page.getByRole('button', { name: button }).first().click();
    await page.getByRole('dialog').waitFor();
    await settled(page);
    await screenshot(page, name);
    assert.deepEqual(await seriousViolations(page), [], name);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  }
});

test('an image looked into and a group of duplicates are accessible', options, async () => {
  const page = await stage.open(`/datasets/${full}/browse`, { theme: 'dark' });
  await tile(page);
  await page.locator('.sample-tile[data-status]').first().click();
  await page.getByText('Measured against the rules').waitFor();
  await settled(page);
  await screenshot(page, 'inspector-dark');
  assert.deepEqual(await seriousViolations(page), [], 'inspector');
  await page.goto(`${stage.host.origin}/datasets/${full}/review`);
  await page.getByText('All groups').click();
  await page
    .getByText(/Group 1 of \d+/)
    .first()
    .waitFor();
  await settled(page);
  await screenshot(page, 'groups-dark');
  assert.deepEqual(await seriousViolations(page), [], 'groups');
});

test('a page whose host is gone says so, and shows what it has', options, async () => {
  const page = await stage.open('/');
  await page.getByRole('heading', { name: 'Default' }).waitFor();
  await page.route('**/api/**', (route) => route.abort());
  await page.evaluate(() => window.dispatchEvent(new Event('offline')));
  await stage.host.stop();
  await page.getByText('PixCrawler cannot be reached').waitFor({ timeout: 20_000 });
  await settled(page);
  await screenshot(page, 'offline');
  assert.deepEqual(await seriousViolations(page), []);
  await stage.restart();
});
