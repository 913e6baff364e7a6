import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { EMPTY_DRAFT, isBlank, keywordsOf, linesOf, readDraft, withLines } from './draft.ts';
import { anyDraft } from './testing/any-draft.ts';

test('keywords are what is between commas, and the name of the label without any', () => {
  assert.deepEqual(keywordsOf({ name: 'a', keywords: 'b,b , c' }), ['b', 'c']);
  assert.deepEqual(keywordsOf({ name: ' wren ', keywords: ' , ' }), ['wren']);
});

test('lines say something, each once, and further ones are added below', () => {
  assert.deepEqual(linesOf(' a \n\n b\na'), ['a', 'b']);
  assert.equal(withLines('a\n', ['a', 'b', 'c']), 'a\nb\nc');
  assert.equal(withLines('', ['b']), 'b');
  assert.equal(withLines('a\n', ['a']), 'a\n');
});

test('what was stored is read as it was', () => {
  fc.assert(
    fc.property(anyDraft, (draft) => assert.deepEqual(readDraft(JSON.parse(JSON.stringify(draft))), draft)),
    { numRuns: 200 },
  );
});

test('whatever was stored gives a draft, with the empty one for what is missing', () => {
  assert.deepEqual(readDraft(undefined), EMPTY_DRAFT);
  assert.deepEqual(readDraft({ labels: [{ name: 3 }], lists: ['/a', 4], maxImages: 'many', mode: 'link' }), {
    ...EMPTY_DRAFT,
    labels: [{ name: '', keywords: '' }],
    lists: ['/a'],
    mode: 'link',
  });
  const keys = Object.keys(EMPTY_DRAFT).sort();
  fc.assert(
    fc.property(fc.oneof(fc.anything(), fc.dictionary(fc.constantFrom(...keys), fc.anything())), (stored) => {
      const draft = readDraft(stored);
      assert.deepEqual(Object.keys(draft).sort(), keys);
      assert.equal(typeof draft.pages, 'string');
      assert.ok(draft.labels.every(({ name, keywords }) => typeof name === 'string' && typeof keywords === 'string'));
    }),
  );
});

test('what is gone past is chosen anew each time: nothing that was stored chooses it', () => {
  const stored = JSON.parse(JSON.stringify({ ...EMPTY_DRAFT, pages: 'x', overrideConsent: ['robots'] }));
  assert.deepEqual(readDraft(stored), { ...EMPTY_DRAFT, pages: 'x' });
});

test('a draft is blank while nothing is named; limits alone are no draft', () => {
  assert.ok(isBlank(EMPTY_DRAFT));
  assert.ok(isBlank({ ...EMPTY_DRAFT, maxImages: 3, labels: [{ name: ' ', keywords: '' }] }));
  assert.ok(!isBlank({ ...EMPTY_DRAFT, folders: ['/a'] }));
  assert.ok(!isBlank({ ...EMPTY_DRAFT, pages: 'x' }));
});
