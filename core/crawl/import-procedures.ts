/** Imports, as the contract has them. */

import type { ImportInput } from '../../shared/contract/imports.ts';
import type { CoreServices } from '../core-services.ts';
import type { JobRunner } from '../jobs/job-runner.ts';
import type { FeatureRouter, Procedures } from '../procedures.ts';
import { startTrial, TRIAL_IMAGES } from './trial.ts';

export function importProcedures(os: Procedures, services: CoreServices, runner: JobRunner): FeatureRouter<'imports'> {
  const start = async (input: ImportInput) => {
    const { planImport } = await import('./crawl-job.ts');
    await planImport(services, input);
    return runner.start('import', input.datasetId, input);
  };
  return os.imports.router({
    start: os.imports.start.handler(async ({ input }) => {
      await services.datasets.get(input.datasetId);
      return start(input);
    }),
    trial: os.imports.trial.handler(({ input }) =>
      startTrial(services, runner, { datasetId: input.datasetId, kind: 'import' }, (datasetId) =>
        start({ ...input, datasetId, maxImages: Math.min(TRIAL_IMAGES, input.maxImages ?? TRIAL_IMAGES) }),
      ),
    ),
  });
}
