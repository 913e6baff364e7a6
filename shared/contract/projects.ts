import { z } from 'zod';
import { id, name, nothing, procedure, timestamp } from './common.ts';

const project = z.object({ id, name, datasetCount: z.int(), createdAt: timestamp, updatedAt: timestamp });
export type Project = z.infer<typeof project>;

const tags = ['projects'];

export const projects = {
  create: procedure.route({ method: 'POST', path: '/projects', tags }).input(z.object({ name })).output(project),
  list: procedure.route({ method: 'GET', path: '/projects', tags }).output(z.array(project)),
  get: procedure.route({ method: 'GET', path: '/projects/{id}', tags }).input(z.object({ id })).output(project),
  /** By exact name; `not-found` names the projects there are. */
  resolve: procedure
    .route({ method: 'GET', path: '/projects/by-name', tags })
    .input(z.object({ name }))
    .output(project),
  rename: procedure
    .route({ method: 'PATCH', path: '/projects/{id}', tags })
    .input(z.object({ id, name }))
    .output(project),
  /** With all its datasets, as `datasets.trash` does. */
  trash: procedure
    .route({ method: 'POST', path: '/projects/{id}/trash', tags })
    .input(z.object({ id }))
    .output(nothing),
  /** Back from the trash, with the datasets that went with it. */
  restore: procedure
    .route({ method: 'POST', path: '/projects/{id}/restore', tags })
    .input(z.object({ id }))
    .output(project),
  /** Removes the project with its datasets; images that no other dataset holds go to the trash. */
  remove: procedure.route({ method: 'DELETE', path: '/projects/{id}', tags }).input(z.object({ id })).output(nothing),
};
