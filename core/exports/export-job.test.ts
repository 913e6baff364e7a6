import assert from 'node:assert/strict';
import { unlinkSync } from 'node:fs';
import { readdir, readFile, stat, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { ARCHIVES, EXPORT_FORMATS, type ExportInput } from '../../shared/contract/exports.ts';
import { NO_COUNTS } from '../../shared/contract/jobs.ts';
import { AppError } from '../../shared/errors.ts';
import type { JobPhase } from '../../shared/vocabulary.ts';
import type { CoreServices } from '../core-services.ts';
import type { JobControl, JobOutcome } from '../jobs/job-runner.ts';
import { JobTally } from '../jobs/job-tally.ts';
import {
  addSamples,
  fakeWorkers,
  makeLibrary,
  sha256Of,
  storeBlob,
  type TestLibrary,
} from '../testing/test-library.ts';
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

interface Exported {
  readonly outcome: JobOutcome;
  readonly tally: JobTally;
  readonly outPath: string;
}

let outputs = 0;
async function exportAs(
  services: CoreServices,
  input: Pick<ExportInput, 'datasetId' | 'statuses'> & Partial<ExportInput>,
): Promise<Exported> {
  outputs += 1;
  const outPath = join(services.directory.root, '..', `export-${outputs}`);
  const job = await services.jobs.insert('export', input.datasetId, { format: 'jsonl', outPath, ...input });
  const tally = new JobTally(NO_COUNTS, {}, 0);
  const control = { tally, onStop: () => undefined, log: () => undefined };
  return { outcome: await runExportJob(services, '0.0.0', job, control), tally, outPath };
}

/** Some bytes are few for an image. */
const exportAll = (datasetId: number) => exportAs(library.services, { datasetId, statuses: ['quarantined'] });

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

/** Every file below a path with its bytes, an archive being one. */
async function filesOf(path: string): Promise<Map<string, Buffer>> {
  if ((await stat(path)).isFile()) return new Map([['', await readFile(path)]]);
  const files = new Map<string, Buffer>();
  for (const entry of await readdir(path, { recursive: true, withFileTypes: true })) {
    const file = join(entry.parentPath, entry.name);
    if (entry.isFile()) files.set(file.slice(path.length), await readFile(file));
  }
  return files;
}

const names = (count: number) => Array.from({ length: count }, (_each, index) => `many ${index}`);

/** Samples of two labels, as many of each. @returns their dataset and what makes all of them so again */
async function labelled(count: number): Promise<{ datasetId: number; reset: () => Promise<void> }> {
  const { blobStore, database, datasets } = library.services;
  const pictures = names(count).map((name) => ({
    name,
    sizeBytes: name.length,
    sha256: sha256Of(name),
    stagingPath: blobStore.stagingPath(),
  }));
  for (const { stagingPath, name } of pictures) await writeFile(stagingPath, name);
  await blobStore.adoptMany(pictures);
  const datasetId = await library.newDataset();
  await addSamples(library.services, datasetId, pictures);
  const { labels } = await datasets.addLabels(datasetId, ['a', 'b']);
  const [a, b] = labels.map(({ id }) => id);
  const reset = () =>
    database.write(() => {
      database
        .prepare(
          `UPDATE samples SET status = 'accepted', label_id = iif(id % 2 = 0, ?, ?), caption = NULL, split = NULL
           WHERE dataset_id = ?`,
        )
        .run(a, b, datasetId);
      database.prepare("UPDATE labels SET name = 'b' WHERE id = ?").run(b);
    });
  return { datasetId, reset };
}

/** What is done to a dataset of `labelled` while it is exported, in several ways at once. */
async function changeAll(datasetId: number, round: number): Promise<void> {
  const { services } = library;
  const { database } = services;
  const update = (sql: string) => database.prepare(`UPDATE samples SET ${sql} AND dataset_id = ?`).run(datasetId);
  const labelOf = (name: string) =>
    `label_id = (SELECT id FROM labels WHERE name = '${name}' AND dataset_id = samples.dataset_id)`;
  // At once, not when the writer comes to it: what is read next would show it.
  update(`${labelOf('a')} WHERE id % 5 = 0`);
  update(`${labelOf('b')} WHERE id % 5 = 1`);
  update('label_id = NULL WHERE id % 5 = 2');
  update("status = 'rejected' WHERE id % 7 = 0");
  update("caption = 'new', split = 'test' WHERE id % 3 = 0");
  database
    .prepare('DELETE FROM samples WHERE id IN (SELECT id FROM samples WHERE dataset_id = ? ORDER BY id LIMIT 3)')
    .run(datasetId);
  database.prepare("UPDATE labels SET name = 'c' WHERE name = 'b' AND dataset_id = ?").run(datasetId);
  await storeBlob(services, `new ${round}`);
  await addSamples(services, datasetId, [{ name: `new ${round}`, sizeBytes: `new ${round}`.length }]);
}

const COMBINATIONS = ARCHIVES.flatMap((archive) => EXPORT_FORMATS.map((format) => ({ archive, format })));

test('an export is of one moment, whatever is changed while it runs', async () => {
  const { services } = library;
  const { datasetId, reset } = await labelled(1_150);
  for (const [round, kind] of COMBINATIONS.entries()) {
    await reset();
    const input = { ...kind, datasetId, statuses: ['accepted' as const] };
    const undisturbed = await exportAs(services, input);
    let asked = 0;
    let changed: Promise<void> | undefined;
    const pathOf = (sha256: string) => {
      asked += 1;
      // Of the label a there are 75 more to come.
      if (asked === 500) changed = changeAll(datasetId, round);
      return services.blobStore.pathOf(sha256);
    };
    const disturbed = await exportAs({ ...services, blobStore: Object.assign(Object.create(null), { pathOf }) }, input);
    await changed;
    const what = `${kind.format}, ${kind.archive}`;
    assert.ok(undisturbed.outcome.state === 'completed' && disturbed.outcome.state === 'completed', what);
    const [expected, found] = [undisturbed.outcome.result, disturbed.outcome.result] as unknown as ExportReport[];
    assert.deepEqual([found?.images, found?.byLabel], [expected?.images, expected?.byLabel], what);
    assert.equal(found?.images, asked, what);
    assert.deepEqual(await filesOf(disturbed.outPath), await filesOf(undisturbed.outPath), what);
  }
  const later = await exportAs(services, { datasetId, statuses: ['accepted'] });
  assert.deepEqual(Object.keys((later.outcome as unknown as { result: ExportReport }).result.byLabel), ['', 'a', 'c']);
});

test('an image that is deleted with its file before it is written makes the export begin again without it', async () => {
  const { services } = library;
  const { datasetId, reset } = await labelled(1_100);
  await reset();
  const [last] = services.database
    .prepare<[number], { id: number; sha256: string }>(
      `SELECT s.id, lower(hex(i.sha256)) AS sha256 FROM samples s JOIN images i ON i.id = s.image_id
       WHERE s.dataset_id = ? AND s.id % 2 = 1 ORDER BY i.sha256 DESC LIMIT 1`,
    )
    .all(datasetId);
  assert.ok(last !== undefined);
  let asked = 0;
  const pathOf = (sha256: string) => {
    asked += 1;
    if (asked === 500) {
      services.database.prepare('DELETE FROM samples WHERE id = ?').run(last.id);
      unlinkSync(services.blobStore.pathOf(last.sha256));
    }
    return services.blobStore.pathOf(sha256);
  };
  const input = { datasetId, format: 'jsonl' as const, archive: 'tar' as const, statuses: ['accepted' as const] };
  const watched = { ...services, blobStore: Object.assign(Object.create(null), { pathOf }) };
  const disturbed = await exportAs(watched, input);
  const fresh = await exportAs(services, input);
  assert.equal(asked, 1_100 + 1_099);
  assert.ok(disturbed.outcome.state === 'completed' && fresh.outcome.state === 'completed');
  assert.deepEqual(await filesOf(disturbed.outPath), await filesOf(fresh.outPath));
  await storeBlob(services, names(1_100).find((name) => sha256Of(name) === last.sha256) ?? '');
});

test('an export says what it is at', async (context) => {
  const { datasetId } = await dataset(['said one', 'said two']);
  const entered: string[] = [];
  const enter = JobTally.prototype.enter;
  context.mock.method(JobTally.prototype, 'enter', function (this: JobTally, phase: JobPhase) {
    if (phase !== this.phase) entered.push(phase);
    enter.call(this, phase);
  });
  assert.equal((await exportAll(datasetId)).outcome.state, 'completed');
  assert.deepEqual(entered, ['reading', 'writing', 'checking']);
});

test('an export that is begun anew is of the moment of its new beginning', async () => {
  const { services } = library;
  const { datasetId, reset } = await labelled(1_150);
  await reset();
  const outPath = join(services.directory.root, '..', 'begun anew');
  let stop = () => {};
  let asked = 0;
  const pathOf = (sha256: string) => {
    asked += 1;
    if (asked === 700) stop();
    return services.blobStore.pathOf(sha256);
  };
  const job = await services.jobs.insert('export', datasetId, { datasetId, format: 'csv', outPath });
  const control: JobControl = {
    tally: new JobTally(NO_COUNTS, {}, 0),
    onStop: (listener) => {
      stop = () => listener('pause');
    },
    log: () => undefined,
  };
  const watched = { ...services, blobStore: Object.assign(Object.create(null), { pathOf }) };
  assert.deepEqual(await runExportJob(watched, '0.0.0', job, control), { state: 'stopped' });
  assert.deepEqual(
    (await readdir(join(outPath, '..'))).filter((name) => name.startsWith('begun anew')),
    [],
  );
  await changeAll(datasetId, -1);
  const resumed = await runExportJob(services, '0.0.0', job, control);
  const fresh = await exportAs(services, { datasetId, format: 'csv', statuses: ['accepted'] });
  assert.ok(resumed.state === 'completed' && fresh.outcome.state === 'completed');
  assert.deepEqual(await filesOf(outPath), await filesOf(fresh.outPath));
});
