import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { DRAG_LAYOUTS, type DragRequest, type StagingState } from '../../shared/contract/drags.ts';
import { AppError } from '../../shared/errors.ts';
import { startCore } from '../core.ts';
import { readTar, readZip } from '../exports/archive-reader.ts';
import { runExportJob } from '../exports/export-job.ts';
import { JobTally } from '../jobs/job-tally.ts';
import { openLibrary } from '../library.ts';
import { addSamples, fakeWorkers, makeLibrary, storeBlob, type TestLibrary } from '../testing/test-library.ts';
import { DragRepository } from './drag-repository.ts';
import { DragStager, type DragStagerOptions } from './drag-stager.ts';

const HOUR_MS = 60 * 60 * 1000;

let library: TestLibrary;
let datasetId: number;
let ids: readonly number[];
/** Names of the pictures by label; their bytes are their names. */
const PICTURES = { cat: ['cat a', 'cat b'], 'CON/..': ['odd'], '': ['loose'] };

before(async () => {
  library = await makeLibrary(fakeWorkers());
});
after(() => library?.remove());

beforeEach(async () => {
  datasetId = await library.newDataset();
  const pictures = Object.entries(PICTURES).flatMap(([label, names]) =>
    names.map((name) => ({
      name,
      sizeBytes: Buffer.byteLength(name),
      meta: { name: `${name}.jpeg`, ...(label === '' ? {} : { label }) },
    })),
  );
  for (const { name } of pictures) await storeBlob(library.services, name);
  ({ ids } = await addSamples(library.services, datasetId, pictures));
  await accept(datasetId);
});

/** Whatever rules think of files of a few bytes. */
async function accept(id: number): Promise<void> {
  const { database } = library.services;
  await database.write(() => database.prepare("UPDATE samples SET status = 'accepted' WHERE dataset_id = ?").run(id));
}

function newStager(options: Partial<DragStagerOptions> = {}): DragStager {
  return new DragStager({ services: library.services, version: '0.0.0', ...options });
}

async function staged(stager: DragStager, request: DragRequest): Promise<Extract<StagingState, { state: 'ready' }>> {
  let last: StagingState | undefined;
  for await (const state of await stager.stage(request)) last = state;
  assert.equal(last?.state, 'ready');
  return last as Extract<StagingState, { state: 'ready' }>;
}

/** Every file below a path, by its path there. */
async function filesBelow(root: string): Promise<Record<string, string>> {
  if ((await stat(root)).isFile()) return { [basename(root)]: await readFile(root, 'latin1') };
  const found: Record<string, string> = {};
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile()) found[path.slice(root.length + 1)] = await readFile(path, 'latin1');
  }
  return found;
}

