/**
 * The pixel kernels of an inspection, in AssemblyScript. Plain memory, no allocation, no garbage collector: the caller
 * (workers/inspect/kernels.ts) lays out the memory by the constants below and decodes straight into it from `SOURCE` on.
 * `kernels.test.ts` keeps the same arithmetic in plain JavaScript; every result must be equal, bit for bit, so only
 * integers and exactly reproducible f64 operations are used.
 */

import {
  BOX32,
  COEFFICIENTS,
  COSINES,
  DCT_ROWS,
  GRADIENT,
  GREY,
  HALF,
  HISTOGRAM,
  HISTOGRAMS,
  RESULTS,
  ROW,
  SIDE,
} from './inspect-memory';
import { sumRows } from './inspect-shrink';

export { COSINES, RESULTS, HISTOGRAM, COEFFICIENTS, GRADIENT, REDUCED, UPRIGHT, SOURCE } from './inspect-memory';
export { beginShrink, addRows, endRow, shrink, flattenRgba, flattenGreyAlpha, orient } from './inspect-shrink';

// @ts-ignore: decorator
@inline
function lanes(v: v128): f64 {
  return (
    <f64>i32x4.extract_lane(v, 0) +
    <f64>i32x4.extract_lane(v, 1) +
    <f64>i32x4.extract_lane(v, 2) +
    <f64>i32x4.extract_lane(v, 3)
  );
}

// @ts-ignore: decorator
@inline
function wideSum(v: v128): v128 {
  return i32x4.extadd_pairwise_i16x8_u(i16x8.extadd_pairwise_i8x16_u(v));
}

// @ts-ignore: decorator
@inline
function lumaHalf(r: v128, g: v128, b: v128): v128 {
  return i16x8.shr_u(i16x8.add(i16x8.add(i16x8.add(r, g), b), i16x8.splat(128)), 8);
}

/**
 * RGB to luma (77R + 150G + 29B + 128) >> 8 in GREY, and into RESULTS: sums of R, G, B, then of d = R - G, d squared,
 * e = R + G - 2B, e squared.
 */
