import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { addSamples, fakeWorkers, makeLibrary, type TestLibrary } from '../testing/test-library.ts';
import { SampleRepository } from './sample-repository.ts';

let library: TestLibrary;

before(async () => {
  library = await makeLibrary(fakeWorkers());
});

after(() => library?.remove());

test('samples of a dataset that is not there, or is not yours, are not found', async () => {
  const { database, samples } = library.services;
  const datasetId = await library.newDataset();
  const { ids } = await addSamples(library.services, datasetId, [{ name: 'mine' }]);
  const absent = { code: 'not-found', message: /There is no dataset with id/ };
  const other = new SampleRepository(database, 'someone else');
  for (const [repository, id] of [
    [samples, datasetId + 1_000],
    [other, datasetId],
  ] as const) {
    assert.throws(() => repository.page({ datasetId: id }, 0, 10), absent);
    assert.throws(() => repository.page({ datasetId: id, reason: 'too-small' }, 0, 10), absent);
    assert.throws(() => repository.count(id), absent);
    for (const filter of [{}, { status: 'accepted' }, { label: 'cat' }] as const) {
      assert.throws(() => repository.countQuery({ datasetId: id, ...filter }), absent);
    }
  }
  assert.throws(() => other.get(ids[0] as number), { code: 'not-found' });
  assert.equal(samples.get(ids[0] as number).datasetId, datasetId);
  assert.equal(samples.page({ datasetId }, 0, 10).length, 1);
  assert.equal(samples.count(datasetId), 1);
  const empty = await library.newDataset();
  assert.deepEqual([samples.page({ datasetId: empty }, 0, 10), samples.count(empty)], [[], 0]);
});
