import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT_INSPECTION_LIMITS } from '../../shared/inspection.ts';
import { overBudget } from './budget.ts';
import { type HeaderFacts, PLAIN_FACTS } from './header.ts';

const FACTS: HeaderFacts = {
  ...PLAIN_FACTS,
  format: 'png',
  width: 100,
  height: 100,
  channels: 3,
  colourSpace: 'srgb',
};

test('what a decoder holds beside the picture counts as much as the picture', () => {
  const limits = { ...DEFAULT_INSPECTION_LIMITS, maxDecodedBytes: 50_000 };
  assert.equal(overBudget({ ...FACTS, heldBytes: 50_000 }, limits), null);
  const over = overBudget({ ...FACTS, heldBytes: 50_001 }, limits);
  assert.equal(over?.reason, 'over-budget');
  assert.match(over?.detail ?? '', /held/);
});

test('a strip of very many rows is refused, however little it decodes to', () => {
  assert.equal(overBudget({ ...FACTS, width: 1, height: 500_000 }, DEFAULT_INSPECTION_LIMITS), null);
  const over = overBudget({ ...FACTS, width: 1, height: 500_001 }, DEFAULT_INSPECTION_LIMITS);
  assert.equal(over?.reason, 'over-budget');
  assert.match(over?.detail ?? '', /500000 rows allowed/);
  assert.equal(
    overBudget({ ...FACTS, width: 500_001, height: 1 }, DEFAULT_INSPECTION_LIMITS),
    null,
    'rows, not columns',
  );
});
