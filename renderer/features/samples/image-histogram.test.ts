import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { histogramPath, imageHistogram } from './image-histogram.ts';

describe('the histogram of an image', () => {
  it('counts every pixel that is seen once in each channel', () => {
    fc.assert(
      fc.property(fc.uint8ClampedArray({ maxLength: 400 }), (bytes) => {
        const pixels = bytes.subarray(0, bytes.length - (bytes.length % 4));
        let seen = 0;
        for (let at = 3; at < pixels.length; at += 4) if (pixels[at] !== 0) seen += 1;
        for (const channel of Object.values(imageHistogram(pixels))) {
          assert.equal(
            channel.reduce((sum: number, count: number) => sum + count, 0),
            seen,
          );
        }
      }),
    );
  });

  it('sees greys as equal in all channels', () => {
    const { red, green, blue, luma } = imageHistogram(new Uint8ClampedArray([128, 128, 128, 255, 255, 255, 255, 255]));
    for (const channel of [red, green, blue, luma]) assert.deepEqual([channel[128], channel[255]], [1, 1]);
  });

  it('draws inside its box', () => {
    const path = histogramPath(imageHistogram(new Uint8ClampedArray([0, 0, 0, 255, 7, 7, 7, 255])).luma);
    assert.match(path, /^M0 100L0 0/);
    assert.match(path, /L7 0/);
    assert.ok(!path.includes('-'));
  });
});
