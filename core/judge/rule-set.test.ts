import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { AppError } from '../../shared/errors.ts';
import { DEFAULT_RULE_SET, mergeRules, ruleSetDigest, ruleSetSchema } from './rule-set.ts';

function refusal(run: () => unknown): AppError {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof AppError, String(error));
    assert.equal(error.code, 'bad-request');
    return error;
  }
  return assert.fail('nothing was thrown');
}

describe('rule sets', () => {
  it('give every threshold a unit, a description and a default that passes itself', () => {
    for (const [name, field] of Object.entries(ruleSetSchema.shape)) {
      const facts = field.meta();
      assert.ok(typeof facts?.unit === 'string' && facts.unit !== '', `${name} has no unit`);
      assert.ok(typeof facts?.description === 'string' && facts.description.length > 3, `${name} has no description`);
    }
    assert.deepEqual(ruleSetSchema.parse(DEFAULT_RULE_SET), DEFAULT_RULE_SET);
  });

  it('take over what a file says and keep the rest', () => {
    const strict = mergeRules({ name: 'strict', minShortSidePx: 256, level: 'medium' });
    assert.deepEqual(strict, { ...DEFAULT_RULE_SET, name: 'strict', minShortSidePx: 256, level: 'medium' });
    assert.deepEqual(mergeRules({ maxAspectRatio: 3 }, strict), { ...strict, maxAspectRatio: 3 });
    assert.deepEqual(mergeRules({}), DEFAULT_RULE_SET);
  });

  it('say what was expected and what came', () => {
    for (const [overrides, message] of [
      [{ minShortSidePx: 'big' }, /"minShortSidePx": expected a whole number from 0 to 100000 \(px\); got "big"\./],
      [{ minShortSidePx: 10.5 }, /expected a whole number from 0 to 100000 \(px\); got 10\.5\./],
      [{ minShortSidePx: null }, /got null\./],
      [{ maxAspectRatio: 0 }, /"maxAspectRatio": expected a number from 1 to 100000 .*; got 0\./],
      [{ level: 'deep' }, /expected one of fast, medium, slow; got "deep"\./],
      [{ version: 2 }, /"version": expected 1; got 2\./],
      [{ minShortSide: 3 }, /Unknown rule "minShortSide"\. Expected one of .*minShortSidePx/],
      [[], /Expected rules as a JSON object .*; got \[\]\./],
      [null, /got null\./],
      ['x'.repeat(500), /got "x{70,}…\./],
    ] as const) {
      assert.match(refusal(() => mergeRules(overrides)).message, message);
    }
    const { problems } = refusal(() => mergeRules({ level: 1, minContrast: -1 })).details;
    assert.equal((problems as string[]).length, 2);
  });

  it('survive any JSON: a rule set or a refusal', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.jsonValue(),
          fc
            .dictionary(fc.constantFrom('level', 'minSizeBytes', '__proto__', 'toString'), fc.jsonValue())
            // As a file gives it: `__proto__` is then a property like any other.
            .map((value) => JSON.parse(JSON.stringify(value)) as unknown),
        ),
        (rules) => {
          try {
            assert.deepEqual(Object.keys(mergeRules(rules)).sort(), Object.keys(DEFAULT_RULE_SET).sort());
          } catch (error) {
            assert.ok(error instanceof AppError && error.code === 'bad-request', String(error));
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  it('have one digest whatever the order of their rules, and another for any change', () => {
    const digest = ruleSetDigest(DEFAULT_RULE_SET);
    assert.match(digest, /^[0-9a-f]{64}$/);
    assert.equal(
      ruleSetDigest(ruleSetSchema.parse(Object.fromEntries(Object.entries(DEFAULT_RULE_SET).reverse()))),
      digest,
    );
    const backwards = Object.fromEntries(Object.entries(DEFAULT_RULE_SET).reverse()) as typeof DEFAULT_RULE_SET;
    assert.equal(ruleSetDigest(backwards), digest);
    const seen = new Set([digest]);
    for (const change of [{ minShortSidePx: 99 }, { level: 'fast' }, { name: 'mine' }, { allowDamaged: true }]) {
      seen.add(ruleSetDigest(mergeRules(change)));
    }
    assert.equal(seen.size, 5);
  });
});
