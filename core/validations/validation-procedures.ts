/** Validations, as the contract has them. */

import type { CoreServices } from '../core-services.ts';
import type { JobRunner } from '../jobs/job-runner.ts';
import type { FeatureRouter, Procedures } from '../procedures.ts';

export function validationProcedures(
  os: Procedures,
  services: CoreServices,
  runner: JobRunner,
): FeatureRouter<'validations'> {
  return os.validations.router({
    start: os.validations.start.handler(async ({ input }) => {
      await services.datasets.get(input.datasetId);
      const { rulesOf } = await import('./validation-job.ts');
      rulesOf(services.ruleSets.chosen(), input);
      return runner.start('validate', input.datasetId, input);
    }),
  });
}
