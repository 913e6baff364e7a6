import { client } from '../../api/client.ts';
import type { BrowseSource } from './browse-session.ts';

/** The core as a browsing session asks it. */
export const coreSource: BrowseSource = {
  browse: (request, signal) => client.samples.browse(request, { signal }),
  index: (request, signal) => client.samples.index(request, { signal }),
  ids: (request, signal) => client.samples.ids(request, { signal }),
  facets: async (filter, signal) => (await client.samples.facets({ filter }, { signal })).facets,
  arrivals: async (filter, signal) =>
    (await client.samples.histogram({ filter, measure: 'createdAt' }, { signal })).bins,
  duplicates: (filter, signal) => client.duplicates.sections({ filter }, { signal }),
  apply: (datasetId, target, change) => client.decisions.apply({ datasetId, target, change }),
};
