import { isAbsolute } from 'node:path';
import { exportInput } from '../../shared/contract/exports.ts';
import type { Job } from '../../shared/contract/jobs.ts';
import { AppError } from '../../shared/errors.ts';
import type { CoreServices } from '../core-services.ts';
import type { JobControl, JobOutcome } from '../jobs/job-runner.ts';
import { ExportRepository } from './export-repository.ts';
import type { ExportSample } from './export-types.ts';
import { runExport } from './run-export.ts';

const BATCH_SIZE = 500;

/** Writes a dataset out. An export cut short leaves nothing behind and starts anew when it is resumed. */
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
  const total = await exported.count(input.datasetId, input.statuses);
  if (total === 0) {
    throw new AppError(
      'conflict',
      `The dataset "${dataset.name}" has no ${input.statuses.join(' or ')} images, so there is nothing to export.`,
    );
  }
  try {
    const report = await runExport({
      format: input.format,
      archive: input.archive,
      useHardLinks: input.hardLinks,
      outPath: input.outPath,
      dataDirectory: services.directory.root,
      dataset: { name: dataset.name, labels: dataset.labels.map((label) => label.name) },
      samples: () => exportSamples(services, exported.streamIds(dataset, input.statuses)),
      pathOf: (sha256) => services.blobStore.pathOf(sha256),
      productVersion: version,
      signal: abort.signal,
      onProgress: (progress) => control.tally.advance(progress.images, Math.max(total, progress.images)),
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

/** Samples as exports take them, in batches, in the order of their ids. */
export async function* exportSamples(
  { samples }: CoreServices,
  pages: AsyncIterable<readonly number[]> | Iterable<readonly number[]>,
): AsyncGenerator<readonly ExportSample[]> {
  for await (const ids of pages) {
    for (let at = 0; at < ids.length; at += BATCH_SIZE) {
      yield samples.withOrigins(samples.byIds(ids.slice(at, at + BATCH_SIZE)));
    }
  }
}
