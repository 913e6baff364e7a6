/** A core on a data directory of its own, asked through the contract as every host asks it. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Core, type CoreClient, openCore } from '../../core/index.ts';
import type { Job } from '../../shared/contract/jobs.ts';

const ENDED = ['completed', 'completed-with-errors', 'failed', 'cancelled', 'paused'];

export interface OpenCore {
  readonly core: Core;
  readonly client: CoreClient;
  readonly root: string;
  readonly dataDirectory: string;
  /** Waits until a job has ended or rests, and gives how. */
  ended(job: Job | Promise<Job>): Promise<Job>;
  close(): Promise<void>;
}

/**
 * @param environment settings by environment variable; no delay between requests and no floor of the disk unless told
 * @param parent where its folder is made; default the system's temporary folder
 */
export async function makeCore(
  environment: Readonly<Record<string, string | undefined>> = {},
  parent = tmpdir(),
): Promise<OpenCore> {
  const root = await mkdtemp(join(parent, 'pixcrawler-contract-'));
  const dataDirectory = join(root, 'data');
  const core = await openCore({
    dataDirectory,
    environment: {
      PIXCRAWLER_CRAWL_DELAY_MS: '0',
      PIXCRAWLER_WORKERS_PROCESSES: '1',
      PIXCRAWLER_STORAGE_MIN_FREE_BYTES: '0',
      ...environment,
    },
    version: '0.0.0',
  });
  return {
    core,
    client: core.client,
    root,
    dataDirectory,
    async ended(started) {
      let job = await started;
      while (!ENDED.includes(job.state)) {
        await new Promise((resolve) => setTimeout(resolve, 20));
        job = await core.client.jobs.get({ id: job.id });
      }
      return job;
    },
    async close() {
      await core.close();
      await rm(root, { recursive: true, force: true });
    },
  };
}
