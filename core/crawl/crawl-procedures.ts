/** Crawls, as the contract has them. */

import type { CrawlInput } from '../../shared/contract/crawls.ts';
import type { CoreServices } from '../core-services.ts';
import { removeDataset } from '../datasets/dataset-procedures.ts';
import type { JobRunner } from '../jobs/job-runner.ts';
import type { FeatureRouter, Procedures } from '../procedures.ts';
import { SEARCH_SERVICES } from '../sources/search-services.ts';
import { ServiceCounts } from './service-counts.ts';
import { startTrial, TRIAL_IMAGES } from './trial.ts';
import { siteOf } from './url-rules.ts';

/** Enough to come upon ten images, and few enough to be over soon. */
const TRIAL_PAGES = 20;

export function crawlProcedures(os: Procedures, services: CoreServices, runner: JobRunner): FeatureRouter<'crawls'> {
  const { datasets, settings } = services;
  const counts = new ServiceCounts({
    gapMs: (service, url) => {
      const { defaultBaseUrl, minDelayMs } = SEARCH_SERVICES[service];
      const isService = siteOf(url) === siteOf(defaultBaseUrl);
      return Math.max(settings.value('crawl.delayMs'), isService ? minDelayMs : 0);
    },
  });
  const start = async (input: CrawlInput) => {
    const { planCrawl } = await import('./crawl-job.ts');
    await planCrawl(services, input);
    return runner.start('crawl', input.datasetId, input);
  };
  return os.crawls.router({
    start: os.crawls.start.handler(async ({ input }) => {
      await datasets.get(input.datasetId);
      return start(input);
    }),
    estimate: os.crawls.estimate.handler(async ({ input }) => {
      await datasets.get(input.datasetId);
      const { estimateCrawl } = await import('./estimate.ts');
      return estimateCrawl(services, counts, input);
    }),
    trial: os.crawls.trial.handler(({ input }) =>
      startTrial(services, runner, { datasetId: input.datasetId, kind: 'crawl' }, (datasetId) =>
        start({
          ...input,
          datasetId,
          maxImages: Math.min(TRIAL_IMAGES, input.maxImages ?? TRIAL_IMAGES),
          maxPages: Math.min(TRIAL_PAGES, input.maxPages),
        }),
      ),
    ),
    endTrial: os.crawls.endTrial.handler(async ({ input }) => {
      if (datasets.trials().includes(input.datasetId)) await removeDataset(services, runner, input.datasetId);
      return {};
    }),
  });
}
