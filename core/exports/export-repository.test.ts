import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { addSamples, fakeWorkers, makeLibrary, type TestLibrary } from '../testing/test-library.ts';
import { ExportRepository } from './export-repository.ts';

let library: TestLibrary;

before(async () => {
  library = await makeLibrary(fakeWorkers());
});

after(() => library?.remove());

test('ids come by label and hash, each once, whatever the size of a page', async () => {
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
  const dataset = await datasets.get(datasetId);
  for (const statuses of [['accepted'], ['accepted', 'rejected'], ['quarantined']]) {
    const expected = await reader.all<{ id: number }>(
      `SELECT s.id FROM samples s JOIN images i ON i.id = s.image_id LEFT JOIN labels l ON l.id = s.label_id
       WHERE s.dataset_id = ? AND s.status IN (SELECT value FROM json_each(?)) ORDER BY coalesce(l.name, ''), i.sha256`,
      [datasetId, JSON.stringify(statuses)],
    );
    for (const pageSize of [1, 3, 5, 100]) {
      const found: number[] = [];
      for await (const page of exported.streamIds(dataset, statuses, pageSize)) {
        assert.ok(page.length <= pageSize);
        found.push(...page);
      }
      assert.deepEqual(
        found,
        expected.map(({ id }) => id),
      );
    }
  }
});
