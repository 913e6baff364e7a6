import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { DecisionMaker } from '../decisions/decision-maker.ts';
import { addSamples, fakeWorkers, makeLibrary, type Picture, type TestLibrary } from '../testing/test-library.ts';
import { readSampleDetails } from './sample-details.ts';

let library: TestLibrary;

before(async () => {
  library = await makeLibrary(fakeWorkers());
});

after(() => library?.remove());

async function added(picture: Picture): Promise<{ datasetId: number; id: number }> {
  const datasetId = await library.newDataset();
  const { ids } = await addSamples(library.services, datasetId, [picture]);
  return { datasetId, id: ids[0] ?? 0 };
}

test('measurements, facts, and each rule with its value and threshold', async () => {
  const picture: Picture = {
    name: 'small and dark',
    width: 80,
    height: 500,
    measurements: { brightnessP99: 30, contrast: 50 },
  };
  const { id } = await added(picture);
  const details = readSampleDetails(library.services, id);
  assert.deepEqual(details.measurements.brightnessPercentiles, [10, 20, 120, 220, 30]);
  assert.match(details.measurements.pHash, /^[0-9a-f]{16}$/);
  assert.deepEqual([details.facts.integrity, details.facts.channels, details.facts.hasAlpha], ['ok', 3, false]);
  const failed = details.checks.filter((check) => !check.passed);
  assert.deepEqual(
    failed.map(({ finding, value, threshold, bad, unit }) => [finding, value, threshold, bad, unit]),
    [
      ['short-side', 80, 100, 'below', 'px'],
      ['aspect-ratio', 6.25, 5, 'above', ''],
      ['under-exposed', 30, 64, 'below', ''],
    ],
  );
  assert.deepEqual(
    details.sample.reasons,
    failed.map((check) => check.finding),
  );
  // Sharpness 500 at a contrast of 50: 500 × 1000 / 50².
  const blurred = details.checks.filter((check) => check.finding === 'blurred');
  assert.deepEqual(
    blurred.map(({ value, threshold }) => [value, threshold]),
    [
      [200, 50],
      [800, 300],
    ],
  );
  assert.ok(details.checks.every((check) => check.description.length > 10));
});

test('a sample’s history tells what rules and people did, newest first', async () => {
  const { datasetId, id } = await added({
    name: 'tiny',
    width: 40,
    meta: { label: 'cat' },
    origin: { source: 'folder' },
  });
  const decisions = new DecisionMaker(library.services);
  const target = { kind: 'ids' as const, ids: [id] };
  const pause = () => new Promise((resolve) => setTimeout(resolve, 3));
  await pause();
  await decisions.apply(datasetId, target, { status: 'accepted', label: 'dog', addTags: ['x', 'y'] });
  await pause();
  await decisions.apply(datasetId, target, { status: 'rejected' });
  await pause();
  await decisions.undo(datasetId);
  const { history } = readSampleDetails(library.services, id);
  assert.deepEqual(
    history.map(({ event, changes }) => [event, changes.map(({ field, from, to }) => `${field}: ${from} > ${to}`)]),
    [
      ['undone', ['status: rejected > accepted']],
      ['decided', ['status: accepted > rejected']],
      ['decided', ['status: quarantined > accepted', 'label: cat > dog', 'tags: null > x, y']],
      ['judged', ['status: null > quarantined', 'reasons: null > short-side']],
      ['added', ['source: null > folder']],
    ],
  );
  assert.ok(history.every((entry, at) => at === 0 || entry.at <= (history[at - 1]?.at ?? 0)));
});

test('what is not there is not found', () => {
  assert.throws(() => readSampleDetails(library.services, 999_999), { code: 'not-found' });
});
