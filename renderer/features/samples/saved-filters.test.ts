import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseSavedFilters, withoutSavedFilter, withSavedFilter } from './saved-filters.ts';

describe('saved filters', () => {
  it('survives whatever the browser kept', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json(), fc.constant(null)), (text) => {
        for (const filter of parseSavedFilters(text)) assert.ok(filter.name !== '');
      }),
      { numRuns: 300 },
    );
  });

  it('replaces one of the same name and forgets one that is removed', () => {
    const first = withSavedFilter([], { name: 'cats', search: 'label=cat' });
    const second = withSavedFilter(first, { name: 'cats', search: 'label=dog' });
    assert.deepEqual(parseSavedFilters(JSON.stringify(second)), [{ name: 'cats', search: 'label=dog' }]);
    assert.deepEqual(withoutSavedFilter(second, 'cats'), []);
  });
});
