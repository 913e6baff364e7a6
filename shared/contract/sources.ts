import { z } from 'zod';
import { procedure, timestamp } from './common.ts';

const sourceStatus = z.object({
  source: z.enum(['openverse', 'wikimedia']),
  /** Base address of its API, as the settings have it. */
  address: z.string(),
  /**
   * - `unused`: never asked yet
   * - `working`: it answered the last request
   * - `resting`: it asked to be left alone for a while (429, 503)
   * - `failing`: the last requests had no answer, or a broken one
   */
  state: z.enum(['unused', 'working', 'resting', 'failing']),
  /** Requests in a row without a good answer. */
  failures: z.int(),
  /** When it is asked again at the earliest; null when that is now. */
  nextDueAt: timestamp.nullable(),
});
export type SourceStatus = z.infer<typeof sourceStatus>;

export const sources = {
  list: procedure
    .route({
      method: 'GET',
      path: '/sources',
      tags: ['sources'],
      summary: 'The search services, and how they answered the last time they were asked.',
    })
    .output(z.array(sourceStatus)),
};
