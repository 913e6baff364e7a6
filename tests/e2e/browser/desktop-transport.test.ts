/** The built interface over a message port to a real core, as on the desktop: a core that goes is waited out, whatever port comes next. */

import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import type { Browser, Page } from 'playwright-core';
import { type Core, openCore } from '../../../core/index.ts';
import { type Serving, serve } from '../../../server/headless.ts';
import { draw, encode } from '../../web/draw.ts';
import { until } from '../command-line.ts';
import { launchChromium, SKIP_BROWSER } from './chromium.ts';

const INTERFACE = fileURLToPath(new URL('../../../dist/renderer', import.meta.url));
const PICTURES = 6;
const options = { skip: SKIP_BROWSER, timeout: 120_000 };

/** What the page has beside the interface: the desktop's bridge, and the far ends of its ports. */
interface Preloaded {
  /** @returns what the page's own end of a new port is fed through */
  deliver(portId: number, message: string): void;
  handOver(portId: number): void;
  coreGone(): void;
}
type PreloadedWindow = Window & {
  readonly desktop: Preloaded;
  toCore(portId: number, message: string): Promise<void>;
};

let root: string;
let core: Core;
let serving: Serving;
let browser: Browser;
let page: Page;
let datasetId: number;
let origin: string;
const ports = new Map<number, MessagePort>();
/** Calls of the contract that went another way than through the port. */
const strayed: string[] = [];
const complaints: string[] = [];

async function openHost(port: number): Promise<void> {
  const dataDirectory = join(root, 'data');
  core = await openCore({
    dataDirectory,
    environment: { PIXCRAWLER_WORKERS_PROCESSES: '1', PIXCRAWLER_STORAGE_MIN_FREE_BYTES: '0' },
    version: '0.0.0',
  });
  serving = await serve({ core, dataDirectory, version: '0.0.0', interfacePath: INTERFACE, host: '127.0.0.1', port });
}

async function closeHost(): Promise<void> {
  for (const port of ports.values()) port.close();
  ports.clear();
  await serving.close();
  await core.close();
}

/** Main's part: a port to the core for the page, whose far end this process holds. */
async function handOver(): Promise<void> {
  const { port1: pages, port2: cores } = new MessageChannel();
  const id = ports.size + 1;
  ports.set(id, pages);
  await core.answerPort(cores);
  pages.on('message', (message: unknown) => {
    assert.equal(typeof message, 'string', 'no bytes pass through the contract');
    const delivered = page.evaluate(([to, text]) => (window as unknown as PreloadedWindow).desktop.deliver(to, text), [
      id,
      message as string,
    ] as const);
    // What is under way when the page is closed is nobody's.
    delivered.catch(() => undefined);
  });
  await page.evaluate((portId) => (window as unknown as PreloadedWindow).desktop.handOver(portId), id);
}

/** Runs in the page before its scripts, as the preload does. */
function preload(): void {
  const host = window as unknown as PreloadedWindow & Record<string, unknown>;
  const farEnds = new Map<number, globalThis.MessagePort>();
  const nothing = () => () => undefined;
  const bridge = {
    platform: 'linux',
    pathOf: () => '',
    choose: async () => [],
    showInFolder: async () => undefined,
    startDrag: () => undefined,
    onDrag: nothing,
    onNavigate: (listener: (path: string) => void) => {
      window.addEventListener('test-navigate', (event) => listener((event as CustomEvent<string>).detail));
      return () => undefined;
    },
    onOpened: nothing,
    onState: nothing,
    installUpdate: async () => undefined,
  };
  Object.defineProperty(window, 'pixcrawler', { value: Object.freeze(bridge) });
  Object.defineProperty(window, 'desktop', {
    value: {
      deliver: (portId, message) => farEnds.get(portId)?.postMessage(message),
      handOver(portId) {
        const { port1, port2 } = new globalThis.MessageChannel();
        farEnds.set(portId, port1);
        port1.onmessage = ({ data }: MessageEvent<string>) => void host.toCore(portId, data);
        window.postMessage('pixcrawler:port', window.location.origin, [port2]);
      },
      coreGone: () => window.postMessage('pixcrawler:core-gone', window.location.origin),
    } satisfies Preloaded,
  });
}

