/** A host, a local web and a page in Chromium, for tests that go through the interface. */

import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { type LocalWeb, startWeb } from '../../web/web.ts';
import { launchChromium } from './chromium.ts';
import { type RunningHost, startHost } from './running-host.ts';

const SCREENSHOTS = fileURLToPath(new URL('../screenshots/', import.meta.url));
/** What a page may complain about when its host is gone, or an answer is a refusal that it shows. */
const EXPECTED = /Failed to load resource|net::ERR_/;

export interface Stage {
  readonly web: LocalWeb;
  /** Replaced by `restart`. */
  host: RunningHost;
  readonly browser: Browser;
  /** A folder for exports and lists. */
  readonly root: string;
  readonly dataDirectory: string;
  /** A page that is let in, at a path of the interface. */
  open(path?: string, options?: PageOptions): Promise<Page>;
  /** Starts a host on the same data and port. */
  restart(): Promise<void>;
  /** What pages complained about so far: errors of scripts, and of the policy. */
  complaints(): readonly string[];
  close(): Promise<void>;
}

export interface PageOptions {
  readonly width?: number;
  readonly theme?: 'light' | 'dark';
  /** Whether the introduction was seen. Default true. */
  readonly onboarded?: boolean;
}

/** @param environment settings of the host */
export async function makeStage(environment: Readonly<Record<string, string>> = {}): Promise<Stage> {
  const root = await mkdtemp(join(tmpdir(), 'pixcrawler-browser-'));
  const dataDirectory = join(root, 'data');
  const web = await startWeb({ sites: ['gallery', 'api', 'robots-closed'], galleryImages: 40, galleryPages: 8 });
  const settings = {
    PIXCRAWLER_WORKERS_PROCESSES: '1',
    PIXCRAWLER_CRAWL_DELAY_MS: '0',
    PIXCRAWLER_SOURCES_OPENVERSE_URL: web.site('api').origin,
    PIXCRAWLER_SOURCES_WIKIMEDIA_URL: web.site('api').origin,
    ...environment,
  };
  const browser = await launchChromium();
  const contexts: BrowserContext[] = [];
  const complaints: string[] = [];
  const stage: Stage = {
    web,
    host: await startHost({ dataDirectory, environment: settings }),
    browser,
    root,
    dataDirectory,
    async open(path = '/', { width = 1440, theme = 'light', onboarded = true } = {}) {
      const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme: theme });
      contexts.push(context);
      await context.addInitScript(
        (state) => {
          if (!localStorage.getItem('pixcrawler-interface')) localStorage.setItem('pixcrawler-interface', state);
        },
        JSON.stringify({ state: { theme, onboarded, motion: 'reduced' }, version: 1 }),
      );
      const page = await context.newPage();
      page.setDefaultTimeout(15_000);
      page.on('pageerror', (error) => complaints.push(error.message));
      page.on('console', (message) => {
        if (message.type() === 'error' && !EXPECTED.test(message.text())) complaints.push(message.text());
      });
      await page.goto(stage.host.url);
      if (path !== '/') await page.goto(stage.host.origin + path);
      return page;
    },
    async restart() {
      const port = Number(new URL(stage.host.origin).port);
      stage.host = await startHost({ dataDirectory, port, environment: settings });
    },
    complaints: () => complaints,
    async close() {
      await Promise.all(contexts.map((context) => context.close()));
      await browser.close();
      await stage.host.stop();
      await web.close();
      await rm(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    },
  };
  return stage;
}

/** Saves what a page shows, to be looked at. */
export async function screenshot(page: Page, name: string): Promise<void> {
  await mkdir(SCREENSHOTS, { recursive: true });
  await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`), animations: 'disabled' });
}

/** Goes on with Tab until an element has the focus. @throws after 150 presses */
export async function tabTo(
  page: Page,
  role: 'button' | 'textbox' | 'spinbutton' | 'link' | 'radio' | 'listbox' | 'checkbox' | 'combobox',
  name: string | RegExp,
): Promise<void> {
  const target = page.getByRole(role, { name }).first();
  await target.waitFor();
  for (let presses = 0; presses < 150; presses++) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab never reached the ${role} ${String(name)}.`);
}
