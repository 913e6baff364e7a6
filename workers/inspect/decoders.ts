/**
 * Two decoders behind one small interface: a strict libjpeg-turbo binding, which sees damage that sharp misses and is
 * faster on all but the largest JPEGs, and sharp for everything else and wherever the binding is missing.
 */

import { setImmediate as nextTurn } from 'node:timers/promises';
import type * as JpegTurbo from '@julusian/jpeg-turbo';
import type Sharp from 'sharp';
import { ANALYSIS_SIZE_PX } from '../../shared/inspection.ts';
import { type BmpFacts, decodeBmp } from './bmp.ts';
import type { HeaderFacts } from './header.ts';
import { type Kernels, RESIDENT_BYTES, type ReducedImage } from './kernels.ts';
import { padWebp } from './webp-header.ts';

/** An image that was decoded, now in the kernels' memory. */
export interface Decoded {
  readonly image: ReducedImage;
  /** What was decoded, before orientation; null where only the header tells. */
  readonly size: { readonly width: number; readonly height: number } | null;
}

export interface ImageDecoder {
  /**
   * Decodes an image and reduces it. Strict decoding throws at the first sign of damage.
   *
   * @throws whatever the library throws; the message is for people
   */
  decode(bytes: Buffer, facts: HeaderFacts, strict: boolean): Promise<Decoded>;
}

type SharpModule = typeof Sharp;
export type JpegBinding = typeof JpegTurbo;

/** The loaders that the sniffed formats need; all others are blocked for the whole process. */
const ALLOWED_LOADERS = [
  'VipsForeignLoadJpegBuffer',
  'VipsForeignLoadPngBuffer',
  'VipsForeignLoadWebpBuffer',
  'VipsForeignLoadNsgifBuffer',
  'VipsForeignLoadTiffBuffer',
  'VipsForeignLoadHeifBuffer',
];

let loadedSharp: Promise<SharpModule> | null = null;

/**
 * sharp with one thread, no cache and only the loaders that are needed. Signatures are exclusive, so the loader that
 * libvips picks is the one for the sniffed format. Loaded with the first image that needs it: where all are sound JPEGs,
 * libvips and its memory are never there.
 */
export function loadSharp(): Promise<SharpModule> {
  loadedSharp ??= configureSharp();
  return loadedSharp;
}

async function configureSharp(): Promise<SharpModule> {
  const { default: sharp } = await import('sharp');
  sharp.cache(false);
  sharp.concurrency(1);
  sharp.block({ operation: ['VipsForeignLoad'] });
  sharp.unblock({ operation: ALLOWED_LOADERS });
  return sharp;
}

/** The binding, or null where there is no prebuilt binary for this machine. */
export async function loadJpegBinding(): Promise<JpegBinding | null> {
  try {
    const loaded = (await import('@julusian/jpeg-turbo')) as JpegBinding & { default?: JpegBinding };
    return loaded.default ?? loaded;
  } catch {
    return null;
  }
}

/** libtiff warns of odd tags in sound files; damaged pixels are errors to it. */
const STRICT_LEVEL: Partial<Record<HeaderFacts['format'], 'error'>> = { tiff: 'error' };

/** sharp, for every format it has a loader for. */
export class SharpDecoder implements ImageDecoder {
  readonly #kernels: Kernels;

  constructor(kernels: Kernels) {
    this.#kernels = kernels;
  }

  async decode(bytes: Buffer, facts: HeaderFacts, strict: boolean): Promise<Decoded> {
    const whole = !strict && facts.format === 'webp' ? padWebp(bytes, RESIDENT_BYTES) : bytes;
    const sharp = await loadSharp();
    const input = sharp(whole, {
      failOn: strict ? (STRICT_LEVEL[facts.format] ?? 'warning') : 'none',
      // Inks mean nothing without their profile; RGB is converted when it is small.
      ignoreIcc: facts.colourSpace !== 'cmyk',
      sequentialRead: true,
      // A little above the header's word, which the budget was checked against.
      limitInputPixels: Math.max(facts.width * facts.height, RESIDENT_BYTES / 4),
      pages: 1,
    });
    const shrinks = shrinksWhileDecoding(facts);
    if (shrinks) input.resize(ANALYSIS_SIZE_PX, ANALYSIS_SIZE_PX, { fit: 'inside', withoutEnlargement: true });
    const { data, info } = await input.raw().toBuffer({ resolveWithObject: true });
    const image = this.#kernels.reduceLarge(data, info.width, info.height, info.channels);
    if (data.length > RESIDENT_BYTES) {
      giveBack(data.buffer);
      // Memory that came from sharp is freed on the next turn of the event loop.
      await nextTurn();
    }
    return { image, size: shrinks ? null : { width: info.width, height: info.height } };
  }
}

