import { z } from 'zod';
import { procedure } from './common.ts';

const setting = z.object({
  name: z.string(),
  /** '' for a secret: it can be set and is never told. */
  value: z.union([z.string(), z.number(), z.boolean()]),
  defaultValue: z.union([z.string(), z.number(), z.boolean()]),
  /** Where the value comes from; the environment wins over what was set. */
  from: z.enum(['default', 'set', 'environment']),
  isSecret: z.boolean(),
  environmentVariable: z.string(),
  description: z.string(),
});
export type Setting = z.infer<typeof setting>;

const tags = ['settings'];

export const settings = {
  list: procedure
    .route({
      method: 'GET',
      path: '/settings',
      tags,
      summary: 'Every setting with its value; secrets only say whether they are set.',
    })
    .output(z.array(setting)),
  get: procedure
    .route({ method: 'GET', path: '/settings/{name}', tags, summary: 'One setting.' })
    .input(z.object({ name: z.string() }))
    .output(setting),
  set: procedure
    .route({
      method: 'PUT',
      path: '/settings/{name}',
      tags,
      summary: 'Changes a setting, from now on and over restarts.',
    })
    .input(z.object({ name: z.string(), value: z.string() }))
    .output(setting),
  unset: procedure
    .route({ method: 'DELETE', path: '/settings/{name}', tags, summary: 'Back to its default.' })
    .input(z.object({ name: z.string() }))
    .output(setting),
};
