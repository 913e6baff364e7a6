import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { MEASURED_RULES, type MeasuredRule } from '../../shared/contract/rules.ts';
import { factsOf } from '../images/image-facts.ts';
import { addSamples, fakeWorkers, makeLibrary, type Picture, type TestLibrary } from '../testing/test-library.ts';
import { checksOf } from './checks.ts';
import { RuleMeasureRepository } from './rule-measure-repository.ts';
import { DEFAULT_RULE_SET } from './rule-set.ts';

let library: TestLibrary;
let measures: RuleMeasureRepository;
let datasetId = 0;
let ids: readonly number[] = [];

const pictures = fc.array(
  fc.record({
    width: fc.integer({ min: 1, max: 4_000 }),
    height: fc.integer({ min: 1, max: 4_000 }),
    measurements: fc.record({
      brightnessP5: fc.nat(255),
      brightnessP99: fc.nat(255),
      contrast: fc.double({ min: 0, max: 90, noNaN: true }),
      entropy: fc.double({ min: 0, max: 8, noNaN: true }),
      sharpness: fc.double({ min: 0, max: 4_000, noNaN: true }),
      sharpnessHalf: fc.double({ min: 0, max: 4_000, noNaN: true }),
    }),
  }),
  { minLength: 120, maxLength: 120 },
);

before(async () => {
  library = await makeLibrary(fakeWorkers());
  const { database, ownerId, reader, samples } = library.services;
  measures = new RuleMeasureRepository(database, ownerId, reader, samples);
  // Another dataset, of which nothing is counted.
  await addSamples(library.services, await library.newDataset(), [{ name: 'other', width: 7, height: 9_000 }]);
  datasetId = await library.newDataset();
  const drawn = fc.sample(pictures, { seed: 11, numRuns: 1 })[0] ?? [];
  ids = (
    await addSamples(
      library.services,
      datasetId,
      drawn.map((each, at): Picture => ({ name: `picture ${at}`, ...each })),
    )
  ).ids;
});

after(() => library?.remove());

/** What no image can be above. */
const MOST: Partial<Record<MeasuredRule, number>> = {
  minContrast: 127.5,
  minEntropyBits: 8,
  minBrightnessP99: 255,
  maxBrightnessP5: 255,
};

test('each bin has as many images as the rule sees in it', async () => {
  const { samples } = library.services;
  const facts = ids.map((id) => factsOf(samples.getImage(id)));
  for (const rule of MEASURED_RULES) {
    const checks = facts.map((each) => checksOf(each, null, DEFAULT_RULE_SET).find((check) => check.rule === rule));
    const isOfBlur = rule === 'minSharpness' || rule === 'minSharpnessHalf';
    // What has too little contrast is not judged by its sharpness.
    const values = checks
      .filter((_, at) => !isOfBlur || (facts[at]?.measurements.contrast ?? 0) >= 2)
      .map((check) => check?.value ?? Number.NaN);
    const { bins, bad } = await measures.histogram(datasetId, rule);
    assert.equal(bad, checks[0]?.bad, rule);
    assert.ok(bins.length > 0 && bins.length <= 130, rule);
    const most = MOST[rule] ?? Number.POSITIVE_INFINITY;
    for (const { from, to, count } of bins) {
      const within = values.filter((value) => value >= from && (value < to || (to === most && value === most)));
      assert.equal(within.length, count, `${rule} ${from} to ${to}`);
      assert.ok(to <= most, `${rule} up to ${to}`);
    }
    const counted = bins.reduce((sum, bin) => sum + bin.count, 0);
    assert.equal(counted, values.length, rule);
  }
});

test('a dataset that is not there is not found, and an empty one has no bins', async () => {
  await assert.rejects(measures.histogram(999_999, 'minSharpness'), { code: 'not-found' });
  assert.deepEqual((await measures.histogram(await library.newDataset(), 'minBrightnessP99')).bins, []);
});
