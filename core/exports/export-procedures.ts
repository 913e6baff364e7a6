/** Exports, as the contract has them. */

import type { CoreServices } from '../core-services.ts';
import type { JobRunner } from '../jobs/job-runner.ts';
import type { FeatureRouter, Procedures } from '../procedures.ts';

export function exportProcedures(os: Procedures, services: CoreServices, runner: JobRunner): FeatureRouter<'exports'> {
  return os.exports.router({
    start: os.exports.start.handler(async ({ input }) => {
      await services.datasets.get(input.datasetId);
      return runner.start('export', input.datasetId, input);
    }),
    estimate: os.exports.estimate.handler(async ({ input }) => {
      await services.datasets.get(input.datasetId);
      const { estimateExport } = await import('./estimate.ts');
      return estimateExport(services, input);
    }),
  });
}
