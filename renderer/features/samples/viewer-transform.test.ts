import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { actualSize, FIT, fitScale, panned, placement, type Size, zoomedAt } from './viewer-transform.ts';

const anyImage: fc.Arbitrary<Size> = fc.record({
  width: fc.integer({ min: 1, max: 12_000 }),
  height: fc.integer({ min: 1, max: 12_000 }),
});
const anyView: fc.Arbitrary<Size> = fc.record({
  width: fc.integer({ min: 50, max: 4_000 }),
  height: fc.integer({ min: 50, max: 3_000 }),
});
const fraction = fc.double({ min: 0, max: 1, noNaN: true });
const anyStep = fc.record({ factor: fc.double({ min: 0.2, max: 5, noNaN: true }), x: fraction, y: fraction });

describe('the viewer', () => {
  it('shows the whole image in the middle at fit, and never enlarges it', () => {
    fc.assert(
      fc.property(anyImage, anyView, (image, view) => {
        const { scale, left, top } = placement(FIT, image, view);
        assert.ok(scale <= 1);
        assert.ok(left >= -1e-6 && left + image.width * scale <= view.width + 1e-6);
        assert.ok(top >= -1e-6 && top + image.height * scale <= view.height + 1e-6);
      }),
    );
  });

  it('keeps the point under the cursor there unless a margin would show', () => {
    fc.assert(
      fc.property(anyImage, anyView, fc.array(anyStep, { maxLength: 6 }), anyStep, (image, view, steps, last) => {
        let place = FIT;
        for (const { factor, x, y } of steps) {
          place = zoomedAt(place, factor, { x: x * view.width, y: y * view.height }, image, view);
        }
        const cursor = { x: last.x * view.width, y: last.y * view.height };
        const before = placement(place, image, view);
        const after = placement(zoomedAt(place, last.factor, cursor, image, view), image, view);
        for (const [cursorAt, start, end, imagePx, viewPx] of [
          [cursor.x, before.left, after.left, image.width, view.width],
          [cursor.y, before.top, after.top, image.height, view.height],
        ] as const) {
          const free = end < -1e-6 && end + imagePx * after.scale > viewPx + 1e-6;
          if (!free) continue;
          const pointBefore = (cursorAt - start) / before.scale;
          const pointAfter = (cursorAt - end) / after.scale;
          assert.ok(Math.abs(pointBefore - pointAfter) < 1e-3 * Math.max(1, imagePx / 1_000));
        }
      }),
      { numRuns: 300 },
    );
  });

  it('never shows a margin beside an image that is larger than the view', () => {
    const move = fc.record({ x: fc.integer({ min: -5_000, max: 5_000 }), y: fc.integer({ min: -5_000, max: 5_000 }) });
    fc.assert(
      fc.property(anyImage, anyView, fc.array(anyStep, { maxLength: 6 }), move, (image, view, steps, by) => {
        let place = FIT;
        for (const { factor, x, y } of steps) {
          place = zoomedAt(place, factor, { x: x * view.width, y: y * view.height }, image, view);
        }
        const { scale, left, top } = placement(panned(place, by.x, by.y, image, view), image, view);
        const width = image.width * scale;
        if (width <= view.width) assert.ok(Math.abs(left - (view.width - width) / 2) < 1e-6);
        else assert.ok(left <= 1e-6 && left + width >= view.width - 1e-6);
        const height = image.height * scale;
        if (height <= view.height) assert.ok(Math.abs(top - (view.height - height) / 2) < 1e-6);
        else assert.ok(top <= 1e-6 && top + height >= view.height - 1e-6);
      }),
      { numRuns: 300 },
    );
  });

  it('shows one pixel on one at actual size', () => {
    fc.assert(
      fc.property(anyImage, anyView, fraction, fraction, (image, view, x, y) => {
        const place = actualSize(FIT, { x: x * view.width, y: y * view.height }, image, view);
        assert.ok(Math.abs(placement(place, image, view).scale - 1) < 1e-9);
      }),
    );
  });

  it('shows the same part of two images of different sizes', () => {
    const view = { width: 800, height: 600 };
    const large = { width: 4_000, height: 3_000 };
    const small = { width: 2_000, height: 1_500 };
    const place = zoomedAt(FIT, 4, { x: 600, y: 200 }, large, view);
    const drawnLarge = placement(place, large, view);
    const drawnSmall = placement(place, small, view);
    assert.ok(Math.abs(drawnLarge.left - drawnSmall.left) < 1e-6);
    assert.ok(Math.abs(drawnLarge.scale * 2 - drawnSmall.scale) < 1e-9);
  });

  it('zooms out to the whole image and no further', () => {
    const image = { width: 4_000, height: 3_000 };
    const view = { width: 800, height: 600 };
    const place = zoomedAt(zoomedAt(FIT, 6, { x: 10, y: 10 }, image, view), 0.001, { x: 10, y: 10 }, image, view);
    assert.ok(Math.abs(placement(place, image, view).scale - fitScale(image, view)) < 1e-9);
  });
});
