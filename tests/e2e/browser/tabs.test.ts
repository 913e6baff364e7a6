/** A browser has six connections to a host, for all of its tabs: no number of tabs or pages left behind may use them up. */

import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { launchChromium, SKIP_BROWSER } from './chromium.ts';
import { type RunningHost, startHost } from './running-host.ts';

const options = { skip: SKIP_BROWSER, timeout: 120_000 };
/** More than there are connections. */
const TABS = 9;

let folder: string;
let host: RunningHost;
let browser: Browser;
let context: BrowserContext;
let datasetId: number;

before(async () => {
  if (SKIP_BROWSER !== false) return;
  folder = await mkdtemp(join(tmpdir(), 'pixcrawler-tabs-'));
  host = await startHost({ dataDirectory: folder });
  ({ id: datasetId } = await host.client.datasets.create({ name: 'Tabs' }));
  // As people have it: pages that are left are kept to go back to.
  browser = await launchChromium([], ['--disable-back-forward-cache']);
  context = await browser.newContext();
  await context.addInitScript(() => {
    localStorage.setItem('pixcrawler-interface', JSON.stringify({ state: { onboarded: true }, version: 1 }));
    // A tab behind another: Playwright shows all of them.
    let isBehind = false;
    Object.defineProperty(document, 'hidden', { get: () => isBehind });
    document.addEventListener('put', (event) => {
      isBehind = (event as CustomEvent<boolean>).detail;
      document.dispatchEvent(new Event('visibilitychange'));
    });
  });
  const first = await context.newPage();
  await first.goto(host.url);
  await first.close();
});

after(async () => {
  await browser?.close();
  await host?.stop();
  if (folder !== undefined) await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
});

async function open(path: string): Promise<Page> {
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  await page.goto(host.origin + path);
  return page;
}

const put = (page: Page, isBehind: boolean) =>
  page.evaluate((detail) => void document.dispatchEvent(new CustomEvent('put', { detail })), isBehind);

const railShows = (page: Page, name: string) => page.locator('.rail').getByText(name, { exact: true }).waitFor();

test('more tabs than connections load, and each is up to date when it is looked at', options, async () => {
  const tabs: Page[] = [];
  for (let number = 0; number < TABS; number++) {
    const tab = await open(`/datasets/${datasetId}/browse`);
    await railShows(tab, 'Tabs');
    await put(tab, true);
    tabs.push(tab);
    // Their streams are let go of after two seconds.
    await tab.waitForTimeout(700);
  }
  const [first] = tabs;
  assert.ok(first !== undefined);
  await first.waitForTimeout(2_500);
  const { id } = await host.client.datasets.create({ name: 'Made meanwhile' });
  await first.waitForTimeout(500);
  assert.equal(await first.locator('.rail').getByText('Made meanwhile').count(), 0, 'nobody looks');
  assert.equal(await first.locator('.offline').count(), 0);
  await put(first, false);
  await railShows(first, 'Made meanwhile');
  await host.client.datasets.rename({ id, name: 'Made and renamed' });
  await railShows(first, 'Made and renamed');
  await Promise.all(tabs.map((tab) => tab.close()));
});

test(
  'pages that were left keep nothing that the next ones need, and are alive when one goes back',
  options,
  async () => {
    const page = await open('/');
    const screens = ['browse', 'collect', 'review', 'export'].map((screen) => `/datasets/${datasetId}/${screen}`);
    for (let round = 0; round < 3; round++) {
      for (const path of [...screens, '/settings/storage', '/jobs']) {
        const startedAt = performance.now();
        await page.goto(host.origin + path);
        await railShows(page, 'Tabs');
        assert.ok(performance.now() - startedAt < 8_000, `${path} took ${performance.now() - startedAt} ms`);
      }
    }
    // A page that was kept is there without loading.
    await page.goBack({ waitUntil: 'commit' });
    await railShows(page, 'Tabs');
    await host.client.datasets.create({ name: 'Made after going back' });
    await railShows(page, 'Made after going back');
  },
);
