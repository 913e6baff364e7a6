/** What can be told of a job from its numbers. */

import type { Job } from '../../../shared/contract/jobs.ts';
import type { ErrorCode } from '../../../shared/errors.ts';
import { FINDINGS, REFUSALS } from '../../../shared/vocabulary.ts';

/** Images a second over the time the job was active; null before there is anything to divide. */
export function imagesPerSecond({ counts, durationMs }: Pick<Job, 'counts' | 'durationMs'>): number | null {
  const settled = counts.fetched + counts.refused;
  return durationMs < 1_000 || settled === 0 ? null : settled / (durationMs / 1_000);
}

export interface ReasonCount {
  readonly reason: string;
  readonly count: number;
}

/** Reasons with their counts, most frequent first; among equals by name. */
export function sortedReasons(reasons: Readonly<Record<string, number>>): ReasonCount[] {
  return Object.entries(reasons)
    .filter(([, count]) => count > 0)
    .map(([reason, count]) => ({ reason, count }))
    .sort((a, b) => b.count - a.count || a.reason.localeCompare(b.reason));
}

/** What a reason means for an image: it is kept apart, was not kept, or could not be had. */
export type ReasonGroup = 'failed' | 'refused' | 'quarantined';

/** The reasons of a job by what they mean, each group as `sortedReasons` has it. */
export function groupedReasons(
  reasons: Readonly<Record<string, number>>,
): Readonly<Record<ReasonGroup, ReasonCount[]>> {
  const groups: Record<ReasonGroup, ReasonCount[]> = { failed: [], refused: [], quarantined: [] };
  for (const each of sortedReasons(reasons)) groups[reasonGroup(each.reason)].push(each);
  return groups;
}

function reasonGroup(reason: string): ReasonGroup {
  if ((FINDINGS as readonly string[]).includes(reason)) return 'quarantined';
  return (REFUSALS as readonly string[]).includes(reason) ? 'refused' : 'failed';
}

/** What the same export to the same place meets again, however often. */
const MET_AGAIN: readonly string[] = [
  'bad-request',
  'forbidden',
  'not-found',
  'conflict',
] satisfies readonly ErrorCode[];

/** Whether it is an export that failed for what was asked of it, so that only another one helps. */
export function mustBeChanged({ state, kind, error }: Pick<Job, 'state' | 'kind' | 'error'>): boolean {
  return kind === 'export' && state === 'failed' && error !== null && MET_AGAIN.includes(error.code);
}

/** Whether retrying would do something: it runs again what failed, and jobs that did not get to their end. */
export function isRetryable(job: Pick<Job, 'state' | 'kind' | 'counts' | 'reasons' | 'error'>): boolean {
  const { state, kind, counts, reasons } = job;
  if (mustBeChanged(job)) return false;
  if (state === 'failed' || state === 'cancelled') return true;
  if (state !== 'completed-with-errors' || (kind !== 'crawl' && kind !== 'import')) return false;
  // Counts are of images; pages that failed show in the reasons alone.
  return counts.failed > 0 || groupedReasons(reasons).failed.length > 0;
}
