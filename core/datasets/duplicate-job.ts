/** Makes a second dataset with the samples of a first: rows are copied, bytes are shared. */

import { z } from 'zod';
import { id } from '../../shared/contract/common.ts';
import type { Job } from '../../shared/contract/jobs.ts';
import type { CoreServices } from '../core-services.ts';
import type { JobControl, JobOutcome } from '../jobs/job-runner.ts';
import { DatasetCopyRepository } from './dataset-copy-repository.ts';

const PARAMETERS = z.object({ sourceId: id });

/**
 * Copies chunk by chunk, each whole or not at all, so that a run cut short goes on after the last one. Samples that come to
 * the first dataset while it runs are copied when they come in time.
 */
export async function runDuplication(services: CoreServices, job: Job, control: JobControl): Promise<JobOutcome> {
  const { database, events, samples } = services;
  const copies = new DatasetCopyRepository(database, services.ownerId, services.reader);
  const { sourceId } = PARAMETERS.parse(job.parameters);
  const targetId = job.datasetId;
  let isStopped = false;
  control.onStop(() => {
    isStopped = true;
  });
  const total = samples.count(sourceId);
  let after = await copies.lastCopied(sourceId, targetId);
  for (;;) {
    if (isStopped) return { state: 'stopped' };
    const copied = await database.write(() => copies.copySamples(sourceId, targetId, after));
    if (copied === null) break;
    after = copied.lastId;
    control.tally.advance(samples.count(targetId), total);
    events.publish({ type: 'samples.added', datasetId: targetId, jobId: job.id, count: copied.count });
  }
  for (let last = 0; ; ) {
    if (isStopped) return { state: 'stopped' };
    const next = await database.write(() => copies.copyGroup(sourceId, targetId, last));
    if (next === null) break;
    last = next;
  }
  return { state: 'completed' };
}
