import { isAbsolute } from 'node:path';
import { exportInput } from '../../shared/contract/exports.ts';
import type { Job } from '../../shared/contract/jobs.ts';
import { AppError } from '../../shared/errors.ts';
import type { CoreServices } from '../core-services.ts';
import type { JobControl, JobOutcome } from '../jobs/job-runner.ts';
import { ExportRepository } from './export-repository.ts';
import { freezeContent } from './frozen-content.ts';
import { runExport } from './run-export.ts';

/**
 * Writes a dataset out as it is when the writing begins; what is changed meanwhile does not show in it. An export cut
 * short leaves nothing behind, and starts anew when it is resumed, with what the dataset is then.
 */
export async function runExportJob(
  services: CoreServices,
  version: string,
  job: Job,
  control: JobControl,
): Promise<JobOutcome> {
  const input = exportInput.parse(job.parameters);
  if (!isAbsolute(input.outPath)) {
    throw new AppError('bad-request', `Expected an absolute path to write to, got "${input.outPath}".`);
  }
  const exported = new ExportRepository(services.database, services.ownerId, services.reader);
  const dataset = await services.datasets.get(input.datasetId);
  const abort = new AbortController();
  control.onStop(() => abort.abort());
  let total = 0;
  const content = async (folderPath: string) => {
    control.tally.enter('reading');
    const frozen = await freezeContent({
      databasePath: services.database.path,
      queries: exported.content(input.datasetId, input.statuses),
      folderPath,
      signal: abort.signal,
    });
    total = frozen.images;
    if (total > 0) return frozen;
    throw new AppError(
      'not-found',
      `The dataset "${dataset.name}" has no ${input.statuses.join(' or ')} images, so there is nothing to export. Collect or accept some, or export images of other statuses as well.`,
    );
  };
  try {
    const report = await runExport({
      format: input.format,
      archive: input.archive,
      useHardLinks: input.hardLinks,
      outPath: input.outPath,
      dataDirectory: services.directory.root,
      content,
      pathOf: (sha256) => services.blobStore.pathOf(sha256),
      productVersion: version,
      signal: abort.signal,
      onProgress: ({ phase, images }) => {
        control.tally.enter(phase);
        control.tally.advance(images, Math.max(total, images));
      },
    });
    const { leftOut } = report;
    if (leftOut.images === 0) return { state: 'completed', result: { ...report } };
    await services.database.write(() => {
      control.tally.set({ failed: leftOut.images });
      for (const [reason, count] of Object.entries(leftOut.byReason)) control.tally.setReason(reason, count);
    });
    return { state: 'completed-with-errors', result: { ...report }, error: leftOutError(leftOut.images, total) };
  } catch (error) {
    if (abort.signal.aborted) return { state: 'stopped' };
    throw error;
  }
}

function leftOutError(leftOut: number, total: number): { code: string; message: string } {
  return {
    code: 'not-found',
    message: `${leftOut} of ${total} images were left out, because their stored files are missing or damaged; LEFT-OUT.csv in the export names them. Run the doctor ("pixcrawler doctor", or Health in the settings): it says how to get them back. Then export again to another path.`,
  };
}
