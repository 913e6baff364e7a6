import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { FINDINGS } from '../../shared/vocabulary.ts';
import { type JudgedFacts, judge } from './judge.ts';
import { DEFAULT_RULE_SET, LEVEL_FINDINGS, mergeRules, type RuleSet, ruleSetSchema } from './rule-set.ts';

/** An ordinary photograph. */
const PHOTOGRAPH: JudgedFacts = {
  integrity: 'ok',
  sizeBytes: 110_000,
  width: 500,
  height: 375,
  measurements: {
    brightnessP1: 13,
    brightnessP5: 26,
    brightnessP50: 114,
    brightnessP95: 217,
    brightnessP99: 240,
    brightness: 115,
    contrast: 56,
    entropy: 7.4,
    colourfulness: 35,
    sharpness: 1_870,
    sharpnessHalf: 2_170,
    dominantColour: 0x736b5f,
    dHashHigh: 1,
    dHashLow: 2,
    pHashHigh: 3,
    pHashLow: 4,
  },
};

function photograph(facts: Partial<JudgedFacts>, measurements: Partial<JudgedFacts['measurements']> = {}): JudgedFacts {
  return { ...PHOTOGRAPH, ...facts, measurements: { ...PHOTOGRAPH.measurements, ...measurements } };
}

function codes(facts: JudgedFacts, ruleSet: RuleSet = DEFAULT_RULE_SET): readonly string[] {
  return judge(facts, ruleSet).findings.map((finding) => finding.code);
}

function message(facts: JudgedFacts): string {
  return judge(facts, DEFAULT_RULE_SET).findings[0]!.message;
}

const luma = fc.double({ min: 0, max: 255, noNaN: true });
const anyFacts: fc.Arbitrary<JudgedFacts> = fc.record(
  {
    integrity: fc.constantFrom('ok', 'damaged'),
    sizeBytes: fc.oneof(fc.nat(4_096), fc.nat(10_000_000)),
    width: fc.oneof(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 20_000 })),
    height: fc.oneof(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 20_000 })),
    measurements: fc
      .record({
        brightnessP5: luma,
        brightnessP99: luma,
        contrast: fc.double({ min: 0, max: 127.5, noNaN: true }),
        entropy: fc.double({ min: 0, max: 8, noNaN: true }),
        sharpness: fc.double({ min: 0, max: 2_000, noNaN: true }),
        sharpnessHalf: fc.double({ min: 0, max: 2_000, noNaN: true }),
      })
      .map((measured) => ({ ...PHOTOGRAPH.measurements, ...measured })),
  },
  { requiredKeys: ['integrity', 'sizeBytes', 'width', 'height', 'measurements'] },
);

/** Each threshold with its range and the direction that lets more images through. */
const LOOSER_WHEN_LOWER = {
  minSizeBytes: 5_000,
  minShortSidePx: 400,
  minContrast: 127.5,
  minEntropyBits: 8,
  minSharpness: 2_000,
  minSharpnessHalf: 2_000,
  minBrightnessP99: 255,
} as const;
const LOOSER_WHEN_HIGHER = { maxAspectRatio: 100, maxBrightnessP5: 255 } as const;

const anyRuleSet: fc.Arbitrary<RuleSet> = fc
  .record({
    level: fc.constantFrom('fast', 'medium', 'slow'),
    allowDamaged: fc.boolean(),
    minSizeBytes: fc.nat(5_000),
    minShortSidePx: fc.nat(400),
    maxAspectRatio: fc.double({ min: 1, max: 100, noNaN: true }),
    minContrast: fc.double({ min: 0, max: 127.5, noNaN: true }),
    minEntropyBits: fc.double({ min: 0, max: 8, noNaN: true }),
    minSharpness: fc.double({ min: 0, max: 2_000, noNaN: true }),
    minSharpnessHalf: fc.double({ min: 0, max: 2_000, noNaN: true }),
    minBrightnessP99: luma,
    maxBrightnessP5: luma,
    maxNearDuplicateDistance: fc.nat(16),
  })
  .map((rules) => mergeRules(rules));

