/** Draws pictures that an honest rule set accepts: sharp edges, a full range of tones, colours, and no two alike. */

import sharp from 'sharp';
import { createRandom, type Random } from './random.ts';

export type DrawnFormat = 'jpeg' | 'png' | 'webp' | 'gif' | 'avif' | 'tiff' | 'bmp';

const CONTENT_TYPES: Readonly<Record<DrawnFormat, string>> = {
  jpeg: 'image/jpeg',
  png: 'image/png',
  webp: 'image/webp',
  gif: 'image/gif',
  avif: 'image/avif',
  tiff: 'image/tiff',
  bmp: 'image/bmp',
};

export interface Drawing {
  readonly width: number;
  readonly height: number;
  /** Three bytes a pixel, RGB. */
  readonly pixels: Buffer;
}

export interface Picture {
  readonly bytes: Buffer;
  readonly format: DrawnFormat;
  readonly contentType: string;
  readonly width: number;
  readonly height: number;
}

/** Squares of random colours, smoothed: it decides the perceptual hash, so that two seeds are far apart. */
function background(random: Random): (x: number, y: number) => readonly [number, number, number] {
  const size = 6;
  const cells = Array.from({ length: size * size * 3 }, () => Math.floor(random() * 256));
  const at = (column: number, row: number, channel: number): number => cells[(row * size + column) * 3 + channel]!;
  return (x, y) => {
    const column = Math.min(x * (size - 1), size - 1.001);
    const row = Math.min(y * (size - 1), size - 1.001);
    const [left, top] = [Math.floor(column), Math.floor(row)];
    const [right, bottom] = [column - left, row - top];
    const mix = (channel: number): number =>
      (at(left, top, channel) * (1 - right) + at(left + 1, top, channel) * right) * (1 - bottom) +
      (at(left, top + 1, channel) * (1 - right) + at(left + 1, top + 1, channel) * right) * bottom;
    return [mix(0), mix(1), mix(2)];
  };
}

/** Draws one picture from a seed. */
export function draw(seed: number, width: number, height: number): Drawing {
  const random = createRandom(seed);
  const colourAt = background(random);
  const pixels = Buffer.allocUnsafe(width * height * 3);
  const grain = 14;
  for (let y = 0, offset = 0; y < height; y++) {
    for (let x = 0; x < width; x++, offset += 3) {
      const [red, green, blue] = colourAt(x / width, y / height);
      const noise = (random() - 0.5) * grain;
      pixels[offset] = clamp(red + noise);
      pixels[offset + 1] = clamp(green + noise);
      pixels[offset + 2] = clamp(blue + noise);
    }
  }
  for (let shape = 0; shape < 14; shape++) paintShape(pixels, width, height, random);
  return { width, height, pixels };
}

function clamp(value: number): number {
  return Math.max(0, Math.min(255, value));
}

/** A striped rectangle or a disc with hard edges. */
function paintShape(pixels: Buffer, width: number, height: number, random: Random): void {
  const disc = random() < 0.5;
  const [centreX, centreY] = [random() * width, random() * height];
  const [radiusX, radiusY] = [(0.04 + random() * 0.12) * width, (0.04 + random() * 0.12) * height];
  const colour = [random() * 255, random() * 255, random() * 255];
  const stripe = 3 + Math.floor(random() * 6);
  const [fromY, toY] = [Math.max(0, centreY - radiusY), Math.min(height, centreY + radiusY)];
  const [fromX, toX] = [Math.max(0, centreX - radiusX), Math.min(width, centreX + radiusX)];
  for (let y = Math.ceil(fromY); y < toY; y++) {
    for (let x = Math.ceil(fromX); x < toX; x++) {
      if (disc && ((x - centreX) / radiusX) ** 2 + ((y - centreY) / radiusY) ** 2 > 1) continue;
      const dark = Math.floor((x + y) / stripe) % 2 === 0 ? 0.35 : 1;
      const offset = (y * width + x) * 3;
      for (let channel = 0; channel < 3; channel++) pixels[offset + channel] = colour[channel]! * dark;
    }
  }
}

/** One colour all over. */
export function drawFlat(width: number, height: number, grey: number): Drawing {
  return { width, height, pixels: Buffer.alloc(width * height * 3, grey) };
}

/** An uncompressed bottom-up BMP with a BITMAPINFOHEADER. */
function encodeBmp({ width, height, pixels }: Drawing): Buffer {
  const rowBytes = Math.ceil((width * 3) / 4) * 4;
  const file = Buffer.alloc(54 + rowBytes * height);
  file.write('BM', 0, 'latin1');
  file.writeUInt32LE(file.length, 2);
  file.writeUInt32LE(54, 10);
  file.writeUInt32LE(40, 14);
  file.writeInt32LE(width, 18);
  file.writeInt32LE(height, 22);
  file.writeUInt16LE(1, 26);
  file.writeUInt16LE(24, 28);
  file.writeUInt32LE(rowBytes * height, 34);
  for (let y = 0; y < height; y++) {
    const target = 54 + (height - 1 - y) * rowBytes;
    for (let x = 0; x < width; x++) {
      const source = (y * width + x) * 3;
      file[target + x * 3] = pixels[source + 2]!;
      file[target + x * 3 + 1] = pixels[source + 1]!;
      file[target + x * 3 + 2] = pixels[source]!;
    }
  }
  return file;
}

/**
 * Encodes a drawing.
 *
 * @param options.quality 1 to 100, for the lossy formats; default 88
 * @param options.scale shrinks before encoding; default 1
 */
export async function encode(
  drawing: Drawing,
  format: DrawnFormat,
  options: { readonly quality?: number; readonly scale?: number } = {},
): Promise<Picture> {
  const { quality = 88, scale = 1 } = options;
  const width = Math.round(drawing.width * scale);
  const height = Math.round(drawing.height * scale);
  const contentType = CONTENT_TYPES[format];
  if (format === 'bmp')
    return { bytes: encodeBmp(drawing), format, contentType, width: drawing.width, height: drawing.height };
  let image = sharp(drawing.pixels, { raw: { width: drawing.width, height: drawing.height, channels: 3 } });
  if (scale !== 1) image = image.resize(width, height);
  const encoded = {
    jpeg: () => image.jpeg({ quality }),
    png: () => image.png({ compressionLevel: 3 }),
    webp: () => image.webp({ quality, effort: 0 }),
    gif: () => image.gif({ effort: 1 }),
    avif: () => image.avif({ quality, effort: 0 }),
    tiff: () => image.tiff({ compression: 'lzw' }),
  }[format]();
  return { bytes: await encoded.toBuffer(), format, contentType, width, height };
}
