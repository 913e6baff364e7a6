/** Where the kernels of an inspection keep what. */

/** Longest side of a reduced image; the fixed areas below are sized by it. */
export const SIDE: i32 = 256;

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

export const HISTOGRAMS: usize = 0x12000; // u32[4 * 256], four so that equal neighbours do not wait for each other
export const BOX32: usize = 0x13000; // u32[32 * 32]
export const DCT_ROWS: usize = 0x14000; // i32[32 * 8]
export const BOUNDS: usize = 0x15000; // u32[257]
export const SUMS: usize = 0x16000; // u32[256 * 4]
export const ROW: usize = 0x18000; // u16[256 + slack]
export const GREY: usize = 0xa0000; // u8[256 * 256]
export const HALF: usize = 0xb0000; // u8[128 * 128]