describe('judge', () => {
  it('accepts an ordinary photograph', () => {
    assert.deepEqual(judge(PHOTOGRAPH, DEFAULT_RULE_SET), { status: 'accepted', findings: [] });
  });

  it('finds each fault, and says by how much', () => {
    for (const [facts, code, words] of [
      [photograph({ integrity: 'damaged' }), 'damaged', /damaged/],
      [photograph({ sizeBytes: 800 }), 'too-few-bytes', /^file size 800 bytes is under 1024 bytes$/],
      [photograph({ width: 90, height: 64 }), 'short-side', /^short side 64 px is under 100 px$/],
      [photograph({ width: 728, height: 120 }), 'aspect-ratio', /^aspect ratio 6.1 is over 5$/],
      [photograph({ width: 120, height: 601 }), 'aspect-ratio', /^aspect ratio 5.01 is over 5$/],
      [photograph({}, { contrast: 3.2 }), 'flat', /^contrast 3.2 is under 4$/],
      [photograph({}, { contrast: 3.999_99 }), 'flat', /^contrast 3.99999 is under 4$/],
      [photograph({}, { entropy: 0.4 }), 'flat', /^entropy 0.4 bits is under 1 bits$/],
      [
        photograph({}, { sharpness: 14, sharpnessHalf: 132 }),
        'blurred',
        /^sharpness 4.5 is under 50, and 42.1 is under 300 at half size$/,
      ],
      [photograph({}, { brightnessP99: 25 }), 'under-exposed', /25 is under 64$/],
      [photograph({}, { brightnessP5: 228 }), 'over-exposed', /228 is over 220$/],
    ] as const) {
      assert.deepEqual(codes(facts), [code]);
      assert.match(message(facts), words);
    }
  });

  it('gives the measurement and the threshold', () => {
    const { status, findings } = judge(photograph({ width: 90, height: 64 }), DEFAULT_RULE_SET);
    assert.equal(status, 'quarantined');
    assert.equal(findings[0]?.measured, 64);
    assert.equal(findings[0]?.threshold, 100);
  });

  it('takes thresholds as inclusive', () => {
    assert.deepEqual(codes(photograph({ width: 500, height: 100 })), []);
    assert.deepEqual(codes(photograph({ sizeBytes: 1_024 })), []);
  });

  it('takes neither a dark nor a hazy picture for a blurred one, nor a soft small one', () => {
    // A twelfth of the photograph's range: variances shrink by 144.
    const dim = { contrast: 56 / 12, sharpness: 1_870 / 144, sharpnessHalf: 2_170 / 144 };
    assert.ok(!codes(photograph({}, dim)).includes('blurred'));
    assert.ok(!codes(photograph({}, { sharpness: 100, sharpnessHalf: 1_200 })).includes('blurred'));
  });

  it('says several things about an empty picture, but not that it is blurred', () => {
    const blank = { contrast: 0, entropy: 0, sharpness: 0, sharpnessHalf: 0, brightnessP5: 255, brightnessP99: 255 };
    assert.deepEqual(codes(photograph({}, blank)), ['flat', 'over-exposed']);
  });

  it('looks no deeper than the level asks', () => {
    const bad = photograph(
      { integrity: 'damaged', sizeBytes: 1, width: 1, height: 90 },
      { contrast: 3, entropy: 0, sharpness: 0, sharpnessHalf: 0, brightnessP99: 3, brightnessP5: 255 },
    );
    const ofOne = (found: readonly string[]) => found.filter((code) => code !== 'near-duplicate');
    assert.deepEqual(codes(bad), ofOne(FINDINGS));
    for (const level of ['fast', 'medium', 'slow'] as const) {
      assert.deepEqual(codes(bad, { ...DEFAULT_RULE_SET, level }), ofOne(LEVEL_FINDINGS[level]));
    }
  });

  it('is a function of its arguments, and quarantines exactly with findings', () => {
    fc.assert(
      fc.property(anyFacts, anyRuleSet, (facts, ruleSet) => {
        const verdict = judge(facts, ruleSet);
        assert.deepEqual(judge(structuredClone(facts), ruleSetSchema.parse({ ...ruleSet })), verdict);
        assert.equal(verdict.status, verdict.findings.length === 0 ? 'accepted' : 'quarantined');
        const order = verdict.findings.map((finding) => FINDINGS.indexOf(finding.code));
        assert.deepEqual(
          order,
          [...new Set(order)].sort((left, right) => left - right),
        );
      }),
      { numRuns: 500 },
    );
  });

  it('never finds more when a threshold is loosened', () => {
    fc.assert(
      fc.property(anyFacts, anyRuleSet, fc.double({ min: 0, max: 1, noNaN: true }), (facts, ruleSet, share) => {
        const before = codes(facts, ruleSet);
        const looser: RuleSet[] = [
          { ...ruleSet, allowDamaged: true },
          { ...ruleSet, maxNearDuplicateDistance: Math.floor(ruleSet.maxNearDuplicateDistance * share) },
        ];
        for (const name of Object.keys(LOOSER_WHEN_LOWER) as (keyof typeof LOOSER_WHEN_LOWER)[]) {
          looser.push({ ...ruleSet, [name]: ruleSet[name] * share });
        }
        for (const name of Object.keys(LOOSER_WHEN_HIGHER) as (keyof typeof LOOSER_WHEN_HIGHER)[]) {
          looser.push({ ...ruleSet, [name]: ruleSet[name] + (LOOSER_WHEN_HIGHER[name] - ruleSet[name]) * share });
        }
        for (const loosened of looser) {
          for (const code of codes(facts, loosened)) assert.ok(before.includes(code), `${code} was added`);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('writes sentences in which the measured number fails its threshold', () => {
    fc.assert(
      fc.property(anyFacts, anyRuleSet, (facts, ruleSet) => {
        for (const { message: sentence } of judge(facts, ruleSet).findings) {
          const numbers = /(\S+)(?: px| bytes| bits)? is (under|over) ([^ ,]+)/.exec(sentence);
          if (numbers === null) continue;
          const [, measured, relation, threshold] = numbers;
          assert.ok(
            relation === 'under' ? Number(measured) < Number(threshold) : Number(measured) > Number(threshold),
            sentence,
          );
        }
      }),
      { numRuns: 500 },
    );
  });
});
