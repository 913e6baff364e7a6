/** What filters ask for. `core/db/sample-query.ts` has them as SQL. */

import type { SampleFilter, SingleFilter } from '../../shared/contract/samples.ts';
import { matchQuery } from '../db/match-query.ts';

/** The filter of the command line in the words of the other. */
export function asSampleFilter({ datasetId, status, label, reason }: SingleFilter): SampleFilter {
  return {
    datasetId,
    ...(status === undefined ? {} : { statuses: [status] }),
    ...(label === undefined ? {} : { labels: [label] }),
    ...(reason === undefined ? {} : { reasons: [reason] }),
  };
}

/** Facets of a filter without alternatives narrow nothing; a text without words neither. */
export function narrowingsOf(filter: SampleFilter): ReadonlySet<keyof SampleFilter> {
  const narrowings = new Set<keyof SampleFilter>();
  for (const name of ['statuses', 'labels', 'splits', 'reasons', 'sources', 'licences', 'formats'] as const) {
    if ((filter[name]?.length ?? 0) > 0) narrowings.add(name);
  }
  if (Object.values(filter.ranges ?? {}).some((range) => range?.min !== undefined || range?.max !== undefined)) {
    narrowings.add('ranges');
  }
  if (filter.text !== undefined && matchQuery(filter.text) !== null) narrowings.add('text');
  if (filter.jobId !== undefined) narrowings.add('jobId');
  if (filter.duplicates !== undefined) narrowings.add('duplicates');
  return narrowings;
}
