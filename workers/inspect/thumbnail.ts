/** Thumbnails: JPEG at quality 80, 4:2:0, an eighth of the cost of default WebP and a sixth larger. */

import { type JpegBinding, loadSharp } from './decoders.ts';
import type { Kernels, ReducedImage } from './kernels.ts';

const QUALITY = 80;

/** Encodes reduced images, by libjpeg-turbo where the binding is there, else by sharp. */
export class ThumbnailEncoder {
  readonly #binding: JpegBinding | null;
  readonly #kernels: Kernels;
  readonly #output: Buffer;

  constructor(binding: JpegBinding | null, kernels: Kernels) {
    this.#binding = binding;
    this.#kernels = kernels;
    this.#output = Buffer.allocUnsafeSlow(
      binding?.bufferSize({ width: 256, height: 256, subsampling: binding.SAMP_444 }) ?? 0,
    );
  }

  /** @returns bytes in a buffer of their own */
  async encode(image: ReducedImage): Promise<Uint8Array> {
    const { width, height, channels } = image;
    const pixels = this.#kernels.pixelsOf(image);
    const binding = this.#binding;
    if (binding !== null) {
      const colour = channels === 3;
      const options = {
        width,
        height,
        format: colour ? binding.FORMAT_RGB : binding.FORMAT_GRAY,
        subsampling: colour ? binding.SAMP_420 : binding.SAMP_GRAY,
        quality: QUALITY,
      };
      return Uint8Array.from(binding.compressSync(pixels, this.#output, options));
    }
    const raw = { width, height, channels };
    const own = Buffer.from(pixels);
    const sharp = await loadSharp();
    const jpeg = sharp(own, { raw }).jpeg({ quality: QUALITY, optimiseCoding: false });
    return Uint8Array.from(await jpeg.toBuffer());
  }
}
