import type { CoreServices } from '../core-services.ts';
import type { JobRunner } from '../jobs/job-runner.ts';
import { removeProject } from '../projects/project-procedures.ts';
import { removeDataset } from './dataset-procedures.ts';

/** Removes for good what went into the trash before `before`, and trials that nobody ended since then. */
export async function emptyTrash(services: CoreServices, runner: JobRunner, before: number): Promise<void> {
  const { datasets, projects } = services;
  for (const id of projects.trashedBefore(before)) await removeProject(services, runner, id);
  for (const { id, trashedAt } of datasets.trashed()) {
    if (trashedAt < before) await removeDataset(services, runner, id);
  }
  for (const id of datasets.trialsBefore(before)) await removeDataset(services, runner, id);
}
