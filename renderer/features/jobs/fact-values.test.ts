import assert from 'node:assert/strict';
import { test } from 'node:test';
import { factValues } from './fact-values.ts';

test('what was asked for becomes a line each, and what was not becomes none', () => {
  assert.deepEqual(factValues('sources', ['https://a.example/', { source: 'openverse:cat', label: 'cats' }]), [
    'https://a.example/',
    'openverse:cat → cats',
  ]);
  assert.deepEqual(factValues('maxImages', 12_408), ['12,408']);
  assert.deepEqual(factValues('depth', 0), ['0']);
  for (const nothing of [undefined, null, '', false, [], {}]) assert.deepEqual(factValues('include', nothing), []);
});

test('durations, sizes and words of the vocabulary are said as a person would', () => {
  assert.deepEqual(
    [0, 250, 1_000, 90_000].flatMap((value) => factValues('delayMs', value)),
    ['None', '250 ms', '1 s', '1 min 30 s'],
  );
  assert.deepEqual(
    factValues('rules', { minSizeBytes: 10_240, minShortSidePx: 200, minSharpness: 50, allowDamaged: true }),
    ['Smallest file: 10.2 kB', 'Smallest short side: 200 px', 'Lowest sharpness: 50 ‰', 'Accept damaged images: Yes'],
  );
  assert.deepEqual(factValues('statuses', ['accepted', 'quarantined']), ['Accepted', 'Quarantined']);
  assert.deepEqual([factValues('format', 'jsonl'), factValues('archive', 'none')], [['JSON Lines'], ['Folder']]);
  assert.deepEqual(factValues('dryRun', true), ['Yes']);
  // Of a version that this one does not know.
  assert.deepEqual(factValues('format', 'parquet'), ['parquet']);
  assert.deepEqual(factValues('rules', { minWonder: 0.25 }), ['minWonder: 0.25']);
});
