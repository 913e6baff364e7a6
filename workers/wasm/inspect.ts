/**
 * The pixel kernels of an inspection, in AssemblyScript. Plain memory, no allocation, no garbage collector: the caller
 * (workers/inspect/kernels.ts) lays out the memory by the constants below and decodes straight into it from `SOURCE` on.
 * `kernels.test.ts` keeps the same arithmetic in plain JavaScript; every result must be equal, bit for bit, so only
 * integers and exactly reproducible f64 operations are used.
 */

/** Longest side of a reduced image; the fixed areas below are sized by it. */
const SIDE: i32 = 256;

/** i32[8 * 32]: round(cos((2x + 1)uπ / 64) * 4096), written by the caller once. */
export const COSINES: usize = 0x10000;
/** f64[16]: what `analyse` found, see there. */
export const RESULTS: usize = 0x10800;
/** u32[256]: luma histogram. */
export const HISTOGRAM: usize = 0x10900;
/** f64[64]: the low 8 x 8 DCT block, row by row. */
export const COEFFICIENTS: usize = 0x10e00;
/** u32[9 * 8]: the grey image of the gradient hash, in sixteenths. */
export const GRADIENT: usize = 0x11000;
/** u8[256 * 256 * 3]: the reduced image. */
export const REDUCED: usize = 0x20000;
/** u8[256 * 256 * 3]: the reduced image turned upright. */
export const UPRIGHT: usize = 0x60000;
/** Decoded pixels; behind them, 16-aligned, the accumulator row of `shrink`. */
export const SOURCE: usize = 0xc0000;

const HISTOGRAMS: usize = 0x12000; // u32[4 * 256], four so that equal neighbours do not wait for each other
const BOX32: usize = 0x13000; // u32[32 * 32]
const DCT_ROWS: usize = 0x14000; // i32[32 * 8]
const BOUNDS: usize = 0x15000; // u32[257]
const SUMS: usize = 0x16000; // u32[256 * 4]
const ROW: usize = 0x18000; // u16[256 + slack]
const GREY: usize = 0xa0000; // u8[256 * 256]
const HALF: usize = 0xb0000; // u8[128 * 128]

/** First source index of output cell `i`: floor(i * from / to). */
// @ts-ignore: decorator
@inline
function edge(i: i32, from: i32, to: i32): i32 {
  return <i32>((<u64>i * <u64>from) / <u64>to);
}

/** Adds `rows` rows (at most 256) of `bytes` bytes into u16 cells, overwriting them. Reads and writes up to 15 beyond. */
function sumRows(source: usize, rows: i32, bytes: i32, target: usize): void {
  for (let i = 0; i < bytes; i += 16) {
    let from = source + i;
    let pixels = v128.load(from);
    let low = i16x8.extend_low_i8x16_u(pixels);
    let high = i16x8.extend_high_i8x16_u(pixels);
    for (let y = 1; y < rows; y++) {
      from += bytes;
      pixels = v128.load(from);
      low = i16x8.add(low, i16x8.extend_low_i8x16_u(pixels));
      high = i16x8.add(high, i16x8.extend_high_i8x16_u(pixels));
    }
    const to = target + ((<usize>i) << 1);
    v128.store(to, low);
    v128.store(to, high, 16);
  }
}

/** Adds the u16 cells of each output column to SUMS (four u32 a column). */
function sumColumns(cells: usize, channels: i32, columns: i32): void {
  for (let x = 0; x < columns; x++) {
    const start = load<u32>(BOUNDS + ((<usize>x) << 2));
    const end = load<u32>(BOUNDS + ((<usize>x) << 2), 4);
    const sum = SUMS + ((<usize>x) << 4);
    if (channels == 1) {
      let total = load<u32>(sum);
      for (let i = start; i < end; i++) total += load<u16>(cells + ((<usize>i) << 1));
      store<u32>(sum, total);
    } else {
      let total = v128.load(sum);
      let at = cells + <usize>start * 6;
      const stop = cells + <usize>end * 6;
      for (; at < stop; at += 6) total = i32x4.add(total, i32x4.extend_low_i16x8_u(v128.load64_zero(at)));
      v128.store(sum, total);
    }
  }
}

/** Begins a box filter of `width` source columns to `columns` (at most 256, at most `width`). */
export function beginShrink(width: i32, columns: i32): void {
  for (let x = 0; x <= columns; x++) store<u32>(BOUNDS + ((<usize>x) << 2), <u32>edge(x, width, columns));
  memory.fill(SUMS, 0, (<usize>columns) << 4);
}

