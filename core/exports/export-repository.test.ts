import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { addSamples, fakeWorkers, makeLibrary, type TestLibrary } from '../testing/test-library.ts';
import { ExportRepository } from './export-repository.ts';

let library: TestLibrary;
let folder: string;

before(async () => {
  library = await makeLibrary(fakeWorkers());
  folder = await mkdtemp(join(tmpdir(), 'pixcrawler-export-repository-'));
});

after(async () => {
  await library?.remove();
  await rm(folder, { recursive: true, force: true });
});

test('what is exported comes by label and hash, each once', async () => {
  const { services } = library;
  const { database, datasets, ownerId, reader } = services;
  const exported = new ExportRepository(database, ownerId, reader);
  const datasetId = await library.newDataset();
  // U+FF61 comes before U+1F600 in SQLite, after it in UTF-16.
  const names = ['zebra', 'Ant', 'ant', '\u{1f600}', '\uff61', 'empty'];
  await datasets.addLabels(datasetId, names);
  const { ids } = await addSamples(
    services,
    datasetId,
    Array.from({ length: 60 }, (_each, index) => ({ name: `picture ${index}` })),
  );
  await database.write(() => {
    for (const [index, id] of ids.entries()) {
      const label = names[index % 6];
      database
        .prepare(
          'UPDATE samples SET status = ?, label_id = (SELECT id FROM labels WHERE dataset_id = ? AND name = ?) WHERE id = ?',
        )
        .run(index % 4 === 0 ? 'rejected' : 'accepted', datasetId, label === 'empty' ? null : (label ?? null), id);
    }
  });
  for (const statuses of [['accepted'], ['accepted', 'rejected'], ['quarantined']]) {
    const expected = await reader.all<{ id: number; sha256: string }>(
      `SELECT s.id, lower(hex(i.sha256)) AS sha256
       FROM samples s JOIN images i ON i.id = s.image_id LEFT JOIN labels l ON l.id = s.label_id
       WHERE s.dataset_id = ? AND s.status IN (SELECT value FROM json_each(?)) ORDER BY coalesce(l.name, ''), i.sha256`,
      [datasetId, JSON.stringify(statuses)],
    );
    const found = await exported.ids(datasetId, statuses);
    assert.deepEqual(
      found,
      expected.map(({ id }) => id),
    );
    const hashesOf = (lines: readonly string[]) => lines.map((line) => (JSON.parse(line) as { sha256: string }).sha256);
    const hashes = expected.map(({ sha256 }) => sha256);
    for (const content of [exported.content(datasetId, statuses), exported.contentOf(datasetId, found.toReversed())]) {
      const path = join(folder, 'lines');
      await reader.lines([content[1]], path);
      const lines = (await readFile(path, 'utf8')).split('\n').slice(0, -1);
      assert.deepEqual(hashesOf(lines), hashes);
      await rm(path);
    }
    assert.deepEqual(hashesOf(exported.contentHere(datasetId, found.toReversed())[1]), hashes);
  }
});
