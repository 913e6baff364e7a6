/** The interface as the desktop shows it, in Chromium: a bridge that a test stands behind, and a port to a core beside it. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MessageChannel } from 'node:worker_threads';
import type { Page } from 'playwright-core';
import { type Core, type CoreClient, openCore } from '../../../core/index.ts';
import { serve } from '../../../server/headless.ts';
import type { DragRequest } from '../../../shared/contract/drags.ts';
import type { DesktopBridge, DesktopState, DragState, ShownInFolder } from '../../../shared/host-bridge.ts';
import { launchChromium } from './chromium.ts';

/** What the page asked of main, and what main answers. */
interface Beyond {
  readonly drags: DragRequest[];
  readonly cancelled: string[];
  readonly copied: DragRequest[];
  readonly shown: ShownInFolder[];
  readonly purposes: string[];
  /** Where files lie, by their names. */
  paths: Readonly<Record<string, string>>;
  /** What the next dialogs give. */
  chosen: string[][];
  /** How often the update was wanted at once. */
  installs: number;
  tellState?: (state: DesktopState) => void;
  tellDrag?: (state: DragState) => void;
  tellOpened?: (opened: { paths: string[]; links: string[] }) => void;
  fromCore?: (data: string) => void;
}

declare global {
  interface Window {
    beyond: Beyond;
    toCore(data: string): Promise<void>;
  }
}

export interface DesktopPage {
  readonly core: Core;
  readonly client: CoreClient;
  readonly root: string;
  readonly dataDirectory: string;
  readonly page: Page;
  /** Errors of scripts, and of the policy. */
  readonly complaints: readonly string[];
  goto(path: string): Promise<void>;
  /** Runs a function on what lies beyond the page. */
  beyond<Output, Parameter>(
    run: (given: { beyond: Beyond; parameter: Parameter }) => Output,
    parameter: Parameter,
  ): Promise<Output>;
  close(): Promise<void>;
}

export async function openDesktopPage(environment: Readonly<Record<string, string>> = {}): Promise<DesktopPage> {
  const root = await mkdtemp(join(tmpdir(), 'pixcrawler-desktop-page-'));
  const dataDirectory = join(root, 'data');
  const core = await openCore({
    dataDirectory,
    version: '0.0.0',
    environment: {
      PIXCRAWLER_CRAWL_DELAY_MS: '0',
      PIXCRAWLER_WORKERS_PROCESSES: '1',
      PIXCRAWLER_STORAGE_MIN_FREE_BYTES: '0',
      ...environment,
    },
  });
  // Only the page and its images come over HTTP here, where the desktop has a scheme of its own.
  const interfacePath = fileURLToPath(new URL('../../../dist/renderer', import.meta.url));
  const serving = await serve({ core, dataDirectory, version: '0.0.0', interfacePath, host: '127.0.0.1', port: 0 });
  const browser = await launchChromium();
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' && !/Failed to load resource/.test(message.text())) complaints.push(message.text());
  });
  let toCore: ((data: string) => void) | null = null;
  let closePort: (() => void) | null = null;
  await page.exposeFunction('toCore', (data: string) => toCore?.(data));
  await page.addInitScript(standIn);
  await page.addInitScript(
    (state) => {
      if (!localStorage.getItem('pixcrawler-interface')) localStorage.setItem('pixcrawler-interface', state);
    },
    JSON.stringify({ state: { theme: 'light', onboarded: true, motion: 'reduced' }, version: 1 }),
  );
  /** Each page has a line of its own. */
  const connect = async () => {
    closePort?.();
    const { port1, port2 } = new MessageChannel();
    await core.answerPort(port1 as never);
    let last: Promise<unknown> = Promise.resolve();
    port2.on('message', (data: string) => {
      last = last.then(() => page.evaluate((text) => window.beyond.fromCore?.(text), data)).catch(() => undefined);
    });
    toCore = (data) => port2.postMessage(data);
    closePort = () => port2.close();
  };
  const desktopPage: DesktopPage = {
    core,
    client: core.client,
    root,
    dataDirectory,
    page,
    complaints,
    async goto(path) {
      await connect();
      await page.goto(new URL(path, serving.url).href);
    },
    beyond: async (run, parameter) =>
      (await page.evaluate(
        `(${String(run)})({ beyond: window.beyond, parameter: ${JSON.stringify(parameter) ?? 'undefined'} })`,
      )) as never,
    async close() {
      closePort?.();
      await browser.close();
      await serving.close();
      await core.close();
      await rm(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    },
  };
  // The address with the token lets the page's images in.
  await connect();
  await page.goto(serving.url);
  return desktopPage;
}

/** Runs in the page before its scripts, as the preload does. */
function standIn(): void {
  const beyond: Beyond = {
    drags: [],
    cancelled: [],
    copied: [],
    shown: [],
    purposes: [],
    paths: {},
    chosen: [],
    installs: 0,
  };
  window.beyond = beyond;
  const nothing = () => () => undefined;
  const bridge: DesktopBridge<File> = {
    platform: 'linux',
    pathOf: (file) => beyond.paths[file.name] ?? '',
    choose: async (purpose) => {
      beyond.purposes.push(purpose);
      return beyond.chosen.shift() ?? [];
    },
    showInFolder: async (shown) => void beyond.shown.push(shown),
    startDrag: (request) => void beyond.drags.push(request),
    cancelDrag: (key) => void beyond.cancelled.push(key),
    copyOut: async (request) => {
      beyond.copied.push(request);
      return '/home/ann/copies';
    },
    onDrag: (listener) => {
      beyond.tellDrag = listener;
      return () => undefined;
    },
    onOpened: (listener) => {
      beyond.tellOpened = listener;
      return () => undefined;
    },
    onNavigate: nothing,
    onState: (listener) => {
      beyond.tellState = listener;
      return () => undefined;
    },
    installUpdate: async () => {
      beyond.installs += 1;
    },
  };
  Object.defineProperty(window, 'pixcrawler', { value: bridge });
  const { port1, port2 } = new MessageChannel() as unknown as globalThis.MessageChannel;
  port1.onmessage = ({ data }) => void window.toCore(data as string);
  beyond.fromCore = (data) => port1.postMessage(data);
  document.addEventListener('DOMContentLoaded', () =>
    window.postMessage('pixcrawler:port', window.location.origin, [port2]),
  );
}
