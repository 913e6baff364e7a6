import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { IdSet } from './id-set.ts';

const anyId = fc.oneof(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 2 ** 40 }));
const anyStep = fc.record({ add: fc.boolean(), ids: fc.array(anyId, { maxLength: 20 }) });

describe('IdSet', () => {
  it('holds what a set holds after any changes, and leaves the sets before it alone', () => {
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 12 }), (steps) => {
        let set = IdSet.empty;
        const model = new Set<number>();
        for (const { add, ids } of steps) {
          const before = [...set];
          const next = add ? set.with(ids) : set.without(ids);
          assert.deepEqual([...set], before);
          for (const id of ids) add ? model.add(id) : model.delete(id);
          set = next;
        }
        assert.deepEqual(
          [...set],
          [...model].sort((left, right) => left - right),
        );
        assert.equal(set.size, model.size);
        for (const id of model) assert.ok(set.has(id));
        assert.ok(!set.has(2 ** 41));
      }),
    );
  });

  it('is itself when nothing changes', () => {
    const set = IdSet.of([3, 5]);
    assert.equal(set.with([5]), set);
    assert.equal(set.without([4]), set);
  });

  it('copies one chunk to change one of half a million', () => {
    const all = IdSet.of(Array.from({ length: 500_000 }, (_, index) => index + 1));
    const startedAt = performance.now();
    let set = all;
    for (let id = 1; id <= 2_000; id += 1) set = set.without([id]);
    assert.equal(set.size, 498_000);
    assert.ok(performance.now() - startedAt < 1_000);
  });
});
