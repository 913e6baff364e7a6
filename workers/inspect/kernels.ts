/** The WebAssembly kernels (source: workers/wasm/inspect.ts) behind typed calls, and the memory they work in. */

import { readFileSync } from 'node:fs';
import { ANALYSIS_SIZE_PX } from '../../shared/inspection.ts';

/** An image of 1 or 3 channels inside the kernels' memory, longest side at most 256 px. */
export interface ReducedImage {
  /** Offset in the kernels' memory; valid until the next image is decoded. */
  readonly at: number;
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
}

/** Raw findings of `analyse`; measure.ts turns them into measurements. */
export interface Analysis {
  /** See RESULTS in workers/wasm/inspect.ts. */
  readonly results: Float64Array;
  readonly histogram: Uint32Array;
  /** 8 x 8, row by row. */
  readonly coefficients: Float64Array;
  /** 9 x 8, row by row. */
  readonly gradient: Uint32Array;
}

interface KernelExports {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  readonly COSINES: { readonly value: number };
  readonly RESULTS: { readonly value: number };
  readonly HISTOGRAM: { readonly value: number };
  readonly COEFFICIENTS: { readonly value: number };
  readonly GRADIENT: { readonly value: number };
  readonly REDUCED: { readonly value: number };
  readonly UPRIGHT: { readonly value: number };
  readonly SOURCE: { readonly value: number };
  beginShrink(width: number, columns: number): void;
  addRows(source: number, rows: number, width: number, channels: number, columns: number, cells: number): void;
  endRow(target: number, rows: number, width: number, channels: number, columns: number): void;
  shrink(
    source: number,
    width: number,
    height: number,
    channels: number,
    target: number,
    columns: number,
    rows: number,
    cells: number,
  ): void;
  flattenRgba(at: number, pixels: number): void;
  flattenGreyAlpha(at: number, pixels: number): void;
  orient(source: number, width: number, height: number, channels: number, orientation: number, target: number): void;
  analyse(source: number, width: number, height: number, channels: number): void;
}

/** The part of the WebAssembly interface that is used; Node's own types leave it to the DOM's. */
interface WithWebAssembly {
  readonly WebAssembly: {
    readonly Module: new (bytes: Uint8Array) => object;
    readonly Instance: new (module: object) => { readonly exports: KernelExports };
  };
}

/**
 * Pixels up to this many bytes are decoded into the kernels' memory itself, which never shrinks again; larger images
 * pass through it in strips.
 */
export const RESIDENT_BYTES = 48 * 1024 * 1024;

const STRIP_BYTES = 4 * 1024 * 1024;
const PAGE_BYTES = 64 * 1024;
/** The kernels read and write whole vectors, so up to 15 bytes behind an area are touched. */
const SLACK_BYTES = 64;

/** Beside this file when bundled into dist/, else where the build puts it. */
const WASM_PLACES = ['./inspect.wasm', '../../dist/inspect.wasm'];

export class Kernels {
  readonly #wasm: KernelExports;

