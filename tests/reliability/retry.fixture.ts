/**
 * A process to be killed: puts back what failed of a large ledger, as `jobs.retry` does, and then waits.
 * Prints a line once it is under way, and one of JSON when all is done: the processor time of the longest turn of the event
 * loop. Arguments: database, job.
 */

import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { RequestRepository } from '../../core/crawl/request-repository.ts';
import { Database } from '../../core/db/database.ts';
import { DatabaseReader } from '../../core/db/reader.ts';
import { EventHub } from '../../core/events/event-hub.ts';
import { Holds } from '../../core/jobs/holds.ts';
import { JobRepository } from '../../core/jobs/job-repository.ts';
import { type JobHandler, JobRunner } from '../../core/jobs/job-runner.ts';

const [, , path, jobId] = process.argv as [string, string, string, string];
const database = await Database.open({ path, backupDirectory: join(path, '..', 'backups') });
const jobs = new JobRepository(database, 'local');
const requests = new RequestRepository(database, 'local');
const asIs: JobHandler = (_job, control) =>
  new Promise((resolve) => control.onStop(() => resolve({ state: 'stopped' })));
const runner = new JobRunner({
  database,
  reader: new DatabaseReader(path),
  jobs,
  requests,
  events: new EventHub(),
  holds: new Holds(),
  handlers: { crawl: asIs, import: asIs, validate: asIs, duplicate: asIs, export: asIs },
  onError: (error) => {
    throw error;
  },
});

// Of this thread alone: what other programs take of the processor or the disk is not the core's.
const cpuMs = (): number => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
};
let lastMs = cpuMs();
let longestMs = 0;
const look = (): void => {
  const nowMs = cpuMs();
  longestMs = Math.max(longestMs, nowMs - lastMs);
  lastMs = nowMs;
};

const failedAtFirst = jobs.get(Number(jobId)).counts.failed;
const unhook = database.onBeforeCommit(() => {
  if (jobs.get(Number(jobId)).counts.failed === failedAtFirst) return;
  unhook();
  writeSync(1, 'under way\n');
});
const timer = setInterval(look, 1);
await runner.retry(Number(jobId), undefined);
clearInterval(timer);
look();
writeSync(1, `${JSON.stringify({ longestMs })}\n`);
