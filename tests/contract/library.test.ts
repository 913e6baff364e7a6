/** Projects and datasets through the contract: the trash, moves, covers. */

import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { draw, encode } from '../web/draw.ts';
import { makeCore, type OpenCore } from './open-core.ts';

let open: OpenCore;
let folder: string;

before(async () => {
  open = await makeCore();
  folder = join(open.root, 'pictures');
  await mkdir(folder);
  for (let index = 0; index < 6; index++) {
    await writeFile(join(folder, `${index}.jpg`), (await encode(draw(index, 320, 240), 'jpeg')).bytes);
  }
});

after(() => open?.close());

async function filled(name: string, projectId?: number) {
  const { client } = open;
  const dataset = await client.datasets.create(projectId === undefined ? { name } : { name, projectId });
  const job = await open.ended(client.imports.start({ datasetId: dataset.id, paths: [folder], label: 'drawn' }));
  assert.equal(job.state, 'completed');
  return dataset;
}

test('a dataset in the trash is out of sight, its name is free, and it comes back with all it had', async () => {
  const { client } = open;
  const dataset = await filled('birds');
  await client.datasets.trash({ id: dataset.id });
  assert.ok((await client.datasets.list({})).every(({ id }) => id !== dataset.id));
  assert.ok((await client.datasets.overview({})).every((each) => each.dataset.id !== dataset.id));
  assert.ok((await client.jobs.list({})).items.every(({ datasetId }) => datasetId !== dataset.id));
  await assert.rejects(client.datasets.resolve({ name: 'birds' }), { code: 'not-found' });
  await assert.rejects(client.datasets.get({ id: dataset.id }), { code: 'not-found' });
  await assert.rejects(client.imports.start({ datasetId: dataset.id, paths: [folder] }), { code: 'not-found' });
  const [trashed] = await client.datasets.trashed();
  assert.deepEqual([trashed?.id, trashed?.name, trashed?.sampleCount], [dataset.id, 'birds', 6]);

  const other = await client.datasets.create({ name: 'birds' });
  const restored = await client.datasets.restore({ id: dataset.id });
  assert.deepEqual([restored.name, restored.sampleCount, restored.labels[0]?.name], ['birds 2', 6, 'drawn']);
  assert.deepEqual(await client.datasets.trashed(), []);
  assert.equal((await client.datasets.restore({ id: dataset.id })).name, 'birds 2', 'a second time changes nothing');
  await client.datasets.remove({ id: other.id });
  await client.datasets.remove({ id: dataset.id });
  await assert.rejects(client.datasets.restore({ id: dataset.id }), { code: 'not-found' });
});

test('a job whose dataset is in the trash rests until that is restored', async () => {
  const { client } = open;
  const { id: datasetId } = await client.datasets.create({ name: 'resting' });
  const { id } = await client.imports.start({ datasetId, paths: [folder] });
  await client.jobs.pause({ id });
  await client.datasets.trash({ id: datasetId });
  const refused = { code: 'conflict', message: /"resting" is in the trash/ };
  await assert.rejects(client.jobs.resume({ id }), refused);
  await assert.rejects(client.jobs.retry({ id }), refused);
  assert.equal((await client.jobs.get({ id })).state, 'paused');
  await client.datasets.restore({ id: datasetId });
  const job = await open.ended(client.jobs.resume({ id }));
  assert.deepEqual([job.state, job.counts.accepted + job.counts.quarantined], ['completed', 6]);
  await client.datasets.remove({ id: datasetId });
});

