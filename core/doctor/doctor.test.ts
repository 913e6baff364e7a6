import assert from 'node:assert/strict';
import { chmod, readdir, unlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DoctorReport } from '../../shared/contract/doctor.ts';
import type { CoreServices } from '../core-services.ts';
import {
  addSamples,
  counterDrift,
  fakeWorkers,
  makeLibrary,
  sha256Of,
  storeBlob,
  type TestLibrary,
} from '../testing/test-library.ts';
import type { WorkerPool } from '../workers/worker-pool.ts';
import { examine } from './doctor.ts';

let library: TestLibrary;
let services: CoreServices;
let datasetId: number;

beforeEach(async () => {
  const run = (async () => ({ keeperOf: new Int32Array(1), distances: new Uint8Array(1) })) as WorkerPool['run'];
  library = await makeLibrary(fakeWorkers({ run }));
  services = library.services;
  datasetId = await library.newDataset();
  // The machine of these tests may have little room.
  await services.settings.set('storage.minFreeBytes', '0');
});

afterEach(() => library?.remove());

/** Images with their files. @returns their hashes */
async function store(...names: readonly string[]): Promise<string[]> {
  await addSamples(
    services,
    datasetId,
    names.map((name) => ({ name, meta: { name: `${name}.jpg` } })),
  );
  return Promise.all(names.map((name) => storeBlob(services, name)));
}

function check(report: DoctorReport, name: string): DoctorReport['checks'][number] {
  const found = report.checks.find((each) => each.name === name);
  assert.ok(found !== undefined, `no check named ${name}`);
  return found;
}

/** Names and states of what is not well. */
function ills(report: DoctorReport): Record<string, string> {
  return Object.fromEntries(
    report.checks.filter(({ state }) => state !== 'ok').map(({ name, state }) => [name, state]),
  );
}

async function spoil(sha256: string): Promise<void> {
  await chmod(services.blobStore.pathOf(sha256), 0o600);
  await writeFile(services.blobStore.pathOf(sha256), 'other bytes');
}

async function driftCounters(): Promise<void> {
  await services.database.write(() => {
    services.database.prepare(`UPDATE counters SET count = count + 5 WHERE facet = 'total'`).run();
    services.database.prepare(`DELETE FROM counters WHERE facet = 'status'`).run();
    services.database
      .prepare(`INSERT INTO counters (dataset_id, facet, value, count) VALUES (?, 'reason', 'flat', 2)`)
      .run(datasetId);
  });
}

/** Every file of the store, its trash and its quarantine. */
async function files(): Promise<string[]> {
  const { blobsPath, quarantinePath, trashPath } = services.directory;
  const lists = [blobsPath, quarantinePath, trashPath].map((path) => readdir(path, { recursive: true }));
  return (await Promise.all(lists)).flat().sort();
}

test('a library in order is told to be so', async () => {
  await store('one', 'two', 'three');
  for (const all of [false, true]) {
    const report = await examine(services, { all, repair: true });
    assert.deepEqual([report.ok, ills(report)], [true, {}]);
    assert.match(check(report, 'store').message, /^3 stored images looked for, 3 of them read/);
  }
});

test('what is wrong is found and told, and left alone without repair', async () => {
  const [, missing = '', corrupt = ''] = await store('whole', 'missing', 'corrupt');
  await unlink(services.blobStore.pathOf(missing));
  await spoil(corrupt);
  const orphan = await storeBlob(services, 'orphan');
  await writeFile(join(dirname(services.blobStore.pathOf(orphan)), 'notes.txt'), 'not ours');
  await driftCounters();
  const before = await files();
  const report = await examine(services, { all: true, repair: false });
  assert.equal(report.ok, false);
  assert.deepEqual(ills(report), { store: 'error', orphans: 'warning', counts: 'warning' });
  const { message, remedy, affected } = check(report, 'store');
  assert.match(message, /1 missing, 1 with wrong bytes\. They are 2 samples of project\/set \d+\.$/);
  assert.match(remedy ?? '', /^Repair sets the damaged files aside\. Then import the files again, or crawl/);
  const facts = affected.map(({ sha256, problem, name }) => [sha256, problem, name]);
  assert.deepEqual(
    facts.sort(),
    [
      [missing, 'file-missing', 'missing.jpg'],
      [corrupt, 'file-damaged', 'corrupt.jpg'],
    ].sort(),
  );
  assert.ok(affected.every(({ datasets }) => datasets.length === 1 && datasets[0]?.project === 'project'));
  assert.ok(affected.every(({ from }) => from !== null && from.length > 0));
  assert.match(
    check(report, 'orphans').message,
    /^1 file in the store that no sample refers to\. 1 file that .*notes\.txt/,
  );
  assert.match(check(report, 'orphans').remedy ?? '', /into the trash, where it stays for a week/);
  assert.match(check(report, 'counts').message, /^3 counts differ/);
  assert.ok(report.checks.every(({ repaired }) => repaired === null));
  const repairable = report.checks.filter((each) => each.repairable).map(({ name }) => name);
  assert.deepEqual(repairable, ['store', 'orphans', 'counts']);
  assert.deepEqual(await files(), before);
  assert.equal(await counterDrift(services, datasetId), 3);
});

