/** Samples, as the contract has them. */

import type { CoreServices } from '../core-services.ts';
import { type FeatureRouter, type Procedures, pageOfRows } from '../procedures.ts';
import { BrowseRepository } from './browse-repository.ts';
import { FacetRepository } from './facet-repository.ts';
import { readSampleDetails } from './sample-details.ts';
import { asSampleFilter } from './sample-filter.ts';

export function sampleProcedures(os: Procedures, services: CoreServices): FeatureRouter<'samples'> {
  const { database, ownerId, reader, samples } = services;
  const browse = new BrowseRepository(database, ownerId, reader, samples);
  const facets = new FacetRepository(database, ownerId, reader, samples);
  return os.samples.router({
    list: os.samples.list.handler(async ({ input }) => {
      const { after, limit, ...filter } = input;
      const summaries = await browse.pageAfter(filter, after, limit);
      return pageOfRows(samples.withOrigins(summaries), limit);
    }),
    get: os.samples.get.handler(({ input }) => samples.get(input.id)),
    count: os.samples.count.handler(async ({ input }) => {
      const [row] = await reader.rows<{ count: number }>(samples.countQuery(asSampleFilter(input)), 'scan');
      return { count: row?.count ?? 0 };
    }),
    browse: os.samples.browse.handler(({ input }) => browse.page(input.filter, input.sort, input.after, input.limit)),
    index: os.samples.index.handler(({ input }) => browse.index(input.filter, input.sort, input.pageSize)),
    ids: os.samples.ids.handler(async ({ input }) => ({
      ids: await browse.ids(input.filter, input.sort, input.offset, input.limit),
    })),
    facets: os.samples.facets.handler(({ input }) => facets.facets(input.filter)),
    histogram: os.samples.histogram.handler(({ input }) => facets.histogram(input.filter, input.measure)),
    details: os.samples.details.handler(({ input }) => readSampleDetails(services, input.id)),
  });
}