test('a project takes its datasets into the trash and back, but not those that were there before', async () => {
  const { client } = open;
  const project = await client.projects.create({ name: 'zoo' });
  const [before1, with1, with2] = await Promise.all(
    ['old', 'lions', 'tigers'].map((name) => client.datasets.create({ name, projectId: project.id })),
  );
  await client.datasets.trash({ id: before1?.id ?? 0 });
  await new Promise((resolve) => setTimeout(resolve, 5));
  await client.projects.trash({ id: project.id });
  await assert.rejects(client.projects.get({ id: project.id }), { code: 'not-found' });
  assert.ok((await client.projects.list()).every(({ id }) => id !== project.id));
  await assert.rejects(client.datasets.restore({ id: with1?.id ?? 0 }), { code: 'conflict', message: /"zoo"/ });
  const [gone] = await client.projects.trashed();
  assert.deepEqual([gone?.id, gone?.name, gone?.datasetCount], [project.id, 'zoo', 2]);
  await client.projects.create({ name: 'zoo' });
  const restored = await client.projects.restore({ id: project.id });
  assert.deepEqual([restored.name, restored.datasetCount], ['zoo 2', 2]);
  assert.deepEqual(await client.projects.trashed(), []);
  const names = (await client.datasets.list({ projectId: project.id })).map(({ id }) => id);
  assert.deepEqual(names, [with1?.id, with2?.id]);
  await client.projects.remove({ id: project.id });
  assert.deepEqual(await client.datasets.trashed(), [], 'what was in the trash went with its project');
});

test('a dataset moves to another project unless its name is taken there', async () => {
  const { client } = open;
  const from = await client.projects.create({ name: 'from' });
  const to = await client.projects.create({ name: 'to' });
  const dataset = await client.datasets.create({ name: 'moving', projectId: from.id });
  const moved = await client.datasets.move({ id: dataset.id, projectId: to.id });
  assert.deepEqual([moved.projectId, moved.projectName], [to.id, 'to']);
  const second = await client.datasets.create({ name: 'Moving', projectId: from.id });
  await assert.rejects(client.datasets.move({ id: second.id, projectId: to.id }), { code: 'conflict' });
  await assert.rejects(client.datasets.move({ id: second.id, projectId: 99_999 }), { code: 'not-found' });
});

test('a label is renamed with its samples, unless the name is taken', async () => {
  const { client } = open;
  const { id } = await filled('labelled');
  const { labels } = await client.datasets.addLabels({ id, names: ['other'] });
  const drawn = labels.find(({ name }) => name === 'drawn');
  const renamed = await client.datasets.renameLabel({ id, labelId: drawn?.id ?? 0, name: 'painted' });
  assert.equal(renamed.labels.find(({ name }) => name === 'painted')?.sampleCount, 6);
  await assert.rejects(client.datasets.renameLabel({ id, labelId: drawn?.id ?? 0, name: 'other' }), {
    code: 'conflict',
  });
  await assert.rejects(client.datasets.renameLabel({ id, labelId: 99_999, name: 'x' }), { code: 'not-found' });
});

test('the library shows covers, sizes and when something last happened', async () => {
  const { client } = open;
  const startedAt = Date.now();
  const { id } = await filled('covered');
  const overview = (await client.datasets.overview({})).find(({ dataset }) => dataset.id === id);
  assert.equal(overview?.cover.length, 4);
  assert.ok((overview?.sizeBytes ?? 0) > 0);
  assert.ok((overview?.lastActivityAt ?? 0) >= startedAt);
  const storage = await client.library.storage();
  assert.ok(storage.imageCount >= 6 && storage.imageBytes > 0 && storage.databaseBytes > 0);
  const sizes = ['', '-wal', '-shm'].map((suffix) => statSync(join(open.dataDirectory, `pixcrawler.db${suffix}`)).size);
  assert.ok((sizes[1] ?? 0) > 0);
  assert.equal(
    storage.databaseBytes,
    sizes.reduce((sum, size) => sum + size, 0),
  );
  const info = await client.library.info();
  assert.ok(info.freeBytes > 0 && info.totalBytes > info.freeBytes);
  assert.equal(info.version, '0.0.0');
});