test('repair moves what is wrong aside and counts again; nothing is deleted', async () => {
  const [whole = '', corrupt = ''] = await store('whole', 'corrupt');
  await spoil(corrupt);
  const orphan = await storeBlob(services, 'orphan');
  const stray = join(dirname(services.blobStore.pathOf(orphan)), 'notes.txt');
  await writeFile(stray, 'not ours');
  await driftCounters();
  const report = await examine(services, { all: true, repair: true });
  assert.deepEqual(ills(report), { store: 'error', orphans: 'warning', counts: 'warning' });
  const [day = ''] = await readdir(services.directory.trashPath);
  assert.deepEqual(
    ['store', 'orphans', 'counts'].map((name) => check(report, name).repaired),
    [
      `1 file with wrong bytes moved to ${services.directory.quarantinePath}, where nothing deletes it.`,
      `1 file that no sample refers to moved to ${join(services.directory.trashPath, day)}, to be deleted after a week. To have them back, import that folder.`,
      'They were counted again.',
    ],
  );
  assert.match(check(report, 'store').remedy ?? '', /^Import the files again/);
  assert.equal(check(report, 'orphans').remedy, null);
  assert.ok(report.checks.every((each) => !each.repairable));
  assert.deepEqual(await readdir(services.directory.quarantinePath), [corrupt]);
  assert.deepEqual(await readdir(join(services.directory.trashPath, day)), [orphan]);
  assert.ok(
    (await files()).some((path) => path.endsWith('notes.txt')),
    'what is not ours stays',
  );
  assert.equal(await services.blobStore.verify(whole), 'ok');
  assert.equal(await counterDrift(services, datasetId), 0);
  await unlink(stray);
  const again = await examine(services, { all: true, repair: true });
  assert.deepEqual(ills(again), { store: 'error' }, 'the spoilt image has to be had again');
  assert.match(check(again, 'store').message, /1 missing, 0 with wrong bytes/);
});

test('a file is named once, with all datasets that have it', async () => {
  const names = Array.from({ length: 15 }, (_each, index) => `shared ${index}`);
  await store(...names);
  const other = await library.newDataset();
  await addSamples(
    services,
    other,
    names.map((name) => ({ name })),
  );
  for (const name of names) await unlink(services.blobStore.pathOf(sha256Of(name)));
  const { message, affected, repairable } = check(await examine(services, { all: true, repair: false }), 'store');
  assert.match(message, /15 missing, .* They are 15 samples of project\/set \d+, 15 of project\/set \d+\.$/);
  assert.equal(repairable, false, 'nothing brings back what is gone but the files');
  assert.deepEqual(affected.map(({ sha256 }) => sha256).sort(), names.map(sha256Of).sort());
  assert.ok(affected.every(({ datasets }) => new Set(datasets.map(({ dataset }) => dataset)).size === 2));
});

test('every image is looked for, however many pages they take', async () => {
  const names = Array.from({ length: 2_345 }, (_each, index) => `page ${index}`);
  await addSamples(
    services,
    datasetId,
    names.map((name) => ({ name })),
  );
  await Promise.all(names.slice(0, 5).map((name) => storeBlob(services, name)));
  const { message, affected } = check(await examine(services, { all: false, repair: false }), 'store');
  assert.match(message, /^2345 stored images looked for/);
  assert.match(message, /2340 missing.* They are 2340 samples of project\/set \d+\.$/);
  assert.equal(affected.length, 20, 'a few are named');
});

test('files that a running job has just stored are no orphans yet', async () => {
  const orphan = await storeBlob(services, 'on its way');
  const job = await services.jobs.insert('crawl', datasetId, {});
  await services.jobs.setState(job.id, 'active');
  assert.deepEqual(ills(await examine(services, { all: true, repair: true })), {});
  assert.equal(await services.blobStore.has(orphan), true);
  await services.jobs.setState(job.id, 'paused');
  assert.deepEqual(ills(await examine(services, { all: true, repair: true })), { orphans: 'warning' });
  assert.equal(await services.blobStore.has(orphan), false);
});

test('what a job takes in while the doctor looks is no orphan', async () => {
  const { contentLock } = services;
  let listed = (): void => undefined;
  const listing = new Promise<void>((resolve) => {
    listed = resolve;
  });
  const sha256 = sha256Of('taken in');
  const blobStore = new Proxy(services.blobStore, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name, target);
      if (name === 'list') queueMicrotask(listed);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  // The file is in the store before the doctor lists it, its row comes after.
  const taking = contentLock.share(async () => {
    await storeBlob(services, 'taken in');
    await listing;
    await sleep(50);
    await addSamples(services, datasetId, [{ name: 'taken in' }]);
  });
  const report = await examine({ ...services, blobStore }, { all: false, repair: true });
  await taking;
  assert.deepEqual(ills(report), {});
  assert.equal(await services.blobStore.has(sha256), true);
});

test('images of no dataset are told', async () => {
  await store('kept');
  const { database } = services;
  await database.write(() => database.prepare('DELETE FROM samples').run());
  await services.counters.recount([datasetId]);
  assert.deepEqual(ills(await examine(services, { all: true, repair: false })), { images: 'warning' });
});

test('workers that do not start and a full disk are told with what to do', async () => {
  const report = await examine({ ...services, workers: () => fakeWorkers() }, { all: false, repair: false });
  assert.deepEqual(ills(report), { workers: 'error' });
  await services.settings.set('storage.minFreeBytes', String(Number.MAX_SAFE_INTEGER));
  const { remedy, state } = check(await examine(services, { all: false, repair: false }), 'disk');
  assert.equal(state, 'warning');
  assert.equal(remedy, 'Free some space.');
});

test('a damaged database is told, with where its backups are', async () => {
  await store('dangling');
  services.database.pragma('foreign_keys = OFF');
  await services.database.write(() => services.database.prepare('DELETE FROM images').run());
  const report = await examine(services, { all: false, repair: true });
  assert.equal(check(report, 'database').state, 'error');
  assert.match(check(report, 'database').message, /refer to missing rows/);
  assert.ok(check(report, 'database').remedy?.includes(services.directory.backupsPath));
});
