import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { layoutGrid } from './grid-layout.ts';
import { cssColour, scrollTopToShow, slotCount, tilesToShow } from './grid-view.ts';

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

  it('writes colours as CSS does', () => {
    assert.equal(cssColour(0x00_0a_ff), '#000aff');
  });
});
