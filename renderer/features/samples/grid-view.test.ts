import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { layoutGrid, tileRectangle } from './grid-layout.ts';
import { cssColour, type HeldTile, held, scrollTopToShow, slotCount, tilesToShow } from './grid-view.ts';

describe('what the grid has in the document', () => {
  it('stays below the budget of nodes on any ordinary screen, and has all that is in view', () => {
    fc.assert(
      fc.property(
        fc.record({
          widthPx: fc.integer({ min: 320, max: 2_200 }),
          tilePx: fc.integer({ min: 80, max: 400 }),
          gapPx: fc.constant(4),
          paddingPx: fc.constant(8),
          headingPx: fc.constantFrom(0, 36),
          captionPx: fc.constantFrom(0, 20),
        }),
        fc.nat(1_000_000),
        fc.integer({ min: 300, max: 1_200 }),
        (geometry, seed, heightPx) => {
          const layout = layoutGrid(geometry, [500_000]);
          const range = tilesToShow(layout, seed % layout.heightPx, heightPx);
          assert.ok(range);
          const tiles = range.last - range.first + 1;
          assert.ok(tiles <= 500, `${tiles} tiles`);
          assert.ok(slotCount(range) >= tiles);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('scrolls no further than it must, and shows the whole row where it fits', () => {
    fc.assert(
      fc.property(fc.nat(10_000), fc.integer({ min: 10, max: 400 }), fc.nat(10_000), (top, height, from) => {
        const to = scrollTopToShow({ top, height }, from, 900, 8);
        assert.ok(top >= to && top + height <= to + 900);
        if (top - 8 >= from && top + height + 8 <= from + 900) assert.equal(to, from);
      }),
    );
  });

  it('holds the same sample at the same height, however often samples come and go above it', () => {
    const geometry = { widthPx: 700, tilePx: 100, gapPx: 4, paddingPx: 8, headingPx: 0, captionPx: 0 };
    fc.assert(
      fc.property(
        fc.integer({ min: 3_000, max: 30_000 }),
        fc.array(fc.integer({ min: -40, max: 60 }), { minLength: 1, maxLength: 30 }),
        (startPx, shifts) => {
          let layout = layoutGrid(geometry, [5_000]);
          let topPx = startPx;
          let eye: HeldTile | null = null;
          let first: HeldTile | undefined;
          let total = 0;
          for (const wanted of shifts) {
            // No more can go above a tile than is there.
            const shift = Math.max(wanted, -(eye?.index ?? Number.POSITIVE_INFINITY));
            const after = layoutGrid(geometry, [layout.count + shift]);
            eye = held(layout, after, topPx, shift, eye);
            assert.ok(eye);
            first ??= { ...eye, index: eye.index - shift };
            total += shift;
            assert.equal(eye.index, first.index + total);
            assert.equal(tileRectangle(after, eye.index).top - eye.topPx, first.offsetPx);
            layout = after;
            topPx = eye.topPx;
          }
        },
      ),
    );
  });

  it('stays at the top where one is at the top', () => {
    const layout = layoutGrid({ widthPx: 700, tilePx: 100, gapPx: 4, paddingPx: 8, headingPx: 0, captionPx: 0 }, [50]);
    assert.equal(held(layout, layout, 0, 10, null), null);
  });

  it('writes colours as CSS does', () => {
    assert.equal(cssColour(0x00_0a_ff), '#000aff');
  });
});
