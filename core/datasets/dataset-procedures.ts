/** Datasets, as the contract has them. */

import type { CoreServices } from '../core-services.ts';
import type { JobRunner } from '../jobs/job-runner.ts';
import type { FeatureRouter, Procedures } from '../procedures.ts';
import { discardImages } from '../store/discard-content.ts';
import { findDataset } from './find-dataset.ts';

const DEFAULT_PROJECT = 'Default';

export function datasetProcedures(
  os: Procedures,
  services: CoreServices,
  runner: JobRunner,
): FeatureRouter<'datasets'> {
  const { datasets, projects } = services;
  return os.datasets.router({
    create: os.datasets.create.handler(async ({ input }) => {
      const projectId =
        input.projectId ??
        ((await projects.findByName(DEFAULT_PROJECT)) ?? (await projects.insert(DEFAULT_PROJECT))).id;
      if (input.projectId !== undefined) await projects.get(input.projectId);
      return datasets.insert(projectId, input.name, input.labels);
    }),
    list: os.datasets.list.handler(({ input }) => datasets.list(input.projectId)),
    get: os.datasets.get.handler(({ input }) => datasets.get(input.id)),
    resolve: os.datasets.resolve.handler(({ input }) => findDataset(datasets, input.name)),
    rename: os.datasets.rename.handler(({ input }) => datasets.rename(input.id, input.name)),
    remove: os.datasets.remove.handler(async ({ input }) => {
      await removeDataset(services, runner, input.id);
      return {};
    }),
    addLabels: os.datasets.addLabels.handler(({ input }) => datasets.addLabels(input.id, input.names)),
    stats: os.datasets.stats.handler(({ input }) => datasets.stats(input.id)),
  });
}

/** Removes a dataset for good, once its running jobs have ended. */
export async function removeDataset(services: CoreServices, runner: JobRunner, id: number): Promise<void> {
  const { datasets, jobs } = services;
  await datasets.get(id);
  for (const job of jobs.list({ datasetId: id, states: ['waiting', 'active', 'paused'] }, 0, 1000)) {
    await runner.cancel(job.id);
  }
  await datasets.remove(id, (images) => discardImages(services, images));
  services.events.publish({ type: 'dataset.changed', datasetId: id });
}