function rgbToGrey(source: usize, pixels: i32): void {
  let red: f64 = 0;
  let green: f64 = 0;
  let blue: f64 = 0;
  let d: f64 = 0;
  let dd: f64 = 0;
  let e: f64 = 0;
  let ee: f64 = 0;
  let i: i32 = 0;
  const vectors = pixels & ~15;
  while (i < vectors) {
    // 512 steps a chunk: the largest lane grows by 4 * 510 * 510 a step and must stay below 2^31.
    const end = min(vectors, i + 512 * 16);
    let vr = i32x4.splat(0);
    let vg = i32x4.splat(0);
    let vb = i32x4.splat(0);
    let vd = i32x4.splat(0);
    let vdd = i32x4.splat(0);
    let ve = i32x4.splat(0);
    let vee = i32x4.splat(0);
    for (; i < end; i += 16) {
      const from = source + <usize>(i * 3);
      const p = v128.load(from);
      const q = v128.load(from, 16);
      const s = v128.load(from, 32);
      const r = v128.shuffle<u8>(
        v128.shuffle<u8>(p, q, 0, 3, 6, 9, 12, 15, 18, 21, 24, 27, 30, 0, 0, 0, 0, 0),
        s, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 17, 20, 23, 26, 29,
      );
      const g = v128.shuffle<u8>(
        v128.shuffle<u8>(p, q, 1, 4, 7, 10, 13, 16, 19, 22, 25, 28, 31, 0, 0, 0, 0, 0),
        s, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 18, 21, 24, 27, 30,
      );
      const b = v128.shuffle<u8>(
        v128.shuffle<u8>(p, q, 2, 5, 8, 11, 14, 17, 20, 23, 26, 29, 0, 0, 0, 0, 0, 0),
        s, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 16, 19, 22, 25, 28, 31,
      );
      vr = i32x4.add(vr, wideSum(r));
      vg = i32x4.add(vg, wideSum(g));
      vb = i32x4.add(vb, wideSum(b));
      const rl = i16x8.extend_low_i8x16_u(r);
      const rh = i16x8.extend_high_i8x16_u(r);
      const gl = i16x8.extend_low_i8x16_u(g);
      const gh = i16x8.extend_high_i8x16_u(g);
      const bl = i16x8.extend_low_i8x16_u(b);
      const bh = i16x8.extend_high_i8x16_u(b);
      const low = lumaHalf(i16x8.mul(rl, i16x8.splat(77)), i16x8.mul(gl, i16x8.splat(150)), i16x8.mul(bl, i16x8.splat(29)));
      const high = lumaHalf(i16x8.mul(rh, i16x8.splat(77)), i16x8.mul(gh, i16x8.splat(150)), i16x8.mul(bh, i16x8.splat(29)));
      v128.store(GREY + i, i8x16.narrow_i16x8_u(low, high));
      const dl = i16x8.sub(rl, gl);
      const dh = i16x8.sub(rh, gh);
      const el = i16x8.sub(i16x8.add(rl, gl), i16x8.shl(bl, 1));
      const eh = i16x8.sub(i16x8.add(rh, gh), i16x8.shl(bh, 1));
      vd = i32x4.add(vd, i32x4.extadd_pairwise_i16x8_s(i16x8.add(dl, dh)));
      ve = i32x4.add(ve, i32x4.extadd_pairwise_i16x8_s(i16x8.add(el, eh)));
      vdd = i32x4.add(vdd, i32x4.add(i32x4.dot_i16x8_s(dl, dl), i32x4.dot_i16x8_s(dh, dh)));
      vee = i32x4.add(vee, i32x4.add(i32x4.dot_i16x8_s(el, el), i32x4.dot_i16x8_s(eh, eh)));
    }
    red += lanes(vr);
    green += lanes(vg);
    blue += lanes(vb);
    d += lanes(vd);
    dd += lanes(vdd);
    e += lanes(ve);
    ee += lanes(vee);
  }
  for (; i < pixels; i++) {
    const from = source + <usize>(i * 3);
    const r: i32 = load<u8>(from);
    const g: i32 = load<u8>(from, 1);
    const b: i32 = load<u8>(from, 2);
    store<u8>(GREY + i, <u8>((77 * r + 150 * g + 29 * b + 128) >> 8));
    const di = r - g;
    const ei = r + g - 2 * b;
    red += r;
    green += g;
    blue += b;
    d += di;
    dd += di * di;
    e += ei;
    ee += ei * ei;
  }
  store<f64>(RESULTS, red, 0);
  store<f64>(RESULTS, green, 8);
  store<f64>(RESULTS, blue, 16);
  store<f64>(RESULTS, d, 24);
  store<f64>(RESULTS, dd, 32);
  store<f64>(RESULTS, e, 40);
  store<f64>(RESULTS, ee, 48);
}

/** Luma histogram of GREY. */
function countLuma(pixels: i32): void {
  memory.fill(HISTOGRAMS, 0, 4096);
  let i: i32 = 0;
  for (; i + 4 <= pixels; i += 4) {
    const four = load<u32>(GREY + i);
    const a = HISTOGRAMS + ((four & 255) << 2);
    const b = HISTOGRAMS + (((four >> 8) & 255) << 2);
    const c = HISTOGRAMS + (((four >> 16) & 255) << 2);
    const d = HISTOGRAMS + ((four >> 24) << 2);
    store<u32>(a, load<u32>(a) + 1);
    store<u32>(b, load<u32>(b, 1024) + 1, 1024);
    store<u32>(c, load<u32>(c, 2048) + 1, 2048);
    store<u32>(d, load<u32>(d, 3072) + 1, 3072);
  }
  for (; i < pixels; i++) {
    const a = HISTOGRAMS + ((<usize>load<u8>(GREY + i)) << 2);
    store<u32>(a, load<u32>(a) + 1);
  }
  for (let k: usize = 0; k < 1024; k += 16) {
    v128.store(
      HISTOGRAM + k,
      i32x4.add(
        i32x4.add(v128.load(HISTOGRAMS + k), v128.load(HISTOGRAMS + k, 1024)),
        i32x4.add(v128.load(HISTOGRAMS + k, 2048), v128.load(HISTOGRAMS + k, 3072)),
      ),
    );
  }
}

