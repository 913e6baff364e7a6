import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formatNumber } from './format-measure.ts';

describe('measured numbers', () => {
  it('have three digits, or all of a whole number', () => {
    assert.deepEqual([12_408.4, 99.96, 7.4321, 0.031_25, 0].map(formatNumber), [
      '12,408',
      '100',
      '7.43',
      '0.0313',
      '0',
    ]);
  });
});
