import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Analysis, Kernels, RESIDENT_BYTES, type ReducedImage, reducedSize } from './kernels.ts';
import { measure } from './measure.ts';

/** The same arithmetic as workers/wasm/inspect.ts in plain JavaScript. */
const reference = {
  shrink(source: Uint8Array, width: number, height: number, channels: number, columns: number, rows: number): number[] {
    const out: number[] = [];
    for (let row = 0; row < rows; row += 1) {
      const [y0, y1] = [Math.floor((row * height) / rows), Math.floor(((row + 1) * height) / rows)];
      for (let column = 0; column < columns; column += 1) {
        const [x0, x1] = [Math.floor((column * width) / columns), Math.floor(((column + 1) * width) / columns)];
        const area = (x1 - x0) * (y1 - y0);
        for (let c = 0; c < channels; c += 1) {
          let sum = 0;
          for (let y = y0; y < y1; y += 1)
            for (let x = x0; x < x1; x += 1) sum += source[(y * width + x) * channels + c]!;
          out.push(Math.floor((sum + area * 0.5) * (1 / area)));
        }
      }
    }
    return out;
  },
  flatten(source: Uint8Array, channels: 2 | 4): number[] {
    const out: number[] = [];
    for (let i = 0; i < source.length; i += channels) {
      const alpha = source[i + channels - 1]!;
      for (let c = 0; c < channels - 1; c += 1)
        out.push(Math.round((source[i + c]! * alpha + 128 * (255 - alpha)) / 255));
    }
    return out;
  },
  orient(source: Uint8Array, width: number, height: number, channels: number, orientation: number): number[] {
    // Where the EXIF specification puts row 0 and column 0 of the stored image.
    const out: number[] = [];
    const [columns, rows] = orientation < 5 ? [width, height] : [height, width];
    for (let y = 0; y < rows; y += 1) {
      for (let x = 0; x < columns; x += 1) {
        const [right, bottom] = [columns - 1 - x, rows - 1 - y];
        const [sx, sy] = [
          [x, y],
          [right, y],
          [right, bottom],
          [x, bottom],
          [y, x],
          [y, right],
          [bottom, right],
          [bottom, x],
        ][orientation - 1] as [number, number];
        for (let c = 0; c < channels; c += 1) out.push(source[(sy * width + sx) * channels + c]!);
      }
    }
    return out;
  },
  analyse(
    source: Uint8Array,
    width: number,
    height: number,
    channels: number,
  ): Omit<Analysis, 'gradient'> & { gradient: number[] } {
    const pixels = width * height;
    const results = new Float64Array(11);
    const histogram = new Uint32Array(256);
    const grey = new Uint8Array(pixels);
    for (let i = 0; i < pixels; i += 1) {
      const [r, g, b] = channels === 3 ? source.subarray(i * 3) : [source[i], source[i], source[i]];
      grey[i] = channels === 3 ? (77 * r! + 150 * g! + 29 * b! + 128) >> 8 : r!;
      histogram[grey[i]!]! += 1;
      const [d, e] = [r! - g!, r! + g! - 2 * b!];
      [r!, g!, b!, d, d * d, e, e * e].forEach((value, k) => {
        results[k]! += value;
      });
    }
    const laplacian = (plane: Uint8Array, w: number, h: number, at: number): void => {
      for (let y = 1; y < h - 1; y += 1) {
        for (let x = 1; x < w - 1; x += 1) {
          const i = y * w + x;
          const v = plane[i - 1]! + plane[i + 1]! + plane[i - w]! + plane[i + w]! - 4 * plane[i]!;
          results[at]! += v;
          results[at + 1]! += v * v;
        }
      }
    };
    laplacian(grey, width, height, 7);
    const [halfWidth, halfHeight] = [width >> 1, height >> 1];
    const half = new Uint8Array(halfWidth * halfHeight);
    for (let y = 0; y < halfHeight; y += 1) {
      for (let x = 0; x < halfWidth; x += 1) {
        const i = 2 * y * width + 2 * x;
        half[y * halfWidth + x] = (grey[i]! + grey[i + 1]! + grey[i + width]! + grey[i + width + 1]! + 2) >> 2;
      }
    }
    laplacian(half, halfWidth, halfHeight, 9);
    const grid = (columns: number, rows: number): number[] => {
      const out: number[] = [];
      for (let row = 0; row < rows; row += 1) {
        const y0 = Math.floor((row * height) / rows);
        const y1 = Math.max(y0 + 1, Math.floor(((row + 1) * height) / rows));
        for (let column = 0; column < columns; column += 1) {
          const x0 = Math.floor((column * width) / columns);
          const x1 = Math.max(x0 + 1, Math.floor(((column + 1) * width) / columns));
          let sum = 0;
          for (let y = y0; y < y1; y += 1) for (let x = x0; x < x1; x += 1) sum += grey[y * width + x]!;
          out.push(Math.floor((16 * sum) / ((x1 - x0) * (y1 - y0))));
        }
      }
      return out;
    };
    const cosine = (u: number, x: number): number => Math.round(Math.cos(((2 * x + 1) * u * Math.PI) / 64) * 4096);
    const cells = grid(32, 32);
    const coefficients = new Float64Array(64);
    for (let v = 0; v < 8; v += 1) {
      for (let u = 0; u < 8; u += 1) {
        let sum = 0;
        for (let y = 0; y < 32; y += 1) {
          let row = 0;
          for (let x = 0; x < 32; x += 1) row += cells[y * 32 + x]! * cosine(u, x);
          sum += row * cosine(v, y);
        }
        coefficients[v * 8 + u] = sum;
      }
    }
    return { results, histogram, coefficients, gradient: grid(9, 8) };
  },
};

