import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { checksOf, type RuleCheck } from './checks.ts';
import { type JudgedFacts, judge } from './judge.ts';
import { LEVEL_FINDINGS, mergeRules } from './rule-set.ts';

const luma = fc.nat(255);
/** Values that lie on either side of the thresholds below. */
const anyFacts = fc
  .record({
    integrity: fc.constantFrom('ok' as const, 'damaged' as const),
    sizeBytes: fc.nat(4_000),
    width: fc.integer({ min: 1, max: 400 }),
    height: fc.integer({ min: 1, max: 400 }),
    contrast: fc.double({ min: 0, max: 30, noNaN: true }),
    entropy: fc.double({ min: 0, max: 4, noNaN: true }),
    sharpness: fc.double({ min: 0, max: 60, noNaN: true }),
    sharpnessHalf: fc.double({ min: 0, max: 200, noNaN: true }),
    brightnessP5: luma,
    brightnessP99: luma,
  })
  .map(
    ({ integrity, sizeBytes, width, height, ...measured }): JudgedFacts => ({
      integrity,
      sizeBytes,
      width,
      height,
      measurements: {
        brightnessP1: 10,
        brightnessP50: 120,
        brightnessP95: 220,
        brightness: 115,
        colourfulness: 30,
        dominantColour: 0,
        dHashHigh: 0,
        dHashLow: 0,
        pHashHigh: 0,
        pHashLow: 0,
        ...measured,
      },
    }),
  );
const anyRules = fc
  .record({
    level: fc.constantFrom('fast', 'medium', 'slow'),
    allowDamaged: fc.boolean(),
    minSharpness: fc.nat(200),
    minSharpnessHalf: fc.nat(600),
    minContrast: fc.nat(20),
    minEntropyBits: fc.nat(4),
    minBrightnessP99: luma,
    maxBrightnessP5: luma,
    maxNearDuplicateDistance: fc.nat(16),
  })
  .map((rules) => mergeRules(rules));
const anyNear = fc.option(fc.record({ distance: fc.nat(20) }));

function isBeyond({ value, threshold, bad }: RuleCheck): boolean {
  assert.ok(value !== null && threshold !== null && bad !== null);
  return bad === 'below' ? value < threshold : value > threshold;
}

test('a check fails exactly where its rule gives the finding, and then its value is beyond its threshold', () => {
  fc.assert(
    fc.property(anyFacts, anyNear, anyRules, (facts, near, rules) => {
      const found = judge(facts, rules).findings.map(({ code }) => code as string);
      if (near !== null && near.distance <= rules.maxNearDuplicateDistance) found.push('near-duplicate');
      const checks = checksOf(facts, near, rules);
      assert.deepEqual([...new Set(checks.map(({ finding }) => finding))], LEVEL_FINDINGS[rules.level]);
      for (const [finding, ofFinding] of Map.groupBy(checks, (check) => check.finding)) {
        const failed = ofFinding.filter(({ passed }) => !passed);
        assert.equal(failed.length > 0, found.includes(finding), finding);
        if (finding === 'flat') assert.deepEqual(failed, ofFinding.filter(isBeyond));
        else assert.ok(failed.length === 0 || failed.length === ofFinding.length, finding);
        for (const check of failed) assert.ok(check.value === null || isBeyond(check), check.rule ?? finding);
      }
    }),
    { numRuns: 2_000 },
  );
});
