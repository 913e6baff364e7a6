/** The core's own fetcher, store and ledger, put together as a crawl does, without looking into the pictures. */

import { basename, dirname } from 'node:path';
import { type RunningCore, startCore } from '../../core/core.ts';
import type { LedgerRequest } from '../../core/crawl/ledger-request.ts';
import { createAddressGuard } from '../../core/fetch/address-guard.ts';
import { createFetcher, type Fetcher } from '../../core/fetch/fetcher.ts';
import { openLibrary } from '../../core/library.ts';
import type { StagedBlob } from '../../core/store/blob-store.ts';
import { serveHost } from '../harness/host.ts';

const COMMIT_SIZE = 200;

let library: RunningCore | null = null;
let fetcher: Fetcher | null = null;
let jobId = 0;

type Arrived = StagedBlob & { readonly requestId: number; readonly status: number };

const functions = {
  open: async ({ dataDirectory, allowHosts }: { dataDirectory: string; allowHosts: readonly string[] }) => {
    library = await startCore(await openLibrary(dataDirectory), { environment: {}, version: '0.0.0' });
    fetcher = createFetcher({ userAgent: 'PixCrawler/0.0.0', guard: createAddressGuard({ allowHosts }) });
    const { datasets, jobs, projects } = library.services;
    const dataset = await datasets.insert((await projects.insert('Default')).id, 'fetched', []);
    jobId = (await jobs.insert('crawl', dataset.id, {})).id;
  },
  /** Fetches, hashes and keeps every address. @returns how many are durable and in the ledger */
  fetch: async ({ addresses, inFlight }: { addresses: readonly string[]; inFlight: number }) => {
    if (library === null || fetcher === null) throw new Error('The library is not open.');
    const { blobStore, database, requests } = library.services;
    const { fetch } = fetcher;
    await database.write(() =>
      requests.insertMany(
        jobId,
        addresses.map((url) => ({
          kind: 'image',
          url,
          site: new URL(url).origin,
          lane: 1,
          depth: 0,
          meta: { source: 'list' },
        })),
      ),
    );
    const sites = requests.waitingSitesQuery(jobId, 0, 10_000);
    const waiting: LedgerRequest[] = [];
    for (const { siteId } of await library.services.reader.all<{ siteId: number }>(sites.sql, sites.parameters)) {
      waiting.push(...requests.waiting(jobId, siteId, 1, 0, addresses.length));
    }
    let arrived: Arrived[] = [];
    let kept = 0;
    const keep = async (): Promise<void> => {
      const batch = arrived;
      arrived = [];
      await blobStore.adoptMany(batch);
      await database.write(() => {
        for (const { requestId, status } of batch) requests.settle(requestId, { state: 'done', httpStatus: status });
      });
      kept += batch.length;
    };
    const keeping: Promise<void>[] = [];
    const worker = async (): Promise<void> => {
      for (let request = waiting.pop(); request !== undefined; request = waiting.pop()) {
        const stagingPath = blobStore.stagingPath();
        const { sha256, sizeBytes, status } = await fetch(request.url, {
          destination: { kind: 'file', directory: dirname(stagingPath), fileName: basename(stagingPath) },
          maxBytes: 64 * 1024 * 1024,
          timeoutMs: 60_000,
          accept: 'image/*',
        });
        arrived.push({ stagingPath, sha256, sizeBytes, requestId: request.id, status });
        if (arrived.length >= COMMIT_SIZE) keeping.push(keep());
      }
    };
    await Promise.all(Array.from({ length: inFlight }, worker));
    keeping.push(keep());
    await Promise.all(keeping);
    return kept;
  },
};

export type FetchHost = typeof functions;

serveHost(functions, async () => {
  await fetcher?.close();
  await library?.close();
});