const kernels = new Kernels();

/** Deterministic pixels: `noise` from 0 (a smooth picture) to 255. */
function draw(width: number, height: number, channels: number, seed: number, noise: number): Uint8Array {
  const pixels = new Uint8Array(width * height * channels);
  let state = seed | 1;
  for (let i = 0; i < pixels.length; i += 1) {
    state = Math.imul(state, 1664525) + 1013904223;
    pixels[i] = ((i * 7) / width + (((state >>> 16) & 255) * noise) / 255) & 255;
  }
  return pixels;
}

const side = fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 200, max: 700 }));
const noise = fc.constantFrom(0, 3, 40, 255);

function load(pixels: Uint8Array, width: number, height: number, channels: number): ReducedImage {
  kernels.source(pixels.length).set(pixels);
  return kernels.reduceSource(width, height, channels);
}

test('the box filter equals its reference', () => {
  fc.assert(
    fc.property(side, side, fc.constantFrom(1, 3), fc.integer(), noise, (width, height, channels, seed, noisy) => {
      const pixels = draw(width, height, channels, seed, noisy);
      const size = reducedSize(width, height);
      const expected = reference.shrink(pixels, width, height, channels, size.width, size.height);
      assert.deepEqual([...kernels.pixelsOf(load(pixels, width, height, channels))], expected);
    }),
    { numRuns: 100 },
  );
});

test('windows of more than 256 rows do not overflow', () => {
  for (const [width, height] of [
    [3, 70_000],
    [70_000, 3],
  ] as const) {
    const pixels = draw(width, height, 3, 5, 255).fill(255, 0, 90_000);
    const size = reducedSize(width, height);
    const expected = reference.shrink(pixels, width, height, 3, size.width, size.height);
    assert.deepEqual([...kernels.pixelsOf(load(pixels, width, height, 3))], expected);
  }
});

test('an image larger than the resident memory is reduced strip by strip to the same result', () => {
  for (const [width, height] of [
    [4096, Math.ceil(RESIDENT_BYTES / 4096 / 3) + 500],
    [900_000, 20],
  ] as const) {
    const pixels = draw(width, height, 3, 11, 90);
    const size = reducedSize(width, height);
    const expected = reference.shrink(pixels, width, height, 3, size.width, size.height);
    assert.deepEqual([...kernels.pixelsOf(kernels.reduceLarge(pixels, width, height, 3))], expected);
  }
});

