import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { RuleField } from '../../../shared/contract/rules.ts';
import { changedRules, groupedRules, isMeasured, rulesToSave, thresholdOf } from './rule-draft.ts';

const rule = (name: string, value: RuleField['value'], defaultValue: RuleField['value'] = value): RuleField => ({
  name,
  value,
  defaultValue,
  unit: '',
  expected: '',
  description: '',
});

test('only what differs is a change, and what is back at its default is sent as such', () => {
  const fields = [rule('minShortSidePx', 200, 100), rule('minContrast', 4), rule('allowDamaged', false)];
  assert.deepEqual(changedRules(fields, {}), {});
  assert.deepEqual(changedRules(fields, { minShortSidePx: 200, minContrast: 4, gone: 1 }), {});
  const changed = changedRules(fields, { minShortSidePx: 100, minContrast: 9, allowDamaged: false });
  assert.deepEqual(changed, { minShortSidePx: 100, minContrast: 9 });
  assert.deepEqual(rulesToSave(fields, changed), { minShortSidePx: null, minContrast: 9 });
});

test('every rule is in one group, known or not', () => {
  const names = fc.uniqueArray(
    fc.oneof(fc.constantFrom('minSharpness', 'minSizeBytes', 'maxBrightnessP5', 'allowDamaged'), fc.string()),
  );
  fc.assert(
    fc.property(names, (list) => {
      const shown = groupedRules(list.map((name) => rule(name, 1))).flatMap(({ rules }) =>
        rules.map(({ name }) => name),
      );
      assert.deepEqual(shown.sort(), [...list].sort());
    }),
  );
});

test('a threshold put by hand is a value that the rule takes', () => {
  assert.equal(thresholdOf('minSizeBytes', 1_023.6), 1_024);
  assert.equal(thresholdOf('minBrightnessP99', 63.7), 64);
  assert.equal(thresholdOf('minEntropyBits', 1.26), 1.3);
  assert.deepEqual(['minSharpness', 'maxNearDuplicateDistance', 'toString'].map(isMeasured), [true, false, false]);
});
