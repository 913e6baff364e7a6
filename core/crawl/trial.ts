/** Trials: the first images of a crawl or an import, in a dataset of their own that lists do not show. */

import type { Job } from '../../shared/contract/jobs.ts';
import type { CoreServices } from '../core-services.ts';
import { removeDataset } from '../datasets/dataset-procedures.ts';
import type { JobRunner } from '../jobs/job-runner.ts';

export const TRIAL_IMAGES = 10;

/**
 * Starts a trial; one of the same kind that the dataset had before is removed.
 * @param start starts the job, in the dataset of the trial
 * @throws AppError `not-found` for the dataset, and whatever `start` throws
 */
export async function startTrial(
  services: CoreServices,
  runner: JobRunner,
  { datasetId, kind }: { readonly datasetId: number; readonly kind: 'crawl' | 'import' },
  start: (trialId: number) => Promise<Job>,
): Promise<Job> {
  const { datasets, jobs } = services;
  await datasets.get(datasetId);
  for (const id of datasets.trials(datasetId)) {
    const [job] = jobs.list({ datasetId: id }, 0, 1);
    if (job === undefined || job.kind === kind) await removeDataset(services, runner, id);
  }
  const trialId = await datasets.insertTrial(datasetId);
  try {
    return await start(trialId);
  } catch (error) {
    await removeDataset(services, runner, trialId);
    throw error;
  }
}