/**
 * JPEGs shrink while they are decoded. Other formats go through the same box filter as the fast path, so that the same
 * picture has the same hashes in every format, unless libvips' way takes less memory: it holds a window of whole rows,
 * about twelve bytes a sample (measured), which is little for most large pictures and more than all of a very wide one.
 */
function shrinksWhileDecoding(facts: HeaderFacts): boolean {
  if (facts.format === 'jpeg') return true;
  const { width, height, channels } = facts;
  const pixelBytes = width * height * channels;
  const windowRows = Math.min(height, 2 * Math.ceil(Math.max(width, height) / ANALYSIS_SIZE_PX));
  return pixelBytes > RESIDENT_BYTES && windowRows * width * channels * 12 < pixelBytes;
}

/** The project's own bitmap reader. */
export class BmpDecoder implements ImageDecoder {
  readonly #kernels: Kernels;

  constructor(kernels: Kernels) {
    this.#kernels = kernels;
  }

  async decode(bytes: Buffer, facts: HeaderFacts, strict: boolean): Promise<Decoded> {
    const { width, height, channels } = facts;
    return withPixels(this.#kernels, width, height, channels, (target) => {
      const missing = decodeBmp(bytes, facts as BmpFacts, target);
      if (missing !== null && strict) throw new Error(missing);
    });
  }
}

/** libjpeg-turbo, for grey and three-component JPEGs. It has one mode: any warning is an error. */
export class JpegTurboDecoder implements ImageDecoder {
  readonly #binding: JpegBinding;
  readonly #kernels: Kernels;

  constructor(binding: JpegBinding, kernels: Kernels) {
    this.#binding = binding;
    this.#kernels = kernels;
  }

  async decode(bytes: Buffer, facts: HeaderFacts): Promise<Decoded> {
    const { width, height } = facts;
    const channels = facts.channels === 1 ? 1 : 3;
    const format = channels === 1 ? this.#binding.FORMAT_GRAY : this.#binding.FORMAT_RGB;
    return withPixels(this.#kernels, width, height, channels, (target) => {
      let decoded: { readonly width: number; readonly height: number };
      try {
        decoded = this.#binding.decompressSync(bytes, target, { format });
      } catch {
        // The binding frees its handle before it asks for the reason, so it has none to give.
        throw new Error('the pixels do not decode cleanly');
      }
      if (decoded.width !== width || decoded.height !== height) {
        throw new Error(`the header says ${width} x ${height}, the decoder ${decoded.width} x ${decoded.height}`);
      }
    });
  }
}

/** Lends memory for decoded pixels, in the kernels' own where they fit, and reduces what `fill` put there. */
function withPixels(
  kernels: Kernels,
  width: number,
  height: number,
  channels: number,
  fill: (target: Buffer) => void,
): Decoded {
  const sizeBytes = width * height * channels;
  if (sizeBytes <= RESIDENT_BYTES) {
    fill(kernels.source(sizeBytes));
    return { image: kernels.reduceSource(width, height, channels), size: { width, height } };
  }
  const memory = new ArrayBuffer(sizeBytes);
  try {
    const target = Buffer.from(memory);
    fill(target);
    return { image: kernels.reduceLarge(target, width, height, channels), size: { width, height } };
  } finally {
    giveBack(memory);
  }
}

/** Frees a large buffer now, not when the garbage collector gets to it: several in a row would fill the process. */
function giveBack(memory: ArrayBufferLike): void {
  if (memory instanceof ArrayBuffer) memory.transfer(0);
}
