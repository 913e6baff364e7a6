import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { JobRunner } from '../jobs/job-runner.ts';
import { addSamples, fakeWorkers, makeLibrary, storeBlob, type TestLibrary } from '../testing/test-library.ts';
import { emptyTrash } from './empty-trash.ts';

let library: TestLibrary;
let runner: JobRunner;

before(async () => {
  library = await makeLibrary(fakeWorkers());
  const none = async () => ({ state: 'completed' as const });
  runner = new JobRunner({
    ...library.services,
    handlers: { crawl: none, import: none, validate: none, export: none, duplicate: none },
    onError: (error) => assert.fail(String(error)),
  });
});

after(async () => {
  await runner?.close();
  await library?.remove();
});

test('what is in the trash for longer goes for good, with its files; what is newer, and what is in sight, stays', async () => {
  const { blobStore, datasets, projects } = library.services;
  const [old, recent, shown] = [await library.newDataset(), await library.newDataset(), await library.newDataset()];
  const sha256 = await storeBlob(library.services, 'in the trash');
  await addSamples(library.services, old, [{ name: 'in the trash' }]);
  const project = await projects.insert('old project');
  const inProject = await datasets.insert(project.id, 'in it', []);
  const trial = await datasets.insertTrial(shown);
  await datasets.trash(old, 1_000);
  await datasets.trash(recent, 3_000);
  await datasets.trash(inProject.id, 1_000);
  await projects.trash(project.id, 1_000);
  await emptyTrash(library.services, runner, 2_000);
  assert.deepEqual(
    datasets.trashed().map(({ id }) => id),
    [recent],
  );
  assert.equal(existsSync(blobStore.pathOf(sha256)), false);
  await assert.rejects(projects.restore(project.id), { code: 'not-found' });
  assert.equal((await datasets.get(shown)).id, shown);
  assert.deepEqual(datasets.trials(shown), [trial], 'a trial that somebody may be looking at stays');
  await emptyTrash(library.services, runner, Date.now() + 1);
  assert.deepEqual([datasets.trashed(), datasets.trials()], [[], []]);
});
