import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { countWithin, type HistogramBin, isCut, placeOfValue, valueAtPlace } from './range-scale.ts';

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
