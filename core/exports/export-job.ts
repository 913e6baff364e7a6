import { isAbsolute } from 'node:path';
import { exportInput } from '../../shared/contract/exports.ts';
import type { Job } from '../../shared/contract/jobs.ts';
import { AppError } from '../../shared/errors.ts';
import type { CoreServices } from '../core-services.ts';
import type { JobControl, JobOutcome } from '../jobs/job-runner.ts';
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
  const dataset = await services.datasets.get(input.datasetId);
  const abort = new AbortController();
  control.onStop(() => abort.abort());
  const ids = await sortedIds(services, input.datasetId, input.statuses);
  if (ids.length === 0) {
    throw new AppError(
      'conflict',
      `The dataset "${dataset.name}" has no ${input.statuses.join(' or ')} images, so there is nothing to export.`,
    );
  }
  try {
    const report = await runExport({
      format: input.format,
      archive: input.archive,
      outPath: input.outPath,
      dataDirectory: services.directory.root,
      dataset: { name: dataset.name, description: null, labels: dataset.labels.map((label) => label.name) },
      samples: batches(services, ids),
      pathOf: (sha256) => services.blobStore.pathOf(sha256),
      productVersion: version,
      signal: abort.signal,
      onProgress: (progress) => control.tally.advance(progress.images, ids.length),
    });
    return { state: 'completed', result: { ...report } };
  } catch (error) {
    if (abort.signal.aborted) return { state: 'stopped' };
    throw error;
  }
}

/** Sample ids by label and hash, so that the same dataset gives the same bytes. */
async function sortedIds(services: CoreServices, datasetId: number, statuses: readonly string[]): Promise<number[]> {
  const rows = await services.reader.all<{ id: number }>(
    `SELECT s.id FROM samples s JOIN images i ON i.id = s.image_id LEFT JOIN labels l ON l.id = s.label_id
     WHERE s.dataset_id = ? AND s.status IN (SELECT value FROM json_each(?))
     ORDER BY coalesce(l.name, ''), i.sha256`,
    [datasetId, JSON.stringify(statuses)],
  );
  return rows.map((row) => row.id);
}

async function* batches(services: CoreServices, ids: readonly number[]): AsyncGenerator<readonly ExportSample[]> {
  for (let at = 0; at < ids.length; at += BATCH_SIZE) {
    const batch = services.samples.withOrigins(services.samples.byIds(ids.slice(at, at + BATCH_SIZE)));
    yield batch.map((sample) => ({ ...sample, tags: [] }));
  }
}
