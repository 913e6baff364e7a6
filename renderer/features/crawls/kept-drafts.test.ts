import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { EMPTY_DRAFT } from './draft.ts';
import { mostRecent, readDrafts } from './kept-drafts.ts';

test('a value is set and taken away again, and there are never more than a hundred', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 400 }), { maxLength: 300 }), (ids) => {
      let values: Readonly<Record<number, number>> = {};
      for (const id of ids) {
        values = mostRecent(values, id, id);
        assert.equal(values[id], id);
        assert.ok(Object.keys(values).length <= 100);
      }
      const last = ids.at(-1);
      if (last !== undefined) assert.equal(mostRecent(values, last, null)[last], undefined);
    }),
  );
});

test('what was stored before is read, whatever it is', () => {
  const stored = {
    drafts: { 3: { ...EMPTY_DRAFT, pages: 'x' }, constructor: {} },
    trials: { 3: { jobIds: [9, 10], request: 'r' }, 4: 7, 5: { jobIds: [-1] }, 6: { jobId: 9 } },
  };
  assert.deepEqual(readDrafts(stored), {
    drafts: { 3: { ...EMPTY_DRAFT, pages: 'x' } },
    trials: { 3: { jobIds: [9, 10], request: 'r' } },
  });
  fc.assert(
    fc.property(fc.anything(), fc.anything(), (drafts, trials) => {
      readDrafts({ drafts, trials });
      readDrafts(drafts);
    }),
  );
});