before(async () => {
  if (SKIP_BROWSER !== false) return;
  root = await mkdtemp(join(tmpdir(), 'pixcrawler-port-'));
  await openHost(0);
  ({ origin } = serving);
  ({ id: datasetId } = await core.client.datasets.create({ name: 'Through a port' }));
  const folder = join(root, 'pictures');
  await mkdir(folder);
  for (let seed = 1; seed <= PICTURES; seed++) {
    await writeFile(join(folder, `${seed}.jpg`), (await encode(draw(seed, 240, 180), 'jpeg')).bytes);
  }
  await core.client.imports.start({ datasetId, paths: [folder], labelsFrom: 'none' });
  await until(
    async () => (await core.client.datasets.get({ id: datasetId })).statusCounts.accepted === PICTURES,
    'the pictures',
  );
  browser = await launchChromium();
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  await context.addInitScript(preload);
  await context.addInitScript(
    (state) => localStorage.setItem('pixcrawler-interface', state),
    JSON.stringify({ state: { onboarded: true, motion: 'reduced' }, version: 1 }),
  );
  page = await context.newPage();
  page.setDefaultTimeout(15_000);
  page.on('request', (request) => {
    if (new URL(request.url()).pathname.startsWith('/api/')) strayed.push(request.url());
  });
  page.on('pageerror', ({ message }) => complaints.push(message));
  await page.exposeFunction('toCore', (portId: number, message: string) => ports.get(portId)?.postMessage(message));
  await page.goto(serving.url);
  await handOver();
});

after(async () => {
  if (SKIP_BROWSER !== false) return;
  await browser?.close();
  await closeHost();
  await rm(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
});

test('the library is listed, and changes in it show as they happen', options, async () => {
  await page
    .getByRole('link', { name: /Through a port/ })
    .first()
    .waitFor();
  await core.client.datasets.create({ name: 'Made while one looks' });
  await page
    .getByRole('link', { name: /Made while one looks/ })
    .first()
    .waitFor();
});

test('a dataset is browsed, and its images come by their addresses', options, async () => {
  await page.evaluate(
    (path) => window.dispatchEvent(new CustomEvent('test-navigate', { detail: path })),
    `/datasets/${datasetId}/browse`,
  );
  await page
    .locator('.sample-tile img')
    .nth(PICTURES - 1)
    .waitFor();
  await page.waitForFunction(
    (count) =>
      [...document.querySelectorAll<HTMLImageElement>('.sample-tile img')].filter(
        ({ complete, naturalWidth }) => complete && naturalWidth > 0,
      ).length === count,
    PICTURES,
  );
});

test('a core that goes is told at once, and the next one is taken up at once', options, async () => {
  await page.evaluate(() => (window as unknown as PreloadedWindow).desktop.coreGone());
  await closeHost();
  await page.getByText('PixCrawler cannot be reached').waitFor();
  // Long enough for the wait between two attempts to have grown to seconds.
  await new Promise((resolve) => setTimeout(resolve, 6_000));
  await openHost(Number(new URL(origin).port));
  const startedAt = performance.now();
  await handOver();
  await page.getByText('PixCrawler cannot be reached').waitFor({ state: 'detached' });
  assert.ok(performance.now() - startedAt < 1_500, 'it did not wait for the next attempt');
  await core.client.datasets.create({ name: 'Made by the next core' });
  await page
    .getByRole('link', { name: /Made by the next core/ })
    .first()
    .waitFor();
});

test('nothing but the port was used, and nothing broke', options, () => {
  assert.deepEqual(strayed, []);
  assert.deepEqual(complaints, []);
});
