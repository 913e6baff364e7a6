/** nativeImage: files as they are, with the size that a PNG says it has. */

import { existsSync, readFileSync } from 'node:fs';
import type Electron from 'electron';
import { declared } from './declared.ts';

const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47]);

class NativeImage {
  isMacTemplateImage = false;
  readonly #bytes: Buffer;
  readonly #size: Electron.Size;

  constructor(bytes: Buffer, size?: Electron.Size) {
    this.#bytes = bytes;
    this.#size = size ?? sizeOf(bytes);
  }

  isEmpty(): boolean {
    return this.#bytes.length === 0;
  }

  getSize(): Electron.Size {
    return { ...this.#size };
  }

  resize({ width, height }: Electron.ResizeOptions): Electron.NativeImage {
    const { width: ours, height: high } = this.#size;
    const size = {
      width: width ?? Math.round((ours * (height ?? high)) / Math.max(1, high)),
      height: height ?? Math.round((high * (width ?? ours)) / Math.max(1, ours)),
    };
    return declared(new NativeImage(this.#bytes, size));
  }

  toPNG(): Buffer {
    return this.#bytes;
  }

  toDataURL(): string {
    return `data:image/png;base64,${this.#bytes.toString('base64')}`;
  }

  setTemplateImage(option: boolean): void {
    this.isMacTemplateImage = option;
  }

  isTemplateImage(): boolean {
    return this.isMacTemplateImage;
  }

  addRepresentation(_options: Electron.AddRepresentationOptions): void {}
}

function sizeOf(bytes: Buffer): Electron.Size {
  if (bytes.length === 0) return { width: 0, height: 0 };
  if (!bytes.subarray(0, 4).equals(PNG)) return { width: 1, height: 1 };
  return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
}

function image(bytes: Buffer): Electron.NativeImage {
  return declared(new NativeImage(bytes));
}

export const nativeImage = {
  createEmpty: (): Electron.NativeImage => image(Buffer.alloc(0)),
  createFromPath: (path: string): Electron.NativeImage =>
    image(existsSync(path) ? readFileSync(path) : Buffer.alloc(0)),
  createFromBuffer: (buffer: Buffer): Electron.NativeImage => image(buffer),
  createFromDataURL: (url: string): Electron.NativeImage => image(Buffer.from(url.split(',')[1] ?? '', 'base64')),
  createFromBitmap: (buffer: Buffer, options: Electron.CreateFromBitmapOptions): Electron.NativeImage =>
    declared(new NativeImage(buffer, { width: options.width, height: options.height })),
  createThumbnailFromPath: async (path: string): Promise<Electron.NativeImage> => {
    if (!existsSync(path)) throw new Error(`Failed to create a thumbnail of ${path}`);
    return image(readFileSync(path));
  },
};

export type { NativeImage };
