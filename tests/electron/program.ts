/** The built desktop in Electron itself, driven by Playwright, on machines that have its binary. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { _electron, type ElectronApplication, type Page } from 'playwright-core';

/** The folder of the program. */
export const root = fileURLToPath(new URL('../..', import.meta.url));

export interface Program {
  readonly application: ElectronApplication;
  /** The page of the first window. */
  readonly page: Page;
  /** Quits as a person does. */
  close(): Promise<void>;
}

/** Starts it on a library of its own, and waits for its window. */
export async function startProgram(
  executablePath: string,
  dataDirectory: string,
  words: readonly string[] = [],
): Promise<Program> {
  const application = await _electron.launch({
    executablePath,
    args: [root, '--data-dir', dataDirectory, ...words],
    env: {
      ...(process.env as Record<string, string>),
      PIXCRAWLER_STORAGE_MIN_FREE_BYTES: '0',
      PIXCRAWLER_CRAWL_DELAY_MS: '0',
      PIXCRAWLER_WORKERS_PROCESSES: '1',
    },
  });
  return { application, page: await application.firstWindow(), close: () => application.close() };
}

export async function temporaryFolder(): Promise<{ readonly folder: string; remove(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'pixcrawler-electron-'));
  return { folder, remove: () => rm(folder, { recursive: true, force: true, maxRetries: 5 }) };
}
