/** What is worth telling a person who looks elsewhere: decided from what has changed in the library. */

import type { Job } from '../shared/contract/jobs.ts';
import { unreachable } from '../shared/errors.ts';
import type { LibraryChange } from './live-library.ts';
import { t } from './messages.ts';

export interface Notice {
  readonly title: string;
  readonly text: string;
  /** Where a click leads. */
  readonly place: string;
  /** Whether a person has to do something about it. */
  readonly needsAttention: boolean;
}

export function noticesOf({ before, after, ended }: LibraryChange): Notice[] {
  // The first look finds how things are: nothing of it has just happened.
  if (!before.isKnown) return [];
  const notices = ended.flatMap(noticeOfEnd);
  for (const job of after.jobs) {
    const known = before.jobs.find(({ id }) => id === job.id);
    if (isStoppedByDisk(job) && known !== undefined && !isStoppedByDisk(known)) {
      notices.push(
        attention(t.notifications.titleOf(job), job.error?.message ?? t.notifications.diskFull, `/jobs/${job.id}`),
      );
    }
  }
  if (after.holds.includes('disk') && !before.holds.includes('disk') && after.jobs.length > 0) {
    notices.push(attention(t.notifications.diskFull, t.notifications.diskFullText, '/jobs'));
  }
  for (const source of ['openverse', 'wikimedia'] as const) {
    if (after.sources[source] !== 'failing' || before.sources[source] === 'failing') continue;
    // It was so before we looked for the first time.
    if (before.sources[source] === undefined) continue;
    notices.push(attention(t.notifications.sourceFails(source), t.notifications.sourceFailsText, '/settings/sources'));
  }
  return notices;
}

/** One notice for what happened at about the same time; null when nothing did. */
export function grouped(notices: readonly Notice[]): Notice | null {
  const [only] = notices;
  if (only === undefined || notices.length === 1) return only ?? null;
  return {
    title: t.notifications.many(notices.length),
    text: notices.map(({ title }) => title).join('\n'),
    place: '/jobs',
    needsAttention: notices.some(({ needsAttention }) => needsAttention),
  };
}

function isStoppedByDisk({ state, error }: Job): boolean {
  return state === 'paused' && error?.code === 'disk-full';
}

function noticeOfEnd(job: Job): Notice[] {
  const title = t.notifications.titleOf(job);
  const place = `/jobs/${job.id}`;
  switch (job.state) {
    case 'completed': {
      const isCollection = job.kind === 'crawl' || job.kind === 'import';
      const shown = isCollection ? `/datasets/${job.datasetId}/browse` : place;
      return [{ title, text: t.notifications.completed(job), place: shown, needsAttention: false }];
    }
    case 'completed-with-errors':
      return [attention(title, t.notifications.withErrors(job), place)];
    case 'failed':
      return [attention(title, t.notifications.failed(job.error?.message), place)];
    // A person did that, or it has not ended.
    case 'cancelled':
    case 'active':
    case 'waiting':
    case 'paused':
      return [];
    default:
      return unreachable(job.state);
  }
}

function attention(title: string, text: string, place: string): Notice {
  return { title, text, place, needsAttention: true };
}