/** Sum and sum of squares of the 4-neighbour Laplacian over the inner pixels, two f64 at `result`. */
function laplacian(grey: usize, width: i32, height: i32, result: usize): void {
  let sum: f64 = 0;
  let squares: f64 = 0;
  for (let y = 1; y < height - 1; y++) {
    const row = grey + <usize>(y * width);
    let vs = i32x4.splat(0);
    let vq = i32x4.splat(0);
    let x: i32 = 1;
    for (; x + 16 <= width - 1; x += 16) {
      const at = row + x;
      const left = v128.load(at - 1);
      const right = v128.load(at + 1);
      const up = v128.load(at - width);
      const down = v128.load(at + width);
      const centre = v128.load(at);
      const low = i16x8.sub(
        i16x8.add(
          i16x8.add(i16x8.extend_low_i8x16_u(left), i16x8.extend_low_i8x16_u(right)),
          i16x8.add(i16x8.extend_low_i8x16_u(up), i16x8.extend_low_i8x16_u(down)),
        ),
        i16x8.shl(i16x8.extend_low_i8x16_u(centre), 2),
      );
      const high = i16x8.sub(
        i16x8.add(
          i16x8.add(i16x8.extend_high_i8x16_u(left), i16x8.extend_high_i8x16_u(right)),
          i16x8.add(i16x8.extend_high_i8x16_u(up), i16x8.extend_high_i8x16_u(down)),
        ),
        i16x8.shl(i16x8.extend_high_i8x16_u(centre), 2),
      );
      vs = i32x4.add(vs, i32x4.extadd_pairwise_i16x8_s(i16x8.add(low, high)));
      vq = i32x4.add(vq, i32x4.add(i32x4.dot_i16x8_s(low, low), i32x4.dot_i16x8_s(high, high)));
    }
    sum += lanes(vs);
    squares += lanes(vq);
    for (; x < width - 1; x++) {
      const at = row + x;
      const v: i32 =
        <i32>load<u8>(at - 1) + <i32>load<u8>(at + 1) + <i32>load<u8>(at - width) + <i32>load<u8>(at + width) - 4 * <i32>load<u8>(at);
      sum += v;
      squares += v * v;
    }
  }
  store<f64>(result, sum);
  store<f64>(result, squares, 8);
}

/** HALF from GREY: means of 2 x 2 pixels, rounded; an odd last row or column is left out. */
function halve(width: i32, height: i32): void {
  const columns = width >> 1;
  const rows = height >> 1;
  for (let y = 0; y < rows; y++) {
    const from = GREY + <usize>(2 * y * width);
    const to = HALF + <usize>(y * columns);
    let x: i32 = 0;
    for (; x + 8 <= columns; x += 8) {
      const four = i16x8.add(
        i16x8.extadd_pairwise_i8x16_u(v128.load(from + 2 * x)),
        i16x8.extadd_pairwise_i8x16_u(v128.load(from + 2 * x + width)),
      );
      const mean = i16x8.shr_u(i16x8.add(four, i16x8.splat(2)), 2);
      v128.store64_lane(to + x, i8x16.narrow_i16x8_u(mean, mean), 0);
    }
    for (; x < columns; x++) {
      const at = from + 2 * x;
      const four: u32 = <u32>load<u8>(at) + <u32>load<u8>(at, 1) + <u32>load<u8>(at + width) + <u32>load<u8>(at + width, 1);
      store<u8>(to + x, <u8>((four + 2) >> 2));
    }
  }
}