  /** @throws Error when the compiled kernels are not where the build puts them */
  constructor() {
    const { Instance, Module } = (globalThis as unknown as WithWebAssembly).WebAssembly;
    this.#wasm = new Instance(new Module(readKernels())).exports;
    const cosines = new Int32Array(this.#wasm.memory.buffer, this.#wasm.COSINES.value, 8 * 32);
    for (let u = 0; u < 8; u += 1) {
      for (let x = 0; x < 32; x += 1)
        cosines[u * 32 + x] = Math.round(Math.cos(((2 * x + 1) * u * Math.PI) / 64) * 4096);
    }
  }

  /** Room for `sizeBytes` (at most RESIDENT_BYTES) of decoded pixels; valid until the next call of `source`. */
  source(sizeBytes: number): Buffer {
    const from = this.#wasm.SOURCE.value;
    this.#reserve(from + sizeBytes + SLACK_BYTES);
    return Buffer.from(this.#wasm.memory.buffer, from, sizeBytes);
  }

  /** The pixels of an image, for an encoder; valid until the next image is decoded. */
  pixelsOf(image: ReducedImage): Buffer {
    return Buffer.from(this.#wasm.memory.buffer, image.at, image.width * image.height * image.channels);
  }

  /** Flattens alpha over mid-grey and reduces the pixels that were decoded into `source()`. */
  reduceSource(width: number, height: number, channels: number): ReducedImage {
    const at = this.#wasm.SOURCE.value;
    const opaque = this.#flatten(at, width * height, channels);
    const size = reducedSize(width, height);
    if (size.width === width && size.height === height) return { at, width, height, channels: opaque };
    const cells = align(at + width * height * opaque + SLACK_BYTES);
    this.#reserve(cells + width * opaque * 2 + SLACK_BYTES);
    const target = this.#wasm.REDUCED.value;
    this.#wasm.shrink(at, width, height, opaque, target, size.width, size.height, cells);
    return { at: target, ...size, channels: opaque };
  }

  /** The same for pixels anywhere in memory, strip by strip. */
  reduceLarge(pixels: Uint8Array, width: number, height: number, channels: number): ReducedImage {
    const size = reducedSize(width, height);
    if (width * height * channels <= RESIDENT_BYTES) {
      this.source(width * height * channels).set(pixels.subarray(0, width * height * channels));
      return this.reduceSource(width, height, channels);
    }
    const at = this.#wasm.SOURCE.value;
    const target = this.#wasm.REDUCED.value;
    const rowBytes = width * channels;
    const opaque = channels === 2 ? 1 : channels === 4 ? 3 : (channels as 1 | 3);
    const stripRows = Math.max(1, Math.floor(STRIP_BYTES / rowBytes));
    const cells = align(at + stripRows * rowBytes + SLACK_BYTES);
    this.#reserve(cells + width * opaque * 2 + SLACK_BYTES);
    const strip = Buffer.from(this.#wasm.memory.buffer, at, stripRows * rowBytes);
    const edge = (row: number): number => Math.floor((row * height) / size.height);
    this.#wasm.beginShrink(width, size.width);
    for (let row = 0; row < size.height; row += 1) {
      const [first, end] = [edge(row), edge(row + 1)];
      for (let from = first; from < end; from += stripRows) {
        const rows = Math.min(stripRows, end - from);
        strip.set(pixels.subarray(from * rowBytes, (from + rows) * rowBytes));
        this.#flatten(at, rows * width, channels);
        this.#wasm.addRows(at, rows, width, opaque, size.width, cells);
      }
      this.#wasm.endRow(target + row * size.width * opaque, end - first, width, opaque, size.width);
    }
    return { at: target, ...size, channels: opaque };
  }

  /** Turns an image upright by its EXIF orientation. */
  orient(image: ReducedImage, orientation: number): ReducedImage {
    if (orientation === 1) return image;
    const { at, width, height, channels } = image;
    const target = this.#wasm.UPRIGHT.value;
    this.#wasm.orient(at, width, height, channels, orientation, target);
    return orientation < 5
      ? { at: target, width, height, channels }
      : { at: target, width: height, height: width, channels };
  }

  /** Measures an image; the views are valid until the next call. */
  analyse(image: ReducedImage): Analysis {
    const { memory, RESULTS, HISTOGRAM, COEFFICIENTS, GRADIENT } = this.#wasm;
    this.#wasm.analyse(image.at, image.width, image.height, image.channels);
    return {
      results: new Float64Array(memory.buffer, RESULTS.value, 11),
      histogram: new Uint32Array(memory.buffer, HISTOGRAM.value, 256),
      coefficients: new Float64Array(memory.buffer, COEFFICIENTS.value, 64),
      gradient: new Uint32Array(memory.buffer, GRADIENT.value, 72),
    };
  }

  #flatten(at: number, pixels: number, channels: number): 1 | 3 {
    if (channels === 4) this.#wasm.flattenRgba(at, pixels);
    else if (channels === 2) this.#wasm.flattenGreyAlpha(at, pixels);
    else if (channels !== 1 && channels !== 3) throw new Error(`${channels} channels are not supported`);
    return channels <= 2 ? 1 : 3;
  }

  #reserve(endBytes: number): void {
    const missing = endBytes - this.#wasm.memory.buffer.byteLength;
    if (missing > 0) this.#wasm.memory.grow(Math.ceil(missing / PAGE_BYTES));
  }
}

/** The size of an image whose longest side is brought down to 256 px; never enlarged, no side below 1. */
export function reducedSize(width: number, height: number): { width: number; height: number } {
  const longest = Math.max(width, height);
  if (longest <= ANALYSIS_SIZE_PX) return { width, height };
  const scale = ANALYSIS_SIZE_PX / longest;
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

function align(offset: number): number {
  return (offset + 15) & ~15;
}

function readKernels(): Buffer<ArrayBuffer> {
  for (const place of WASM_PLACES) {
    try {
      return readFileSync(new URL(place, import.meta.url));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
  throw new Error('dist/inspect.wasm is missing: run `npm run build`.');
}
