import assert from 'node:assert/strict';
import { readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { NO_COUNTS } from '../../shared/contract/jobs.ts';
import { AppError } from '../../shared/errors.ts';
import type { JobOutcome } from '../jobs/job-runner.ts';
import { JobTally } from '../jobs/job-tally.ts';
import { addSamples, fakeWorkers, makeLibrary, storeBlob, type TestLibrary } from '../testing/test-library.ts';
import { runExportJob } from './export-job.ts';
import type { ExportReport } from './export-types.ts';

let library: TestLibrary;
before(async () => {
  library = await makeLibrary(fakeWorkers());
});
after(() => library?.remove());

/** A dataset of images whose bytes are their names. @returns its id and their hashes */
async function dataset(names: readonly string[]): Promise<{ datasetId: number; hashes: string[] }> {
  const datasetId = await library.newDataset();
  await addSamples(
    library.services,
    datasetId,
    names.map((name) => ({ name, sizeBytes: name.length, meta: { name: `${name}.jpg` } })),
  );
  return { datasetId, hashes: await Promise.all(names.map((name) => storeBlob(library.services, name))) };
}

async function exportAll(datasetId: number): Promise<{ outcome: JobOutcome; tally: JobTally; outPath: string }> {
  const outPath = join(library.services.directory.root, '..', `export-${datasetId}`);
  const job = await library.services.jobs.insert('export', datasetId, {
    datasetId,
    format: 'jsonl',
    outPath,
    // Some bytes are few for an image.
    statuses: ['quarantined'],
  });
  const tally = new JobTally(NO_COUNTS, {}, 0);
  const control = { tally, onStop: () => undefined, log: () => undefined };
  return { outcome: await runExportJob(library.services, '0.0.0', job, control), tally, outPath };
}

test('an export without some files is completed with errors, and says which they are', async () => {
  const { datasetId, hashes } = await dataset(['one', 'two', 'three']);
  await unlink(library.services.blobStore.pathOf(hashes[1]!));
  const { outcome, tally, outPath } = await exportAll(datasetId);
  assert.ok(outcome.state === 'completed-with-errors');
  assert.match(outcome.error?.message ?? '', /^1 of 3 images were left out, .* Run the doctor/);
  const { images, leftOut, dataset: name } = outcome.result as unknown as ExportReport;
  assert.deepEqual([images, leftOut.images, leftOut.byReason], [2, 1, { 'file-missing': 1 }]);
  assert.deepEqual(
    leftOut.samples.map((sample) => [sample.sha256, sample.name]),
    [[hashes[1], 'two.jpg']],
  );
  assert.equal(name, (await library.services.datasets.get(datasetId)).name);
  assert.deepEqual([tally.counts.failed, tally.reasons], [1, { 'file-missing': 1 }]);
  assert.match(
    await readFile(join(outPath, 'LEFT-OUT.csv'), 'utf8'),
    new RegExp(`${hashes[1]},,two\\.jpg,file-missing`),
  );
});

test('an export without any file fails, and with all of them has nothing to say', async () => {
  const lost = await dataset(['four', 'five']);
  for (const sha256 of lost.hashes) await unlink(library.services.blobStore.pathOf(sha256));
  await assert.rejects(exportAll(lost.datasetId), (error) => {
    assert.ok(error instanceof AppError && error.code === 'not-found');
    assert.match(error.message, /^None of the 2 images can be exported/);
    return true;
  });
  const { outcome, tally } = await exportAll((await dataset(['six', 'seven'])).datasetId);
  assert.equal(outcome.state, 'completed');
  assert.equal(tally.counts.failed, 0);
});
