import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  deselect,
  focusOn,
  invert,
  isEmpty,
  isSelected,
  moved,
  NOTHING_SELECTED,
  type Selection,
  selectAll,
  selectedCount,
  selectMarquee,
  selectOne,
  selectRange,
  toggleOne,
} from './selection.ts';

/** A list in which the sample at index i has the id 1000 − i, so that ids and places cannot be confused. */
const COUNT = 40;
const idAt = (index: number) => 1_000 - index;
const idsBetween = (left: number, right: number) =>
  Array.from({ length: Math.abs(right - left) + 1 }, (_, offset) => idAt(Math.min(left, right) + offset));

const place = fc.nat(COUNT - 1);
const anyStep = fc.oneof(
  fc.record({ kind: fc.constant('click' as const), at: place }),
  fc.record({ kind: fc.constant('toggle' as const), at: place }),
  fc.record({ kind: fc.constant('shift' as const), at: place, add: fc.boolean() }),
  fc.record({
    kind: fc.constant('marquee' as const),
    at: place,
    to: place,
    how: fc.constantFrom('replace' as const, 'toggle' as const, 'add' as const),
  }),
  fc.record({ kind: fc.constantFrom('all' as const, 'invert' as const, 'none' as const), at: place }),
);
type Step = typeof anyStep extends fc.Arbitrary<infer T> ? T : never;

function run(selection: Selection, step: Step): Selection {
  switch (step.kind) {
    case 'click':
      return selectOne(step.at, idAt(step.at));
    case 'toggle':
      return toggleOne(selection, step.at, idAt(step.at));
    case 'shift':
      return selectRange(selection, step.at, idsBetween(selection.anchor ?? step.at, step.at), step.add);
    case 'marquee':
      return selectMarquee(selection, idsBetween(step.at, step.to), step.how);
    case 'all':
      return selectAll(selection);
    case 'invert':
      return invert(selection);
    case 'none':
      return deselect(selection);
  }
}

/** The same in a plain set of ids of a list that is wholly loaded. */
function model(selected: Set<number>, anchor: number | null, step: Step): Set<number> {
  switch (step.kind) {
    case 'click':
      return new Set([idAt(step.at)]);
    case 'toggle':
      return selected.symmetricDifference(new Set([idAt(step.at)]));
    case 'shift': {
      const range = new Set(idsBetween(anchor ?? step.at, step.at));
      return step.add ? selected.union(range) : range;
    }
    case 'marquee': {
      const inside = new Set(idsBetween(step.at, step.to));
      if (step.how === 'replace') return inside;
      return step.how === 'add' ? selected.union(inside) : selected.symmetricDifference(inside);
    }
    case 'all':
      return new Set(idsBetween(0, COUNT - 1));
    case 'invert':
      return new Set(idsBetween(0, COUNT - 1)).difference(selected);
    case 'none':
      return new Set();
  }
}

describe('selection', () => {
  it('selects what a set of ids would, whatever is done', () => {
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 30 }), (steps) => {
        let selection = NOTHING_SELECTED;
        let expected = new Set<number>();
        for (const step of steps) {
          expected = model(expected, selection.anchor, step);
          selection = run(selection, step);
          const selected = idsBetween(0, COUNT - 1).filter((id) => isSelected(selection, id));
          assert.deepEqual(new Set(selected), expected);
          assert.equal(selectedCount(selection, COUNT), expected.size);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('keeps everything that matches as "all but these", not as ids', () => {
    const selection = toggleOne(selectAll(NOTHING_SELECTED), 3, idAt(3));
    assert.equal(selection.mode, 'all-but');
    assert.equal(selectedCount(selection, 500_000), 499_999);
    assert.equal(selection.ids.size, 1);
  });

  it('grows and shrinks a range around its anchor', () => {
    const start = selectOne(5, idAt(5));
    const wide = selectRange(start, 9, idsBetween(5, 9), false);
    const narrow = selectRange(wide, 3, idsBetween(5, 3), false);
    assert.equal(wide.anchor, 5);
    assert.deepEqual(new Set(narrow.ids), new Set(idsBetween(3, 5)));
    assert.equal(narrow.focus, 3);
  });

  it('moves the keyboard without selecting', () => {
    const selection = focusOn(NOTHING_SELECTED, 7);
    assert.equal(selection.focus, 7);
    assert.ok(isEmpty(selection));
  });

  it('keeps its place inside the list when samples come and go', () => {
    fc.assert(
      fc.property(place, fc.integer({ min: -100, max: 100 }), fc.nat(100), (at, shift, count) => {
        const { focus } = moved(selectOne(at, idAt(at)), shift, count);
        if (count === 0) assert.equal(focus, null);
        else assert.equal(focus, Math.min(count - 1, Math.max(0, at + shift)));
      }),
    );
  });
});
