import { z } from 'zod';
import { id, name, nothing, procedure, referableName, timestamp } from './common.ts';

const project = z.object({ id, name, datasetCount: z.int(), createdAt: timestamp, updatedAt: timestamp });
export type Project = z.infer<typeof project>;

const tags = ['projects'];

export const projects = {
  create: procedure
    .route({ method: 'POST', path: '/projects', tags, summary: 'Makes a project.' })
    .input(z.object({ name: referableName }))
    .output(project),
  list: procedure
    .route({ method: 'GET', path: '/projects', tags, summary: 'Every project, in the order of their names.' })
    .output(z.array(project)),
  get: procedure
    .route({ method: 'GET', path: '/projects/{id}', tags, summary: 'One project.' })
    .input(z.object({ id }))
    .output(project),
  resolve: procedure
    .route({
      method: 'GET',
      path: '/projects/by-name',
      tags,
      summary: 'By exact name; `not-found` names the projects there are.',
    })
    .input(z.object({ name }))
    .output(project),
  rename: procedure
    .route({
      method: 'PATCH',
      path: '/projects/{id}',
      tags,
      summary: 'Gives a project another name. `conflict` when there is one of this name.',
    })
    .input(z.object({ id, name: referableName }))
    .output(project),
  trash: procedure
    .route({
      method: 'POST',
      path: '/projects/{id}/trash',
      tags,
      summary: 'With all its datasets, as `datasets.trash` does.',
    })
    .input(z.object({ id }))
    .output(nothing),
  restore: procedure
    .route({
      method: 'POST',
      path: '/projects/{id}/restore',
      tags,
      summary: 'Back from the trash, with the datasets that went with it.',
    })
    .input(z.object({ id }))
    .output(project),
  trashed: procedure
    .route({ method: 'GET', path: '/projects/trashed', tags, summary: 'What is in the trash, the newest first.' })
    /** `datasetCount` is of those that come back with it. */
    .output(z.array(z.object({ id, name, datasetCount: z.int(), trashedAt: timestamp }))),
  remove: procedure
    .route({
      method: 'DELETE',
      path: '/projects/{id}',
      tags,
      summary: 'Removes the project with its datasets; images that no other dataset holds go to the trash.',
    })
    .input(z.object({ id }))
    .output(nothing),
};
