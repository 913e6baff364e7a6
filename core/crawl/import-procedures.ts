/** Imports, as the contract has them. */

import type { CoreServices } from '../core-services.ts';
import type { JobRunner } from '../jobs/job-runner.ts';
import type { FeatureRouter, Procedures } from '../procedures.ts';

export function importProcedures(os: Procedures, services: CoreServices, runner: JobRunner): FeatureRouter<'imports'> {
  return os.imports.router({
    start: os.imports.start.handler(async ({ input }) => {
      await services.datasets.get(input.datasetId);
      const { planImport } = await import('./crawl-job.ts');
      await planImport(services, input);
      return runner.start('import', input.datasetId, input);
    }),
  });
}