test('rules that a person chose judge new images, and a validation without rules of its own', async () => {
  const { client } = open;
  const { id } = await filled('ruled');
  assert.equal((await client.datasets.get({ id })).statusCounts.accepted, 6);
  await assert.rejects(client.rules.set({ rules: { minShortSidePx: 'wide' } }), { code: 'bad-request' });
  await assert.rejects(client.rules.set({ rules: { minimum: 3 } }), { code: 'bad-request', message: /minimum/ });
  const set = await client.rules.set({ rules: { minShortSidePx: 300 } });
  const field = set.find(({ name }) => name === 'minShortSidePx');
  assert.deepEqual([field?.value, field?.defaultValue, field?.unit], [300, 100, 'px']);
  await open.ended(client.validations.start({ datasetId: id }));
  assert.equal((await client.datasets.get({ id })).statusCounts.quarantined, 6);
  const strict = await filled('ruled too');
  assert.equal((await client.datasets.get({ id: strict.id })).statusCounts.quarantined, 6);
  await client.rules.set({ rules: { minShortSidePx: null } });
  assert.equal((await client.rules.get()).find(({ name }) => name === 'minShortSidePx')?.value, 100);
  await open.ended(client.validations.start({ datasetId: id }));
  assert.equal((await client.datasets.get({ id })).statusCounts.accepted, 6);
});

test('an export is estimated, and what would stop it is said before it starts', async () => {
  const { client } = open;
  const { id } = await filled('exported');
  const input = { datasetId: id, format: 'imagefolder' as const, outPath: join(open.root, 'out') };
  const estimate = await client.exports.estimate(input);
  assert.deepEqual([estimate.images, estimate.problem], [6, null]);
  const { sizeBytes } = await client.datasets.stats({ id });
  assert.ok(estimate.bytes >= sizeBytes && (estimate.freeBytes ?? 0) > 0);
  const linked = await client.exports.estimate({ ...input, hardLinks: true });
  assert.ok(linked.bytes < sizeBytes, 'links take no space');
  await assert.rejects(client.exports.start({ ...input, archive: 'tar', hardLinks: true }), { code: 'bad-request' });
  const problems = [
    [{ ...input, outPath: folder, statuses: undefined }, /./],
    [{ ...input, outPath: 'relative', statuses: undefined }, /absolute path/],
    [{ ...input, outPath: join(open.dataDirectory, 'inside'), statuses: undefined }, /outside the data directory/],
    [{ ...input, statuses: ['rejected' as const] }, /nothing to export/],
  ] as const;
  for (const [wrong, words] of problems) {
    assert.match(
      (await client.exports.estimate({ ...wrong, statuses: [...(wrong.statuses ?? ['accepted'])] })).problem ?? '',
      words,
    );
  }
});

test('an export to where the system makes no files says so', { skip: process.platform !== 'linux' }, async () => {
  const { client } = open;
  const { id } = await filled('nowhere');
  for (const outPath of ['/proc/x', '/dev/null/x']) {
    const job = await open.ended(client.exports.start({ datasetId: id, format: 'csv', outPath }));
    assert.deepEqual([job.state, job.error?.code], ['failed', 'bad-request']);
    assert.ok(job.error?.message.includes(outPath), job.error?.message);
  }
});

test('an export that failed says by its code what it failed for', async () => {
  const { client } = open;
  const { id: datasetId } = await filled('failing');
  const input = { datasetId, format: 'csv' as const, outPath: join(open.root, 'failing') };
  for (const [wrong, code] of [
    [{ ...input, outPath: 'relative' }, 'bad-request'],
    [{ ...input, outPath: join(open.dataDirectory, 'inside') }, 'bad-request'],
    [{ ...input, outPath: folder }, 'conflict'],
    [{ ...input, statuses: ['rejected' as const] }, 'not-found'],
  ] satisfies [Parameters<typeof client.exports.start>[0], string][]) {
    const job = await open.ended(client.exports.start(wrong));
    assert.deepEqual([job.state, job.error?.code], ['failed', code], job.error?.message);
  }
});

