/** Crawls, as the contract has them. */

import type { CoreServices } from '../core-services.ts';
import type { JobRunner } from '../jobs/job-runner.ts';
import type { FeatureRouter, Procedures } from '../procedures.ts';

export function crawlProcedures(os: Procedures, services: CoreServices, runner: JobRunner): FeatureRouter<'crawls'> {
  return os.crawls.router({
    start: os.crawls.start.handler(async ({ input }) => {
      await services.datasets.get(input.datasetId);
      const { planCrawl } = await import('./crawl-job.ts');
      await planCrawl(services, input);
      return runner.start('crawl', input.datasetId, input);
    }),
  });
}
