/** Exports, as the contract has them. */

import type { ExportInput } from '../../shared/contract/exports.ts';
import { AppError } from '../../shared/errors.ts';
import type { CoreServices } from '../core-services.ts';
import type { JobRunner } from '../jobs/job-runner.ts';
import type { FeatureRouter, Procedures } from '../procedures.ts';

export function exportProcedures(os: Procedures, services: CoreServices, runner: JobRunner): FeatureRouter<'exports'> {
  return os.exports.router({
    start: os.exports.start.handler(async ({ input }) => {
      await services.datasets.get(input.datasetId);
      requireLinkable(input);
      return runner.start('export', input.datasetId, input);
    }),
    estimate: os.exports.estimate.handler(async ({ input }) => {
      await services.datasets.get(input.datasetId);
      const { estimateExport } = await import('./estimate.ts');
      return estimateExport(services, input);
    }),
  });
}

function requireLinkable({ archive, hardLinks }: ExportInput): void {
  if (!hardLinks || archive === 'none') return;
  throw new AppError(
    'bad-request',
    `Expected a folder to put hard links in, got an archive (${archive}). Leave the links out, or write a folder.`,
  );
}
