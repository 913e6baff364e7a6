/**
 * A core in a process of its own that imports a folder or an archive, while the delay of its event loop is measured.
 * Prints one line of JSON. Arguments: data directory, path to import.
 */

import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type { openCore } from '../../core/index.ts';

const [, , dataDirectory, path] = process.argv as [string, string, string, string];
const RESOLUTION_MS = 1;

const built = (await import(new URL('../../dist/core.js', import.meta.url).href)) as { openCore: typeof openCore };
const environment = { PIXCRAWLER_STORAGE_MIN_FREE_BYTES: '0' };
const core = await built.openCore({ dataDirectory, environment, version: '0' });
const { client } = core;
// Opening is measured elsewhere: nobody uses a window that is not there yet.
const dataset = await client.datasets.create({ name: 'responsive', labels: [] });

const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
delay.enable();
const startedMs = performance.now();
const { id } = await client.imports.start({
  datasetId: dataset.id,
  paths: [path],
  labelsFrom: 'none',
  mode: 'copy',
});
let job = await client.jobs.get({ id });
while (job.state === 'active' || job.state === 'waiting') {
  await sleep(50);
  job = await client.jobs.get({ id });
}
const durationMs = performance.now() - startedMs;
delay.disable();
await core.close();
const ms = (nanoseconds: number): number => Math.round(nanoseconds / 1e4) / 100;
const measured = {
  state: job.state,
  accepted: job.counts.accepted,
  quarantined: job.counts.quarantined,
  durationMs: Math.round(durationMs),
  p50Ms: ms(delay.percentile(50)),
  p99Ms: ms(delay.percentile(99)),
  maxMs: ms(delay.max),
};
process.stdout.write(`${JSON.stringify(measured)}\n`);
