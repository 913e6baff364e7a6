import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  type GridGeometry,
  indexAt,
  indexesWithin,
  indexTowards,
  layoutGrid,
  sectionAt,
  sectionMarks,
  tileRectangle,
  visibleRange,
} from './grid-layout.ts';

const GEOMETRY: GridGeometry = { widthPx: 1_000, tilePx: 160, gapPx: 4, paddingPx: 8, headingPx: 0, captionPx: 0 };

const anyGeometry: fc.Arbitrary<GridGeometry> = fc.record({
  widthPx: fc.integer({ min: 40, max: 4_000 }),
  tilePx: fc.integer({ min: 80, max: 400 }),
  gapPx: fc.integer({ min: 0, max: 16 }),
  paddingPx: fc.integer({ min: 0, max: 24 }),
  headingPx: fc.constantFrom(0, 36),
  captionPx: fc.constantFrom(0, 20),
});
const anyCounts = fc.array(fc.nat(60), { minLength: 1, maxLength: 8 });
const anyLayout = fc
  .tuple(anyGeometry, anyCounts)
  .map(([geometry, counts]) => layoutGrid(geometry, counts))
  .filter((layout) => layout.count > 0);

function indexOf(layout: ReturnType<typeof layoutGrid>, seed: number): number {
  return seed % layout.count;
}

describe('the grid', () => {
  it('finds each tile again under its middle', () => {
    fc.assert(
      fc.property(anyLayout, fc.nat(), (layout, seed) => {
        const index = indexOf(layout, seed);
        const { left, top, width, height } = tileRectangle(layout, index);
        assert.equal(indexAt(layout, left + width / 2, top + height / 2), index);
        assert.ok(top + height <= layout.heightPx);
      }),
      { numRuns: 300 },
    );
  });

  it('lets no two tiles overlap and none lie outside', () => {
    fc.assert(
      fc.property(anyLayout, (layout) => {
        const seen = new Set<string>();
        for (let index = 0; index < layout.count; index += 1) {
          const place = tileRectangle(layout, index);
          seen.add(`${place.left},${place.top}`);
          if (layout.columns > 1) assert.ok(place.left + place.width <= layout.geometry.widthPx);
        }
        assert.equal(seen.size, layout.count);
      }),
    );
  });

  it('shows every tile that touches the window, and few more', () => {
    fc.assert(
      fc.property(anyLayout, fc.nat(20_000), fc.integer({ min: 1, max: 2_000 }), (layout, seed, heightPx) => {
        const topPx = seed % Math.max(1, layout.heightPx);
        const range = visibleRange(layout, topPx, heightPx, 0);
        for (let index = 0; index < layout.count; index += 1) {
          const { top, height } = tileRectangle(layout, index);
          const touches = top < topPx + heightPx && top + height > topPx;
          if (touches) assert.ok(range && range.first <= index && index <= range.last, `${index} is not shown`);
        }
        const rows = Math.ceil(heightPx / layout.rowPx) + 3;
        if (range) assert.ok(range.last - range.first + 1 <= (rows + layout.sections.length) * layout.columns);
      }),
      { numRuns: 300 },
    );
  });

  it('takes into a marquee exactly what it touches', () => {
    const rectangle = fc.record({
      left: fc.integer({ min: 0, max: 1_000 }),
      top: fc.integer({ min: 0, max: 4_000 }),
      width: fc.integer({ min: 1, max: 800 }),
      height: fc.integer({ min: 1, max: 800 }),
    });
    fc.assert(
      fc.property(anyLayout, rectangle, (layout, marquee) => {
        const inside = new Set<number>();
        for (const { first, last } of indexesWithin(layout, marquee)) {
          for (let index = first; index <= last; index += 1) inside.add(index);
        }
        for (let index = 0; index < layout.count; index += 1) {
          const { left, top, width, height } = tileRectangle(layout, index);
          const touches =
            left < marquee.left + marquee.width &&
            left + width > marquee.left &&
            top < marquee.top + marquee.height &&
            top + height > marquee.top;
          if (touches) assert.ok(inside.has(index), `${index} is touched`);
          const apart =
            left > marquee.left + marquee.width ||
            left + width < marquee.left ||
            top > marquee.top + marquee.height ||
            top + height < marquee.top;
          if (apart) assert.ok(!inside.has(index), `${index} is apart`);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('moves by rows over the ends of sections and never leaves the grid', () => {
    fc.assert(
      fc.property(
        anyLayout,
        fc.nat(),
        fc.constantFrom('left' as const, 'right' as const, 'up' as const, 'down' as const),
        fc.integer({ min: 1, max: 5 }),
        (layout, seed, towards, steps) => {
          const from = indexOf(layout, seed);
          const to = indexTowards(layout, from, towards, steps);
          assert.ok(to >= 0 && to < layout.count);
          if (towards === 'down' || towards === 'right') assert.ok(to >= from);
          else assert.ok(to <= from);
          if (towards === 'down' && to !== from) {
            assert.ok(tileRectangle(layout, to).top > tileRectangle(layout, from).top);
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it('goes down into a shorter row and into the next section', () => {
    const layout = layoutGrid({ ...GEOMETRY, headingPx: 36 }, [7, 0, 3]);
    assert.equal(layout.columns, 6);
    assert.equal(indexTowards(layout, 5, 'down'), 6);
    assert.equal(indexTowards(layout, 6, 'down'), 7);
    assert.equal(indexTowards(layout, 7, 'up'), 6);
    assert.equal(indexTowards(layout, 9, 'down'), 9);
  });

  it('knows the section at a height', () => {
    const layout = layoutGrid({ ...GEOMETRY, headingPx: 36 }, [7, 3]);
    assert.equal(sectionAt(layout, 0), 0);
    assert.equal(sectionAt(layout, layout.sections[1]!.topPx), 1);
    assert.equal(sectionAt(layout, layout.sections[1]!.topPx - 1), 0);
  });

  it('costs the same at half a million', () => {
    const layout = layoutGrid(GEOMETRY, [500_000]);
    const startedAt = performance.now();
    for (let turn = 0; turn < 20_000; turn += 1) visibleRange(layout, (turn * 971) % layout.heightPx, 900, 400);
    assert.ok(performance.now() - startedAt < 500);
  });

  it('marks where sections begin, and never more than can be told apart', () => {
    assert.equal(sectionMarks(layoutGrid({ ...GEOMETRY, headingPx: 36 }, [5, 7, 900])).length, 3);
    const many = layoutGrid({ ...GEOMETRY, headingPx: 36 }, Array<number>(10_000).fill(3));
    const marks = sectionMarks(many);
    assert.ok(marks.length > 100 && marks.length <= 201);
    assert.ok(marks.every((mark, at) => mark >= 0 && mark < 1 && (at === 0 || mark > marks[at - 1]!)));
  });
});
