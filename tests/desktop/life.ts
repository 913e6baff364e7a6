/** A library of its own for each test of the desktop's life, and what such tests ask again and again. */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type ClientPort, createPortClient, type PortClient } from '../../sdk/port-client.ts';
import type { Traces } from './fake-electron/configuration.ts';
import { type Desktop, type DesktopOptions, startDesktop, startDesktopFor } from './harness.ts';

const PATIENCE_MS = 15_000;

export interface Home {
  /** A folder that is removed after the test; the library is made below it. */
  readonly folder: string;
  readonly dataDirectory: string;
}

export function homeFor(context: TestContext): Home {
  const folder = mkdtempSync(join(tmpdir(), 'pixcrawler-desktop-'));
  context.after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  return { folder, dataDirectory: join(folder, 'library') };
}

/** Starts the desktop and waits until its library is open. */
export async function openDesktopFor(context: TestContext, options: DesktopOptions): Promise<Desktop> {
  const desktop = await startDesktopFor(context, options);
  await whenLogged(options.dataDirectory, 'The core is ready.');
  return desktop;
}

/** A second start with the same library. @returns what it ended with, and what it did until then @throws when it stays */
export async function startAgain(options: DesktopOptions): Promise<{ readonly code: number | null } & Traces> {
  const desktop = await startDesktop(options);
  const timer = setTimeout(() => void desktop.kill(), PATIENCE_MS);
  const { code, signal } = await desktop.exited;
  clearTimeout(timer);
  if (signal !== null) throw new Error(`The second start did not end by itself.\n${desktop.output()}`);
  return { code, ...desktop.traces() };
}

/** The contract's client of the window's page; it goes on through the port to the next core. */
export async function clientOf(desktop: Desktop): Promise<PortClient['client']> {
  const { client, connect } = createPortClient();
  const page = await desktop.page();
  const take = (port: ClientPort): void => {
    connect(port);
    (port as MessagePort).start();
  };
  page.addEventListener('message', (event) => {
    const [port] = (event as MessageEvent).ports;
    if (port !== undefined) take(port);
  });
  // The first that came may be older than those that were taken meanwhile.
  await page.port();
  take(await page.port());
  return client;
}

interface LogEntry {
  readonly level: string;
  readonly message: string;
}

export function mainLog(dataDirectory: string): readonly LogEntry[] {
  const text = readFileSync(join(dataDirectory, 'logs', 'main.log'), 'utf8');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as LogEntry);
}

/** @param count how often it must have been logged. Default 1 */
export async function whenLogged(dataDirectory: string, message: string, count = 1): Promise<void> {
  await eventually(() => mainLog(dataDirectory).filter((entry) => entry.message === message).length >= count);
}

/** Looks every few milliseconds. @throws after 15 seconds */
export async function eventually(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const endsAt = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      if (await isSo()) return;
    } catch (error) {
      if (performance.now() > endsAt) throw error;
    }
    if (performance.now() > endsAt) throw new Error(`It never came to ${String(isSo)}.`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