/** Adds source rows of 1 or 3 channels to the output row in the making. `cells`: 16-aligned, 2 * width * channels + 32 bytes. */
export function addRows(source: usize, rows: i32, width: i32, channels: i32, columns: i32, cells: usize): void {
  const bytes = width * channels;
  while (rows > 0) {
    // 256 rows of 255 are the most that a u16 cell holds.
    const step = min(rows, 256);
    sumRows(source, step, bytes, cells);
    sumColumns(cells, channels, columns);
    source += <usize>step * <usize>bytes;
    rows -= step;
  }
}

/** Ends an output row that `rows` source rows were added to: means, rounded to nearest; the next row may begin. */
export function endRow(target: usize, rows: i32, width: i32, channels: i32, columns: i32): void {
  const narrow = width / columns;
  const narrowArea = <f64>narrow * <f64>rows;
  const wideArea = <f64>(narrow + 1) * <f64>rows;
  const narrowInverse = 1.0 / narrowArea;
  const wideInverse = 1.0 / wideArea;
  for (let x = 0; x < columns; x++) {
    const isNarrow = <i32>(load<u32>(BOUNDS + ((<usize>x) << 2), 4) - load<u32>(BOUNDS + ((<usize>x) << 2))) == narrow;
    const half = (isNarrow ? narrowArea : wideArea) * 0.5;
    const inverse = isNarrow ? narrowInverse : wideInverse;
    const sum = SUMS + ((<usize>x) << 4);
    store<u8>(target, <u32>((<f64>load<u32>(sum) + half) * inverse));
    if (channels == 3) {
      store<u8>(target, <u32>((<f64>load<u32>(sum, 4) + half) * inverse), 1);
      store<u8>(target, <u32>((<f64>load<u32>(sum, 8) + half) * inverse), 2);
    }
    target += channels;
  }
  memory.fill(SUMS, 0, (<usize>columns) << 4);
}

/** Box filter with whole-pixel windows of an image of 1 or 3 channels; neither output side exceeds the source's or 256. */
export function shrink(
  source: usize,
  width: i32,
  height: i32,
  channels: i32,
  target: usize,
  columns: i32,
  rows: i32,
  cells: usize,
): void {
  beginShrink(width, columns);
  for (let row = 0; row < rows; row++) {
    const first = edge(row, height, rows);
    const tall = edge(row + 1, height, rows) - first;
    addRows(source + <usize>first * <usize>(width * channels), tall, width, channels, columns, cells);
    endRow(target + <usize>(row * columns * channels), tall, width, channels, columns);
  }
}

// @ts-ignore: decorator
@inline
function overGrey(value: u32, alpha: u32): u32 {
  const sum = value * alpha + 128 * (255 - alpha) + 128;
  return (sum + (sum >> 8)) >> 8;
}

/** RGBA to RGB over mid-grey, in place. */
export function flattenRgba(at: usize, pixels: i32): void {
  let to = at;
  for (let i = 0; i < pixels; i++) {
    const pixel = load<u32>(at);
    const alpha = pixel >> 24;
    if (alpha == 255) {
      store<u16>(to, <u16>pixel);
      store<u8>(to, <u8>(pixel >> 16), 2);
    } else {
      store<u8>(to, <u8>overGrey(pixel & 255, alpha));
      store<u8>(to, <u8>overGrey((pixel >> 8) & 255, alpha), 1);
      store<u8>(to, <u8>overGrey((pixel >> 16) & 255, alpha), 2);
    }
    at += 4;
    to += 3;
  }
}

/** Grey with alpha to grey over mid-grey, in place. */
export function flattenGreyAlpha(at: usize, pixels: i32): void {
  let to = at;
  for (let i = 0; i < pixels; i++) {
    store<u8>(to, <u8>overGrey(load<u8>(at), load<u8>(at, 1)));
    at += 2;
    to += 1;
  }
}

/** Turns an image upright by its EXIF orientation (2 to 8); for 5 to 8 the target has `height` columns. */
export function orient(source: usize, width: i32, height: i32, channels: i32, orientation: i32, target: usize): void {
  const turned = orientation >= 5;
  const columns = turned ? height : width;
  const rows = turned ? width : height;
  let to = target;
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      let sx = turned ? y : x;
      let sy = turned ? x : y;
      if (orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8) sx = width - 1 - sx;
      if (orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7) sy = height - 1 - sy;
      const from = source + <usize>((sy * width + sx) * channels);
      for (let c = 0; c < channels; c++) store<u8>(to + c, load<u8>(from + c));
      to += channels;
    }
  }
}

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
