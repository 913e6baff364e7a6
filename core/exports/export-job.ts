import { isAbsolute } from 'node:path';
import type { Dataset } from '../../shared/contract/datasets.ts';
import { exportInput } from '../../shared/contract/exports.ts';
import type { Job } from '../../shared/contract/jobs.ts';
import { AppError } from '../../shared/errors.ts';
import type { CoreServices } from '../core-services.ts';
import type { JobControl, JobOutcome } from '../jobs/job-runner.ts';
import type { ExportSample } from './export-types.ts';
import { runExport } from './run-export.ts';

const BATCH_SIZE = 500;
/** Ids held at once. */
const PAGE_SIZE = 100_000;

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
  const total = await countOf(services, input.datasetId, input.statuses);
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
      outPath: input.outPath,
      dataDirectory: services.directory.root,
      dataset: { name: dataset.name, description: null, labels: dataset.labels.map((label) => label.name) },
      samples: batches(services, dataset, input.statuses),
      pathOf: (sha256) => services.blobStore.pathOf(sha256),
      productVersion: version,
      signal: abort.signal,
      onProgress: (progress) => control.tally.advance(progress.images, Math.max(total, progress.images)),
    });
    return { state: 'completed', result: { ...report } };
  } catch (error) {
    if (abort.signal.aborted) return { state: 'stopped' };
    throw error;
  }
}

async function countOf(services: CoreServices, datasetId: number, statuses: readonly string[]): Promise<number> {
  const [row] = await services.reader.all<{ count: number }>(
    'SELECT count(*) AS count FROM samples WHERE dataset_id = ? AND status IN (SELECT value FROM json_each(?))',
    [datasetId, JSON.stringify(statuses)],
  );
  return row?.count ?? 0;
}

/**
 * Sample ids by label and hash, so that the same dataset gives the same bytes. Each page reads the rest of its label to
 * sort it: pages are large, and one text each, so that few are read and none takes much memory.
 */
export async function* sortedIds(
  services: Pick<CoreServices, 'reader'>,
  dataset: Dataset,
  statuses: readonly string[],
  pageSize = PAGE_SIZE,
): AsyncGenerator<readonly number[]> {
  // As SQLite compares names: by code point, where JavaScript compares UTF-16.
  const labels = dataset.labels.toSorted((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)));
  for (const labelId of [null, ...labels.map((label) => label.id)]) {
    let after: string | null = '';
    while (after !== null) {
      const [page]: { ids: string; last: string | null }[] = await services.reader.all(
        `SELECT json_group_array(id ORDER BY sha256) AS ids, lower(hex(max(sha256))) AS last FROM (
           SELECT s.id, i.sha256 FROM samples s JOIN images i ON i.id = s.image_id
           WHERE s.dataset_id = ? AND s.label_id IS ? AND s.status IN (SELECT value FROM json_each(?))
             AND i.sha256 > unhex(?)
           ORDER BY i.sha256 LIMIT ?)`,
        [dataset.id, labelId, JSON.stringify(statuses), after, pageSize],
      );
      const ids = JSON.parse(page?.ids ?? '[]') as number[];
      if (ids.length > 0) yield ids;
      after = ids.length < pageSize ? null : (page?.last ?? null);
    }
  }
}

async function* batches(
  services: CoreServices,
  dataset: Dataset,
  statuses: readonly string[],
): AsyncGenerator<readonly ExportSample[]> {
  for await (const ids of sortedIds(services, dataset, statuses)) {
    for (let at = 0; at < ids.length; at += BATCH_SIZE) {
      yield services.samples.withOrigins(services.samples.byIds(ids.slice(at, at + BATCH_SIZE)));
    }
  }
}
