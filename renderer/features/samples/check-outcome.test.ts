import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { outcomeOf, type RuleCheck } from './check-outcome.ts';

const check = fc.record({
  finding: fc.constant('blurred'),
  rule: fc.constant('minSharpness'),
  passed: fc.boolean(),
  value: fc.option(fc.nat(10)),
  threshold: fc.option(fc.nat(10)),
  bad: fc.constantFrom('below' as const, 'above' as const, null),
  unit: fc.constant(''),
  description: fc.constant(''),
});

test('what is a finding fails, and nothing beyond its threshold is said to pass', () => {
  fc.assert(
    fc.property(check, (each: RuleCheck) => {
      const { passed, value, threshold, bad } = each;
      const outcome = outcomeOf(each);
      assert.equal(outcome === 'failed', !passed);
      if (outcome !== 'passed' || value === null || threshold === null || bad === null) return;
      assert.ok(bad === 'below' ? value >= threshold : value <= threshold);
    }),
    { numRuns: 500 },
  );
});

test('soft at full size and crisp at half is neither a fault nor a pass', () => {
  const row = { finding: 'blurred', passed: true, value: 40, threshold: 50, bad: 'below', unit: '', description: '' };
  assert.equal(outcomeOf({ ...row, rule: 'minSharpness', bad: 'below' }), 'excused');
});