/** What lies in the folder once what was removed there is gone. */
async function stagedIn(dragPath: string): Promise<string[]> {
  for (;;) {
    const names = await readdir(dragPath);
    if (!names.some((name) => name.includes('.partial-'))) return names;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const isAppError = (code: string) => (error: unknown) => error instanceof AppError && error.code === code;
const bytesOf = (files: Record<string, string>) => Object.values(files).sort();

test('chosen images are files of their own, named as they were found, with their bytes, and writable', async () => {
  const { paths, iconSha256 } = await staged(newStager(), {
    kind: 'samples',
    datasetId,
    target: { kind: 'ids', ids: [ids[0] as number, ids[3] as number, ids[0] as number] },
    layout: 'files',
  });
  assert.deepEqual(paths.map((path) => basename(path)).sort(), ['cat a.jpg', 'loose.jpg']);
  assert.match(iconSha256 ?? '', /^[0-9a-f]{64}$/);
  for (const path of paths) {
    const { mode, nlink } = await stat(path);
    assert.equal(mode & 0o777, 0o644);
    assert.equal(nlink, 1, 'an editor would write into the store');
    assert.equal(`${await readFile(path, 'utf8')}.jpg`, basename(path));
  }
});

test('everything that matches can be dragged, but for some', async () => {
  const [first = 0] = ids;
  const { paths } = await staged(newStager(), {
    kind: 'samples',
    datasetId,
    target: { kind: 'matching', filter: { labels: ['cat'] }, exceptIds: [first] },
    layout: 'files',
  });
  assert.deepEqual(
    paths.map((path) => basename(path)),
    ['cat b.jpg'],
  );
});

test('more than a hundred images, and a whole dataset, are one folder', async () => {
  const { services } = library;
  const names = Array.from({ length: 501 }, (_each, index) => `one of many ${index}`);
  for (const name of names) await storeBlob(services, name);
  for (const count of [101, 501]) {
    const many = await library.newDataset();
    const wanted = names.slice(0, count);
    const added = await addSamples(
      services,
      many,
      wanted.map((name) => ({ name, sizeBytes: Buffer.byteLength(name) })),
    );
    const { paths } = await staged(newStager(), {
      kind: 'samples',
      datasetId: many,
      target: { kind: 'ids', ids: [...added.ids] },
      layout: 'files',
    });
    assert.equal(paths.length, 1);
    assert.deepEqual(bytesOf(await filesBelow(paths[0] as string)), wanted.toSorted());
  }
  const whole = await staged(newStager(), { kind: 'dataset', datasetId, layout: 'files' });
  assert.deepEqual(bytesOf(await filesBelow(whole.paths[0] as string)), Object.values(PICTURES).flat().toSorted());
});

for (const layout of DRAG_LAYOUTS.filter((each) => each !== 'files')) {
  test(`${layout} is what the exporter writes`, async () => {
    const { services } = library;
    const { paths } = await staged(newStager(), { kind: 'dataset', datasetId, layout });
    const outPath = join(dirname(services.directory.root), `export ${layout}`);
    const archive = layout === 'zip' || layout === 'tar' ? layout : 'none';
    const format = archive === 'none' ? layout : 'imagefolder';
    const job = await services.jobs.insert('export', datasetId, { datasetId, format, archive, outPath });
    await runExportJob(services, '0.0.0', job, {
      onStop: () => undefined,
      tally: new JobTally(job.counts, {}, 0),
    } as never);
    assert.equal(paths.length, 1);
    assert.deepEqual(bytesOf(await filesBelow(paths[0] as string)), bytesOf(await filesBelow(outPath)));
    if (archive === 'none') {
      assert.deepEqual(await filesBelow(paths[0] as string), await filesBelow(outPath));
    } else {
      const entries = [...(archive === 'zip' ? readZip : readTar)(openSync(paths[0] as string, 'r'))];
      assert.ok(entries.some(({ name }) => name.startsWith('cat/')));
    }
  });
}

test('the same drag is found staged; a change of what is written stages it anew', async () => {
  const stager = newStager();
  const request: DragRequest = { kind: 'dataset', datasetId, layout: 'imagefolder' };
  const first = await staged(stager, request);
  const { ino } = await stat(join(first.paths[0] as string, 'manifest.json'));
  const states: string[] = [];
  for await (const { state } of await newStager().stage(request)) states.push(state);
  assert.deepEqual(states, ['ready']);
  assert.equal((await stat(join(first.paths[0] as string, 'manifest.json'))).ino, ino);
  await library.services.datasets.rename(datasetId, 'another name');
  const second = await staged(stager, request);
  assert.notEqual(second.key, first.key);
  assert.equal(basename(second.paths[0] as string), 'another name');
});

test('what was changed since it was asked for is not staged in its name', async () => {
  const { database } = library.services;
  const stager = newStager();
  const request: DragRequest = { kind: 'dataset', datasetId, layout: 'csv' };
  const states = await stager.stage(request);
  const relabel =
    'UPDATE samples SET label_id = (SELECT max(id) FROM labels), updated_at = updated_at + 1 WHERE id = ?';
  await database.write(() => database.prepare(relabel).run(ids[0]));
  let last: StagingState | undefined;
  for await (const state of states) last = state;
  assert.ok(last?.state === 'failed');
  assert.equal(last.error.code, 'conflict');
  assert.match(last.error.message, /were changed .* Drag them again\.$/);
  const { paths } = await staged(stager, request);
  assert.equal(Object.keys(await filesBelow(join(paths[0] as string, 'images'))).length, ids.length);
});

test('samples that are added after a drag was begun do not disturb it', async () => {
  const states = await newStager().stage({ kind: 'dataset', datasetId, layout: 'csv' });
  await storeBlob(library.services, 'one more');
  await addSamples(library.services, datasetId, [{ name: 'one more', sizeBytes: 8, meta: { label: 'cat' } }]);
  await accept(datasetId);
  let last: StagingState | undefined;
  for await (const state of states) last = state;
  assert.ok(last?.state === 'ready');
  assert.equal(Object.keys(await filesBelow(join(last.paths[0] as string, 'images'))).length, ids.length);
});

test('what was moved away or edited is staged anew', async () => {
  const stager = newStager();
  const request: DragRequest = { kind: 'samples', datasetId, target: { kind: 'ids', ids: [...ids] }, layout: 'files' };
  const { paths } = await staged(stager, request);
  const [edited = '', moved = ''] = paths;
  const bytes = await readFile(edited);
  await writeFile(edited, 'painted over');
  assert.deepEqual(await readFile((await staged(stager, request)).paths[0] as string), bytes);
  await rename(moved, join(dirname(library.services.directory.root), 'moved'));
  assert.deepEqual((await staged(stager, request)).paths, paths);
  assert.ok((await stat(moved)).isFile());
});

test('two who ask for the same share the work, and one may leave', async () => {
  const stager = newStager();
  const request: DragRequest = { kind: 'dataset', datasetId, layout: 'zip' };
  const leaving = new AbortController();
  const left = (async () => {
    for await (const _state of await stager.stage(request, leaving.signal)) leaving.abort();
  })();
  const [{ paths }] = await Promise.all([staged(stager, request), left.catch(() => undefined)]);
  assert.ok((await stat(paths[0] as string)).size > 0);
});

test('a drag that nobody follows any more leaves nothing', async () => {
  const { dragPath } = library.services.directory;
  const before = await stagedIn(dragPath);
  const stager = newStager();
  const abort = new AbortController();
  const states = await stager.stage({ kind: 'dataset', datasetId, layout: 'tar' }, abort.signal);
  const first = states.next();
  setImmediate(() => abort.abort());
  assert.deepEqual(await first, { done: true, value: undefined });
  // Whoever went on with it would have begun by then.
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.deepEqual(await stagedIn(dragPath), before);
  await stager.close();
});

test('a stored image that is missing, another dataset, and an export that was moved are told', async () => {
  const { services } = library;
  const stager = newStager();
  await rm(services.blobStore.pathOf((services.samples.byIds(ids)[0] as { sha256: string }).sha256), { force: true });
  for (const layout of ['files', 'zip'] as const) {
    let last: StagingState | undefined;
    for await (const state of await stager.stage({ kind: 'dataset', datasetId, layout })) last = state;
    assert.equal(last?.state === 'failed' && last.error.code, 'not-found');
  }
  const other = await library.newDataset();
  const foreign: DragRequest = {
    kind: 'samples',
    datasetId: other,
    target: { kind: 'ids', ids: [...ids] },
    layout: 'files',
  };
  await assert.rejects(staged(stager, foreign), isAppError('conflict'));
  const job = await services.jobs.insert('export', datasetId, {});
  await assert.rejects(staged(stager, { kind: 'export', jobId: job.id }), isAppError('conflict'));
});

test('clean-up removes what is old and what is too much, but not what may still be needed', async () => {
  const { dragPath } = library.services.directory;
  const keyOf = async (layout: 'zip' | 'tar') =>
    (await staged(newStager(), { kind: 'dataset', datasetId, layout })).key;
  const [older, newer] = [await keyOf('zip'), await keyOf('tar')];
  await newStager({ mostBytes: 0 }).sweep();
  assert.ok((await readdir(dragPath)).includes(older), 'it was only just used');
  const longAgo = new Date(Date.now() - 7 * HOUR_MS);
  await utimes(join(dragPath, older, 'staged.json'), longAgo, longAgo);
  await newStager().sweep();
  assert.ok((await stagedIn(dragPath)).includes(older), 'there is room for it');
  const { size } = await stat(
    (await readdir(join(dragPath, newer, 'out'))).map((name) => join(dragPath, newer, 'out', name))[0] as string,
  );
  await newStager({ mostBytes: size }).sweep();
  const left = await stagedIn(dragPath);
  assert.ok(!left.includes(older));
  assert.ok(left.includes(newer));
  await newStager({ now: () => Date.now() + 25 * HOUR_MS }).sweep();
  assert.deepEqual(await stagedIn(dragPath), []);
});

test('what was not used for a day goes with the next drag', async () => {
  const { dragPath } = library.services.directory;
  const stager = newStager();
  const { key } = await staged(stager, { kind: 'dataset', datasetId, layout: 'zip' });
  const longAgo = new Date(Date.now() - 25 * HOUR_MS);
  await utimes(join(dragPath, key, 'staged.json'), longAgo, longAgo);
  await staged(stager, { kind: 'dataset', datasetId, layout: 'tar' });
  const endsAt = performance.now() + 5_000;
  while ((await stagedIn(dragPath)).includes(key)) assert.ok(performance.now() < endsAt, 'it is still there');
});

test('SIGKILL: nothing that could be dragged, and the next core clears the rest', async () => {
  const root = await mkdtemp(join(tmpdir(), 'pixcrawler-drags-'));
  try {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'drag-loop.fixture.ts'), root], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [first] = (await once(child.stdout, 'data')) as [Buffer];
    assert.match(first.toString(), /^staging/);
    child.kill('SIGKILL');
    await once(child, 'close');
    const dragPath = join(root, 'data', 'drag');
    assert.deepEqual(
      (await readdir(dragPath)).map((name) => name.includes('.partial-')),
      [true],
    );
    const opened = await openLibrary(join(root, 'data'));
    const core = await startCore(opened, { environment: {}, version: '0.0.0' });
    await (await core.drags()).sweep();
    await core.close();
    assert.deepEqual(await stagedIn(dragPath), []);
    await opened.close();
  } finally {
    await rm(root, { recursive: true, force: true });
  }
});

