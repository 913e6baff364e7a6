/** From decoded pixels to a small image: reduced by the mean of boxes, over grey where it is transparent, upright. */

import { BOUNDS, SUMS } from './inspect-memory';

/** First source index of output cell `i`: floor(i * from / to). */
// @ts-ignore: decorator
@inline
function edge(i: i32, from: i32, to: i32): i32 {
  return <i32>((<u64>i * <u64>from) / <u64>to);
}

/** Adds `rows` rows (at most 256) of `bytes` bytes into u16 cells, overwriting them. Reads and writes up to 15 beyond. */
export function sumRows(source: usize, rows: i32, bytes: i32, target: usize): void {
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
