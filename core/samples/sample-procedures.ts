/** Samples, as the contract has them. */

import type { CoreServices } from '../core-services.ts';
import { type FeatureRouter, type Procedures, pageOfRows } from '../procedures.ts';

export function sampleProcedures(os: Procedures, services: CoreServices): FeatureRouter<'samples'> {
  const { samples } = services;
  return os.samples.router({
    list: os.samples.list.handler(({ input }) => {
      const { after, limit, ...filter } = input;
      const items = samples.withOrigins(samples.page(filter, after, limit));
      return pageOfRows(items, limit);
    }),
    get: os.samples.get.handler(({ input }) => samples.get(input.id)),
    count: os.samples.count.handler(async ({ input }) => {
      const { sql, parameters } = samples.countQuery(input);
      const [row] = await services.reader.all<{ count: number }>(sql, parameters);
      return { count: row?.count ?? 0 };
    }),
  });
}
