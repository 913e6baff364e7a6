/** The built core in a process of its own: opens a library, makes datasets and runs jobs to their end. */

import type { Core } from '../../core/index.ts';
import type { CrawlInput } from '../../shared/contract/crawls.ts';
import type { ImportInput } from '../../shared/contract/imports.ts';
import type { Job } from '../../shared/contract/jobs.ts';
import { serveHost } from '../harness/host.ts';

const POLL_MS = 10;
const ENDED: readonly Job['state'][] = ['completed', 'completed-with-errors', 'failed', 'cancelled'];

let core: Core | null = null;

function opened(): Core {
  if (core === null) throw new Error('The library is not open.');
  return core;
}

/** Waits for a job. A look at it in memory costs some microseconds. */
async function ended(job: Job): Promise<Job> {
  for (let now = job; ; now = await opened().client.jobs.get({ id: job.id })) {
    if (ENDED.includes(now.state)) return now;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

const functions = {
  open: async (dataDirectory: string) => {
    const entry = new URL('../../dist/core.js', import.meta.url).href;
    const { openCore } = (await import(entry)) as typeof import('../../core/index.ts');
    core = await openCore({ dataDirectory, environment: process.env, version: '0.0.0' });
  },
  makeDataset: async (name: string) => (await opened().client.datasets.create({ name, labels: [] })).id,
  crawl: async (input: CrawlInput) => ended(await opened().client.crawls.start(input)),
  import: async (input: ImportInput) => ended(await opened().client.imports.start(input)),
};

export type CoreHost = typeof functions;

serveHost(functions, () => core?.close());
