/** Projects, as the contract has them. */

import type { CoreServices } from '../core-services.ts';
import { removeDataset } from '../datasets/dataset-procedures.ts';
import { findProject } from '../datasets/find-dataset.ts';
import type { JobRunner } from '../jobs/job-runner.ts';
import type { FeatureRouter, Procedures } from '../procedures.ts';

export function projectProcedures(
  os: Procedures,
  services: CoreServices,
  runner: JobRunner,
): FeatureRouter<'projects'> {
  const { projects, datasets } = services;
  return os.projects.router({
    create: os.projects.create.handler(({ input }) => projects.insert(input.name)),
    list: os.projects.list.handler(() => projects.list()),
    get: os.projects.get.handler(({ input }) => projects.get(input.id)),
    resolve: os.projects.resolve.handler(({ input }) => findProject(projects, input.name)),
    rename: os.projects.rename.handler(({ input }) => projects.rename(input.id, input.name)),
    remove: os.projects.remove.handler(async ({ input }) => {
      await projects.get(input.id);
      for (const dataset of await datasets.list(input.id)) await removeDataset(services, runner, dataset.id);
      await projects.remove(input.id);
      return {};
    }),
  });
}
