/** The runs of a dataset: which one is in front, and which others there are. */

import type { Job } from '../../../shared/contract/jobs.ts';

/**
 * Crawls and imports of a dataset as they are now, newest first.
 * @param stored as they were read
 * @param live as events told them later
 */
export function runsOf(stored: readonly Job[], live: readonly Job[], datasetId: number): Job[] {
  const byId = new Map([...stored, ...live].map((job) => [job.id, job]));
  return [...byId.values()]
    .filter((job) => job.datasetId === datasetId && (job.kind === 'crawl' || job.kind === 'import'))
    .sort((a, b) => b.id - a.id);
}

/** Of those that have not ended the one that is most alive goes first. */
const LIVELINESS: Partial<Readonly<Record<Job['state'], number>>> = { active: 3, waiting: 2, paused: 1 };

/**
 * The run one would look at: the one chosen, else one that runs, else one that waits or rests, else the newest.
 * @param chosenId null when none is chosen
 */
export function frontRun(runs: readonly Job[], chosenId: number | null): Job | undefined {
  const chosen = runs.find(({ id }) => id === chosenId);
  if (chosen !== undefined) return chosen;
  return runs.reduce<Job | undefined>((front, job) => {
    if (front === undefined) return job;
    return (LIVELINESS[job.state] ?? 0) > (LIVELINESS[front.state] ?? 0) ? job : front;
  }, undefined);
}