test('a disk without room is told of in words of a drag', async () => {
  const { database, settings, directory } = library.services;
  await database.write(() => settings.set('storage.minFreeBytes', String(Number.MAX_SAFE_INTEGER)));
  const states: StagingState[] = [];
  for await (const state of await newStager().stage({ kind: 'dataset', datasetId, layout: 'files' }))
    states.push(state);
  await database.write(() => settings.unset('storage.minFreeBytes'));
  const last = states.at(-1);
  assert.ok(last?.state === 'failed');
  assert.equal(last.error.code, 'disk-full');
  assert.equal(
    last.error.message,
    `The disk that holds ${directory.root} has no room for the 1 MiB to drag. Free some space and drag again.`,
  );
});

test('what a selection costs does not grow with its dataset: its ids are looked up', () => {
  const { database, reader } = library.services;
  const { sql, parameters } = new DragRepository(database, 'local', reader).orderedQuery(datasetId, ids);
  const plan = database.prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`).all(...parameters);
  const steps = plan.map(({ detail }) => detail).filter((detail) => /^(SCAN|SEARCH) (wanted|s) /.test(detail));
  assert.match(steps[0] ?? '', /^SCAN wanted/);
  assert.match(steps[1] ?? '', /^SEARCH s USING INTEGER PRIMARY KEY/);
});