/** Mean of GREY over a grid of cells, in sixteenths, floored. A side shorter than the grid repeats pixels. */
function grid(width: i32, height: i32, columns: i32, rows: i32, target: usize): void {
  for (let row = 0; row < rows; row++) {
    const y0 = (row * height) / rows;
    const y1 = max(y0 + 1, ((row + 1) * height) / rows);
    sumRows(GREY + <usize>(y0 * width), y1 - y0, width, ROW);
    // sumRows steps by the row length, so the sums of one row lie side by side.
    for (let column = 0; column < columns; column++) {
      const x0 = (column * width) / columns;
      const x1 = max(x0 + 1, ((column + 1) * width) / columns);
      let sum: u32 = 0;
      for (let x = x0; x < x1; x++) sum += load<u16>(ROW + ((<usize>x) << 1));
      store<u32>(target + ((<usize>(row * columns + column)) << 2), (sum << 4) / <u32>((y1 - y0) * (x1 - x0)));
    }
  }
}

/** The low 8 x 8 block of the unscaled DCT-II of BOX32, exact in f64. */
function dct(): void {
  for (let y = 0; y < 32; y++) {
    for (let u = 0; u < 8; u++) {
      let sum = i32x4.splat(0);
      const row = BOX32 + <usize>(y * 128);
      const cosines = COSINES + <usize>(u * 128);
      for (let x: usize = 0; x < 128; x += 16) {
        sum = i32x4.add(sum, i32x4.mul(v128.load(row + x), v128.load(cosines + x)));
      }
      store<i32>(
        DCT_ROWS + <usize>((y * 8 + u) * 4),
        i32x4.extract_lane(sum, 0) + i32x4.extract_lane(sum, 1) + i32x4.extract_lane(sum, 2) + i32x4.extract_lane(sum, 3),
      );
    }
  }
  for (let v = 0; v < 8; v++) {
    for (let u = 0; u < 8; u++) {
      let sum: i64 = 0;
      for (let y = 0; y < 32; y++) {
        sum += <i64>load<i32>(DCT_ROWS + <usize>((y * 8 + u) * 4)) * <i64>load<i32>(COSINES + <usize>((v * 32 + y) * 4));
      }
      store<f64>(COEFFICIENTS + <usize>((v * 8 + u) * 8), <f64>sum);
    }
  }
}

/**
 * Everything that is measured on a reduced image of 1 or 3 channels, at most 256 x 256.
 * RESULTS: 0-2 sums of R, G, B; 3, 4 sum and squares of R - G; 5, 6 sum and squares of R + G - 2B; 7, 8 sum and squares
 * of the Laplacian; 9, 10 the same at half the size. Also HISTOGRAM, COEFFICIENTS and GRADIENT.
 */
export function analyse(source: usize, width: i32, height: i32, channels: i32): void {
  const pixels = width * height;
  if (channels == 3) {
    rgbToGrey(source, pixels);
  } else {
    memory.copy(GREY, source, pixels);
    memory.fill(RESULTS, 0, 56);
  }
  countLuma(pixels);
  if (channels == 1) {
    let sum: f64 = 0;
    for (let i = 0; i < SIDE; i++) sum += <f64>i * <f64>load<u32>(HISTOGRAM + ((<usize>i) << 2));
    store<f64>(RESULTS, sum, 0);
    store<f64>(RESULTS, sum, 8);
    store<f64>(RESULTS, sum, 16);
  }
  laplacian(GREY, width, height, RESULTS + 56);
  halve(width, height);
  laplacian(HALF, width >> 1, height >> 1, RESULTS + 72);
  grid(width, height, 9, 8, GRADIENT);
  grid(width, height, 32, 32, BOX32);
  dct();
}
