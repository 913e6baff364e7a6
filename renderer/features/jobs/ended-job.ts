/** What is said of a job that ends while one is elsewhere, and the step that most likely comes next. */

import type { Job } from '../../../shared/contract/jobs.ts';
import { t } from '../../messages/index.ts';

type Ended = Pick<Job, 'id' | 'kind' | 'state' | 'datasetId' | 'counts'>;

/** The screen of a dataset that shows its jobs of a kind. */
const SHOWN_ON: Partial<Readonly<Record<Job['kind'], string>>> = {
  crawl: 'collect',
  import: 'collect',
  export: 'export',
};

/** Whether the screen at an address shows how the job ended. */
export function isInSight(
  { id, kind, datasetId }: Pick<Ended, 'id' | 'kind' | 'datasetId'>,
  location: string,
): boolean {
  const screen = SHOWN_ON[kind];
  return [`/jobs/${id}`, '/jobs', ...(screen === undefined ? [] : [`/datasets/${datasetId}/${screen}`])].includes(
    location.replace(/(.)\/$/, '$1'),
  );
}

/** Where one goes next, and what that is called. */
export function nextStep({ id, kind, state, datasetId, counts }: Ended): {
  readonly href: string;
  readonly label: string;
} {
  const dataset = `/datasets/${datasetId}`;
  if (state !== 'failed') {
    if (counts.quarantined > 0) {
      return { href: `${dataset}/review?job=${id}`, label: t.crawls.reviewNext(counts.quarantined) };
    }
    if (counts.accepted > 0) return { href: `${dataset}/browse?job=${id}&sort=-added`, label: t.crawls.browseRun };
    if (kind === 'export') return { href: `${dataset}/export`, label: t.datasets.show };
    if (kind === 'duplicate') return { href: `${dataset}/browse`, label: t.datasets.show };
  }
  return { href: `/jobs/${id}`, label: t.jobs.why };
}