test('alpha is flattened over mid-grey as its reference says', () => {
  fc.assert(
    fc.property(fc.constantFrom(2, 4) as fc.Arbitrary<2 | 4>, fc.integer(), (channels, seed) => {
      const pixels = draw(200, 40, channels, seed, 255);
      for (let i = channels - 1; i < 800; i += channels) pixels[i] = 255;
      const image = load(pixels, 200, 40, channels);
      assert.equal(image.channels, channels - 1);
      assert.deepEqual([...kernels.pixelsOf(image)], reference.flatten(pixels, channels));
    }),
    { numRuns: 100 },
  );
});

test('every orientation is turned upright', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 60 }),
      fc.integer({ min: 1, max: 60 }),
      fc.constantFrom(1, 3),
      fc.integer({ min: 1, max: 8 }),
      (width, height, channels, orientation) => {
        const pixels = draw(width, height, channels, 3, 255);
        const turned = kernels.orient(load(pixels, width, height, channels), orientation);
        assert.deepEqual([turned.width, turned.height], orientation < 5 ? [width, height] : [height, width]);
        const expected = reference.orient(pixels, width, height, channels, orientation);
        assert.deepEqual([...kernels.pixelsOf(turned)], expected);
      },
    ),
    { numRuns: 200 },
  );
});

test('the analysis equals its reference, bit for bit', () => {
  const reducedSide = fc.integer({ min: 1, max: 256 });
  fc.assert(
    fc.property(
      reducedSide,
      reducedSide,
      fc.constantFrom(1, 3),
      fc.integer(),
      noise,
      (width, height, channels, seed, noisy) => {
        const pixels = draw(width, height, channels, seed, noisy);
        const found = kernels.analyse(load(pixels, width, height, channels));
        const expected = reference.analyse(pixels, width, height, channels);
        assert.deepEqual([...found.results], [...expected.results]);
        assert.deepEqual([...found.histogram], [...expected.histogram]);
        assert.deepEqual([...found.gradient], expected.gradient);
        assert.deepEqual([...found.coefficients], [...expected.coefficients]);
      },
    ),
    { numRuns: 150 },
  );
});

test('the extremes of colour do not overflow the analysis', () => {
  for (const colour of [
    [255, 255, 0],
    [0, 0, 255],
    [255, 0, 0],
    [0, 255, 0],
  ]) {
    const pixels = Uint8Array.from({ length: 256 * 256 * 3 }, (_, i) =>
      (i / 3) & 1 ? 255 - colour[i % 3]! : colour[i % 3]!,
    );
    const found = kernels.analyse(load(pixels, 256, 256, 3));
    assert.deepEqual([...found.results], [...reference.analyse(pixels, 256, 256, 3).results]);
  }
});

test('measurements of pictures whose values are known', () => {
  const flat = measure(kernels.analyse(load(new Uint8Array(64 * 64 * 3).fill(100), 64, 64, 3)), 64, 64);
  assert.equal(flat.brightness, 100);
  assert.deepEqual([flat.brightnessP1, flat.brightnessP50, flat.brightnessP99], [100, 100, 100]);
  assert.deepEqual(
    [flat.contrast, flat.entropy, flat.colourfulness, flat.sharpness, flat.sharpnessHalf],
    [0, 0, 0, 0, 0],
  );
  assert.equal(flat.dominantColour, 0x646464);
  assert.deepEqual([flat.dHashHigh, flat.dHashLow], [0, 0]);

  const checker = Uint8Array.from({ length: 64 * 64 }, (_, i) => (((i % 64) + (i >> 6)) & 1 ? 255 : 0));
  const sharp = measure(kernels.analyse(load(checker, 64, 64, 1)), 64, 64);
  assert.equal(sharp.contrast, 127.5);
  assert.equal(sharp.entropy, 1);
  assert.equal(sharp.sharpness, 1020 * 1020);
  assert.equal(sharp.sharpnessHalf, 0);

  const ramp = Uint8Array.from({ length: 90 * 90 }, (_, i) => (i % 90) * 2);
  const rising = measure(kernels.analyse(load(ramp, 90, 90, 1)), 90, 90);
  assert.deepEqual([rising.dHashHigh, rising.dHashLow], [0xffffffff, 0xffffffff]);
  assert.equal(rising.brightnessP50, 88);
});
