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

const ACCEPTED = { status: 'accepted', decidedBy: 'rules', reasons: [] } as const;

test('what is a finding fails, and nothing beyond its threshold is said to pass', () => {
  fc.assert(
    fc.property(check, (each: RuleCheck) => {
      const { passed, value, threshold, bad } = each;
      const outcome = outcomeOf(each, ACCEPTED);
      assert.equal(outcome === 'failed', !passed);
      if (outcome !== 'passed' || value === null || threshold === null || bad === null) return;
      assert.ok(bad === 'below' ? value >= threshold : value <= threshold);
    }),
    { numRuns: 500 },
  );
});

test('soft at full size and crisp at half is neither a fault nor a pass', () => {
  const row = { finding: 'blurred', passed: true, value: 40, threshold: 50, bad: 'below', unit: '', description: '' };
  assert.equal(outcomeOf({ ...row, rule: 'minSharpness', bad: 'below' }, ACCEPTED), 'excused');
});

test('what a person set aside for an image further than the rule asks does not just pass', () => {
  const near = { finding: 'near-duplicate', rule: 'maxNearDuplicateDistance', threshold: 7, bad: 'below' } as const;
  const far = { ...near, passed: true, value: 9, unit: 'bits', description: '' };
  const setAside = { status: 'quarantined', decidedBy: 'user', reasons: ['near-duplicate'] } as const;
  assert.equal(outcomeOf(far, setAside), 'chosen');
  assert.equal(outcomeOf(far, { ...setAside, status: 'rejected' }), 'chosen');
  assert.equal(outcomeOf({ ...far, passed: false, value: 5 }, setAside), 'failed', 'the rule finds it as well');
  assert.equal(outcomeOf(far, { ...setAside, status: 'accepted' }), 'passed');
  assert.equal(outcomeOf(far, { ...setAside, reasons: ['blurred'] }), 'passed', 'set aside for something else');
  assert.equal(outcomeOf(far, { ...setAside, decidedBy: 'rules' }), 'passed', 'the rules were other ones');
});
