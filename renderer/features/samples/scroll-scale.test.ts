import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { MAX_SCROLL_HEIGHT_PX, placeAfterScroll, placeAtGridTop, scrollScale } from './scroll-scale.ts';

const TALL = scrollScale(200_000_000, 900);

describe('scrolling a grid that is taller than an element may be', () => {
  it('leaves a grid that fits alone', () => {
    const scale = scrollScale(40_000, 900);
    assert.equal(scale.elementPx, 40_000);
    assert.deepEqual(placeAfterScroll(scale, { elementTopPx: 0, gridTopPx: 0 }, 1_234), {
      elementTopPx: 1_234,
      gridTopPx: 1_234,
    });
  });

  it('reaches both ends, whatever the heights', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 400_000_000 }),
        fc.integer({ min: 1, max: 3_000 }),
        (gridPx, viewportPx) => {
          const scale = scrollScale(gridPx, viewportPx);
          assert.ok(scale.elementPx <= Math.max(MAX_SCROLL_HEIGHT_PX, viewportPx));
          const end = placeAtGridTop(scale, Number.MAX_SAFE_INTEGER);
          assert.equal(end.gridTopPx, Math.max(0, gridPx - viewportPx));
          assert.ok(Math.abs(end.elementTopPx - Math.max(0, scale.elementPx - viewportPx)) < 0.01);
          assert.deepEqual(placeAtGridTop(scale, -5), { elementTopPx: 0, gridTopPx: 0 });
        },
      ),
    );
  });

  it('moves by as many pixels as the wheel did', () => {
    const before = placeAtGridTop(TALL, 90_000_000);
    const after = placeAfterScroll(TALL, before, before.elementTopPx + 120);
    assert.equal(after.gridTopPx, before.gridTopPx + 120);
  });

  it('follows the bar when it is dragged', () => {
    const before = placeAtGridTop(TALL, 0);
    const middle = placeAfterScroll(TALL, before, (TALL.elementPx - 900) / 2);
    assert.ok(Math.abs(middle.gridTopPx - (TALL.gridPx - 900) / 2) < 1);
  });

  it('never arrives at the end of the element before the end of the grid', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 200_000_000 }),
        fc.array(fc.integer({ min: -1_500, max: 1_500 }), { maxLength: 200 }),
        (startPx, steps) => {
          let place = placeAtGridTop(TALL, startPx);
          for (const step of steps) {
            const wanted = Math.min(TALL.elementPx - 900, Math.max(0, place.elementTopPx + step));
            place = placeAfterScroll(TALL, place, wanted);
            const elementAtEnd = place.elementTopPx <= 0 || place.elementTopPx >= TALL.elementPx - 900;
            const gridAtEnd = place.gridTopPx <= 0 || place.gridTopPx >= TALL.gridPx - 900;
            assert.equal(elementAtEnd, gridAtEnd);
          }
        },
      ),
    );
  });
});
