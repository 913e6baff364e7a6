/** Projects, as the contract has them. */

import type { CoreServices } from '../core-services.ts';
import { removeDataset, trashDataset } from '../datasets/dataset-procedures.ts';
import { findProject } from '../datasets/find-dataset.ts';
import type { JobRunner } from '../jobs/job-runner.ts';
import type { FeatureRouter, Procedures } from '../procedures.ts';

export function projectProcedures(
  os: Procedures,
  services: CoreServices,
  runner: JobRunner,
): FeatureRouter<'projects'> {
  const { projects, datasets, events } = services;
  const changed = <T extends { readonly id: number }>(project: T): T => {
    events.publish({ type: 'project.changed', projectId: project.id });
    return project;
  };
  return os.projects.router({
    create: os.projects.create.handler(async ({ input }) => changed(await projects.insert(input.name))),
    list: os.projects.list.handler(() => projects.list()),
    get: os.projects.get.handler(({ input }) => projects.get(input.id)),
    resolve: os.projects.resolve.handler(({ input }) => findProject(projects, input.name)),
    rename: os.projects.rename.handler(async ({ input }) => changed(await projects.rename(input.id, input.name))),
    trash: os.projects.trash.handler(async ({ input }) => {
      await projects.get(input.id);
      const at = Date.now();
      for (const dataset of await datasets.list(input.id)) await trashDataset(services, runner, dataset.id, at);
      await projects.trash(input.id, at);
      changed(input);
      return {};
    }),
    restore: os.projects.restore.handler(async ({ input }) => {
      const { trashedAt } = await projects.restore(input.id);
      for (const dataset of datasets.trashed()) {
        if (dataset.projectId === input.id && dataset.trashedAt === trashedAt) await datasets.restore(dataset.id);
      }
      return changed(await projects.get(input.id));
    }),
    trashed: os.projects.trashed.handler(() => projects.trashed()),
    remove: os.projects.remove.handler(async ({ input }) => {
      await projects.get(input.id);
      await removeProject(services, runner, input.id);
      return {};
    }),
  });
}

/** Removes a project for good, with its datasets: those in sight, in the trash, and trials. */
export async function removeProject(services: CoreServices, runner: JobRunner, id: number): Promise<void> {
  const { projects, datasets, events } = services;
  for (const datasetId of datasets.idsOfProject(id)) await removeDataset(services, runner, datasetId);
  await projects.remove(id);
  events.publish({ type: 'project.changed', projectId: id });
}
