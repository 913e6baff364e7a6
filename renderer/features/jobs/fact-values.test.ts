import assert from 'node:assert/strict';
import { test } from 'node:test';
import { factValues } from './fact-values.ts';

test('what was asked for becomes a line each, and what was not becomes none', () => {
  assert.deepEqual(factValues(['https://a.example/', { source: 'openverse:cat', label: 'cats' }]), [
    'https://a.example/',
    'openverse:cat → cats',
  ]);
  assert.deepEqual(factValues({ minShortSidePx: 200 }), ['minShortSidePx: 200']);
  assert.deepEqual(factValues({ minBytes: 10_240 }), ['minBytes: 10,240']);
  assert.deepEqual(factValues(12_408), ['12,408']);
  assert.deepEqual(factValues(0), ['0']);
  for (const nothing of [undefined, null, '', false, [], {}]) assert.deepEqual(factValues(nothing), []);
});
