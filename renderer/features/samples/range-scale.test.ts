import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { countWithin, type HistogramBin, isCut, placeOfValue, valueAtPlace, widened } from './range-scale.ts';

const anyBins: fc.Arbitrary<HistogramBin[]> = fc
  .tuple(
    fc.integer({ min: -1_000, max: 1_000 }),
    fc.array(fc.tuple(fc.integer({ min: 1, max: 100_000 }), fc.nat(1_000)), { minLength: 1, maxLength: 40 }),
  )
  .map(([start, widths]) => {
    let from = start;
    return widths.map(([width, count]) => {
      const bin = { from, to: from + width, count };
      from = bin.to;
      return bin;
    });
  });
const place = fc.double({ min: 0, max: 1, noNaN: true });

describe('the axis of a histogram', () => {
  it('puts a value where it was taken from, to within a twentieth of a bin', () => {
    fc.assert(
      fc.property(anyBins, place, (bins, at) => {
        const back = placeOfValue(bins, valueAtPlace(bins, at));
        assert.ok(Math.abs(back - at) <= 1 / (20 * bins.length) + 1e-9);
      }),
      { numRuns: 300 },
    );
  });

  it('is widened to a value beyond its bins, and has it at its place', () => {
    const value = fc.double({ min: 0, max: 1e7, noNaN: true });
    const factor = fc.double({ min: 1.05, max: 4, noNaN: true });
    const anyAxis = fc.oneof(
      anyBins.map((bins) => bins.filter(({ from }) => from >= 0)).filter((bins) => bins.length > 0),
      fc.tuple(fc.double({ min: 0.1, max: 1e4, noNaN: true }), factor, fc.integer({ min: 1, max: 40 })).map((axis) => {
        const [start, ratio, count] = axis;
        const edge = (number: number) => start * ratio ** number;
        return Array.from({ length: count }, (_, number) => ({
          from: edge(number),
          to: edge(number + 1),
          count: number,
        }));
      }),
    );
    fc.assert(
      fc.property(anyAxis, value, (bins, wanted) => {
        const wide = widened(bins, wanted, wanted);
        assert.deepEqual(
          wide.filter((bin) => bins.includes(bin)),
          bins,
        );
        assert.ok(wide.every(({ from, to }, index) => from < to && from === (wide[index - 1]?.to ?? from)));
        assert.ok(wide[0]!.from <= wanted && wanted <= wide.at(-1)!.to);
        assert.ok(wide.length <= bins.length + 64);
        assert.equal(countWithin(wide, undefined, undefined), countWithin(bins, undefined, undefined));
      }),
      { numRuns: 300 },
    );
    // Darkest parts up to 192 of 255, and a threshold of 220: as far from the end of the bins as 7 of them are wide.
    const dark = Array.from({ length: 48 }, (_, number) => ({ from: 4 * number, to: 4 * number + 4, count: 1 }));
    assert.equal(widened(dark, 220, 220).length, 55);
    assert.equal(placeOfValue(widened(dark, 0, 220), 220), 1);
    assert.ok(Math.abs(placeOfValue(widened(dark, 0, 255), 220) - 220 / 255) < 0.01);
  });

  it('rises with its values', () => {
    fc.assert(
      fc.property(anyBins, place, place, (bins, left, right) => {
        if (left <= right) assert.ok(valueAtPlace(bins, left) <= valueAtPlace(bins, right));
      }),
    );
  });

  it('counts all without a range, and never more with a narrower one', () => {
    fc.assert(
      fc.property(anyBins, place, place, (bins, left, right) => {
        const total = bins.reduce((sum, bin) => sum + bin.count, 0);
        assert.equal(countWithin(bins, undefined, undefined), total);
        const [min, max] = [Math.min(left, right), Math.max(left, right)].map((at) => valueAtPlace(bins, at));
        assert.ok(countWithin(bins, min, max) <= countWithin(bins, min, undefined));
      }),
    );
  });

  it('counts exactly what lies below a value that cuts no bin with images', () => {
    const bins = [
      { from: 0, to: 10, count: 3 },
      { from: 10, to: 20, count: 0 },
      { from: 20, to: 30, count: 5 },
    ];
    assert.deepEqual(
      [0, 5, 10, 15, 20, 25, 30].map((value) => isCut(bins, value)),
      [false, true, false, false, false, true, false],
    );
    assert.equal(countWithin(bins, undefined, 15), 3);
  });
});
