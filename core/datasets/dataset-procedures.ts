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
  const { datasets, projects, events } = services;
  const changed = <T extends { readonly id: number }>(dataset: T): T => {
    events.publish({ type: 'dataset.changed', datasetId: dataset.id });
    return dataset;
  };
  return os.datasets.router({
    create: os.datasets.create.handler(async ({ input }) => {
      const projectId =
        input.projectId ??
        ((await projects.findByName(DEFAULT_PROJECT)) ?? (await projects.insert(DEFAULT_PROJECT))).id;
      if (input.projectId !== undefined) await projects.get(input.projectId);
      return changed(await datasets.insert(projectId, input.name, input.labels));
    }),
    list: os.datasets.list.handler(({ input }) => datasets.list(input.projectId)),
    get: os.datasets.get.handler(({ input }) => datasets.get(input.id)),
    resolve: os.datasets.resolve.handler(({ input }) => findDataset(datasets, input.name)),
    overview: os.datasets.overview.handler(({ input }) => datasets.overview(input.projectId)),
    rename: os.datasets.rename.handler(async ({ input }) => changed(await datasets.rename(input.id, input.name))),
    move: os.datasets.move.handler(async ({ input }) =>
      changed(await datasets.move(input.id, await projects.get(input.projectId))),
    ),
    duplicate: os.datasets.duplicate.handler(async ({ input }) => {
      const source = await datasets.get(input.id);
      const copy = await datasets.insert(
        source.projectId,
        input.name,
        source.labels.map((label) => label.name),
      );
      changed(copy);
      return runner.start('duplicate', copy.id, { sourceId: source.id });
    }),
    trash: os.datasets.trash.handler(async ({ input }) => {
      await trashDataset(services, runner, input.id, Date.now());
      return {};
    }),
    restore: os.datasets.restore.handler(async ({ input }) => changed(await datasets.restore(input.id))),
    trashed: os.datasets.trashed.handler(() => datasets.trashed()),
    remove: os.datasets.remove.handler(async ({ input }) => {
      await datasets.get(input.id);
      await removeDataset(services, runner, input.id);
      return {};
    }),
    addLabels: os.datasets.addLabels.handler(async ({ input }) =>
      changed(await datasets.addLabels(input.id, input.names)),
    ),
    renameLabel: os.datasets.renameLabel.handler(async ({ input }) =>
      changed(await datasets.renameLabel(input.id, input.labelId, input.name)),
    ),
    stats: os.datasets.stats.handler(({ input }) => datasets.stats(input.id)),
  });
}

/** Takes a dataset out of sight, once its running jobs rest and its trials are gone; restored, they can be resumed. @throws AppError `not-found` */
export async function trashDataset(services: CoreServices, runner: JobRunner, id: number, at: number): Promise<void> {
  const { datasets, events } = services;
  await datasets.get(id);
  for (const job of services.jobs.list({ datasetId: id, states: ['waiting', 'active'] }, 0, 1000)) {
    await runner.pause(job.id);
  }
  for (const trialId of datasets.trials(id)) await removeDataset(services, runner, trialId);
  await datasets.trash(id, at);
  events.publish({ type: 'dataset.changed', datasetId: id });
}

/** Removes a dataset for good, in sight or in the trash, with its trials. One that is gone is passed over. */
export async function removeDataset(services: CoreServices, runner: JobRunner, id: number): Promise<void> {
  const { datasets, events } = services;
  for (const trialId of datasets.trials(id)) await removeDataset(services, runner, trialId);
  await cancelJobs(services, runner, id);
  await datasets.remove(id, (images) => discardImages(services, images));
  events.publish({ type: 'dataset.changed', datasetId: id });
}

async function cancelJobs({ jobs }: CoreServices, runner: JobRunner, datasetId: number): Promise<void> {
  for (const job of jobs.list({ datasetId, states: ['waiting', 'active', 'paused'] }, 0, 1000)) {
    await runner.cancel(job.id);
  }
}
