/** The built core in a process of its own: opens a library, makes datasets and runs jobs to their end. */

import type { Core } from '../../core/index.ts';
import type { CrawlInput } from '../../shared/contract/crawls.ts';
import type { ImportInput } from '../../shared/contract/imports.ts';
import type { Job } from '../../shared/contract/jobs.ts';
import { serveHost } from '../harness/host.ts';

const ENDED: readonly Job['state'][] = ['completed', 'completed-with-errors', 'failed', 'cancelled'];

let core: Core | null = null;

function opened(): Core {
  if (core === null) throw new Error('The library is not open.');
  return core;
}

/** Starts a job and waits for its end as any host does: by the core's events. */
async function run(start: () => Promise<Job>): Promise<Job> {
  const listening = new AbortController();
  const events = await opened().client.events.watch({}, { signal: listening.signal });
  try {
    const job = await start();
    if (ENDED.includes(job.state)) return job;
    for await (const event of events) {
      if (event.type === 'job.updated' && event.job.id === job.id && ENDED.includes(event.job.state)) {
        return opened().client.jobs.get({ id: job.id });
      }
    }
    throw new Error('The events ended before the job did.');
  } finally {
    listening.abort();
  }
}

const functions = {
  open: async (dataDirectory: string) => {
    const entry = new URL('../../dist/core.js', import.meta.url).href;
    const { openCore } = (await import(entry)) as typeof import('../../core/index.ts');
    core = await openCore({ dataDirectory, environment: process.env, version: '0.0.0' });
  },
  makeDataset: async (name: string) => (await opened().client.datasets.create({ name, labels: [] })).id,
  crawl: (input: CrawlInput) => run(() => opened().client.crawls.start(input)),
  import: (input: ImportInput) => run(() => opened().client.imports.start(input)),
};

export type CoreHost = typeof functions;

serveHost(functions, () => core?.close());