test('a duplicate has the samples, labels, findings, origins and words of the first, and a life of its own', async () => {
  const { client } = open;
  const source = await filled('first');
  const copies = join(open.root, 'copies');
  await mkdir(copies);
  await writeFile(join(copies, 'small.jpg'), (await encode(draw(1, 320, 240), 'jpeg', { scale: 0.7 })).bytes);
  await open.ended(client.imports.start({ datasetId: source.id, paths: [copies], label: 'copied' }));
  const job = await open.ended(client.datasets.duplicate({ id: source.id, name: 'second' }));
  assert.deepEqual([job.kind, job.state, job.progress], ['duplicate', 'completed', 100]);
  const [before, after] = await Promise.all([
    client.datasets.stats({ id: source.id }),
    client.datasets.stats({ id: job.datasetId }),
  ]);
  assert.ok((before.byReason['near-duplicate'] ?? 0) > 0, 'the test is about keepers too');
  const facts = ({ dataset: _dataset, ...rest }: typeof before) => rest;
  assert.deepEqual(facts(after), facts(before));
  const samplesOf = async (datasetId: number) => {
    const { items } = await client.samples.list({ datasetId, limit: 100 });
    return items.map(({ id: _id, datasetId: _dataset, ...rest }) => rest);
  };
  assert.deepEqual(await samplesOf(job.datasetId), await samplesOf(source.id));
  const found = await client.samples.browse({ filter: { datasetId: job.datasetId, text: '3.jpg' } });
  assert.equal(found.items.length, 1);
  await client.datasets.remove({ id: source.id });
  assert.equal((await client.datasets.get({ id: job.datasetId })).sampleCount, 7);
  const { ok, checks } = await client.doctor.run({ all: true });
  assert.ok(ok, JSON.stringify(checks.filter(({ state }) => state !== 'ok')));
  await assert.rejects(client.datasets.duplicate({ id: job.datasetId, name: 'second' }), { code: 'conflict' });
});

test('a new name is never taken for the number of another, nor turns the writing around', async () => {
  const { client } = open;
  const { id, name } = await client.datasets.create({ name: 'numbered' });
  for (const bad of ['#1', ' #12 ', '\u202eevil\u202c']) {
    const refused = { code: 'bad-request' };
    await assert.rejects(client.datasets.create({ name: bad }), refused);
    await assert.rejects(client.datasets.rename({ id, name: bad }), refused);
    await assert.rejects(client.datasets.duplicate({ id, name: bad }), refused);
    await assert.rejects(client.projects.create({ name: bad }), refused);
  }
  assert.equal((await client.datasets.resolve({ name: `#${id}` })).name, name);
  assert.equal((await client.datasets.create({ name: '#1 of many' })).name, '#1 of many');
});

test('input that does not fit is refused with what was expected and what came', async () => {
  const { client } = open;
  const refused = (call: Promise<unknown>, message: string) => assert.rejects(call, { code: 'bad-request', message });
  await refused(client.samples.list({ datasetId: 1, limit: 5000 }), 'limit: expected at most 1000, got 5000');
  const source = { source: 'openverse:birds' } as { source: string; label: string };
  await refused(
    client.crawls.start({ datasetId: 1, sources: [source] }),
    'sources.0.label: expected text, got nothing',
  );
  await refused(
    client.exports.start({ datasetId: 1, format: 'png' as 'csv', outPath: '/x' }),
    'format: expected one of imagefolder, csv, jsonl, got "png"',
  );
  await refused(
    client.settings.set({ name: 'crawl.perHost', value: '9' }),
    'crawl.perHost: expected at most 8; got "9".',
  );
  await refused(
    client.settings.set({ name: 'sources.openverse.url', value: 'nowhere' }),
    'sources.openverse.url: expected a web address (http or https); got "nowhere".',
  );
});
