/** The exports of a dataset. */

import type { Job } from '../../../shared/contract/jobs.ts';

/**
 * Exports of a dataset as they are now, newest first.
 * @param stored as they were read
 * @param live as events told them later
 */
export function exportsOf(stored: readonly Job[], live: readonly Job[], datasetId: number): Job[] {
  const byId = new Map([...stored, ...live].map((job) => [job.id, job]));
  return [...byId.values()]
    .filter((job) => job.kind === 'export' && job.datasetId === datasetId)
    .sort((a, b) => b.id - a.id);
}

/** Where an export was told to write; '' when its request does not say. */
export function outPathOf({ parameters }: Pick<Job, 'parameters'>): string {
  return typeof parameters.outPath === 'string' ? parameters.outPath : '';
}
