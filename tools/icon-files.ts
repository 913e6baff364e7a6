/**
 * The containers in which Windows and macOS want icons.
 * Formats: https://learn.microsoft.com/windows/win32/menurc/newheader and https://en.wikipedia.org/wiki/Apple_Icon_Image_format
 */

/** A square picture of `size` pixels, as a PNG and as raw RGBA rows from the top. */
export interface Picture {
  readonly size: number;
  readonly png: Buffer;
  readonly rgba: Buffer;
}

const ICO_HEADER_BYTES = 6;
const ICO_ENTRY_BYTES = 16;
const DIB_HEADER_BYTES = 40;
/** Larger ones are kept as PNG, which Windows reads since Vista; some programs that draw the small ones never learned it. */
const LARGEST_DIB = 48;

/** Types of pictures that hold a PNG, by pixels; where there are two the second is the half as large icon of a dense display. */
const ICNS_TYPES: Readonly<Record<number, readonly string[]>> = {
  32: ['ic11'],
  64: ['ic12'],
  128: ['ic07'],
  256: ['ic08', 'ic13'],
  512: ['ic09', 'ic14'],
  1024: ['ic10'],
};

/** The pixel sizes that an .icns holds. */
export const ICNS_SIZES: readonly number[] = Object.keys(ICNS_TYPES).map(Number);

/** @param pictures at most 256 pixels each @throws RangeError for a larger one */
export function toIco(pictures: readonly Picture[]): Buffer {
  const header = Buffer.alloc(ICO_HEADER_BYTES + ICO_ENTRY_BYTES * pictures.length);
  header.writeUInt16LE(1, 2);
  header.writeUInt16LE(pictures.length, 4);
  const images: Buffer[] = [];
  let offset = header.length;
  for (const [index, picture] of pictures.entries()) {
    const { size } = picture;
    if (size > 256) throw new RangeError(`expected at most 256 pixels for an .ico, got ${size}`);
    const bytes = size <= LARGEST_DIB ? toDib(picture) : picture.png;
    const entry = ICO_HEADER_BYTES + ICO_ENTRY_BYTES * index;
    // One byte each for width and height, in which 0 is 256.
    header.writeUInt8(size % 256, entry);
    header.writeUInt8(size % 256, entry + 1);
    header.writeUInt16LE(1, entry + 4);
    header.writeUInt16LE(32, entry + 6);
    header.writeUInt32LE(bytes.length, entry + 8);
    header.writeUInt32LE(offset, entry + 12);
    images.push(bytes);
    offset += bytes.length;
  }
  return Buffer.concat([header, ...images]);
}

/** @throws RangeError for a size that is not in `ICNS_SIZES` */
export function toIcns(pictures: readonly Picture[]): Buffer {
  const chunks = pictures.flatMap(({ size, png }) => {
    const types = ICNS_TYPES[size];
    if (types === undefined) throw new RangeError(`expected ${ICNS_SIZES.join(', ')} pixels for an .icns, got ${size}`);
    return types.map((type) => Buffer.concat([icnsHeader(type, png.length), png]));
  });
  const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  return Buffer.concat([icnsHeader('icns', length), ...chunks]);
}

function icnsHeader(type: string, contentBytes: number): Buffer {
  const header = Buffer.alloc(8);
  header.write(type, 'latin1');
  header.writeUInt32BE(contentBytes + header.length, 4);
  return header;
}

/** A bitmap as it lies in an .ico: rows from the bottom in BGRA, then a mask of one bit a pixel, set where nothing is drawn. */
function toDib({ size, rgba }: Picture): Buffer {
  const header = Buffer.alloc(DIB_HEADER_BYTES);
  header.writeUInt32LE(DIB_HEADER_BYTES, 0);
  header.writeInt32LE(size, 4);
  // Both the colours and the mask are counted.
  header.writeInt32LE(2 * size, 8);
  header.writeUInt16LE(1, 12);
  header.writeUInt16LE(32, 14);
  const colours = Buffer.alloc(4 * size * size);
  const maskRowBytes = 4 * Math.ceil(size / 32);
  const mask = Buffer.alloc(maskRowBytes * size);
  for (let y = 0; y < size; y++) {
    const row = size - 1 - y;
    for (let x = 0; x < size; x++) {
      const from = 4 * (y * size + x);
      const to = 4 * (row * size + x);
      colours[to] = rgba[from + 2]!;
      colours[to + 1] = rgba[from + 1]!;
      colours[to + 2] = rgba[from]!;
      colours[to + 3] = rgba[from + 3]!;
      if (rgba[from + 3] === 0) mask[row * maskRowBytes + (x >> 3)]! |= 0x80 >> (x & 7);
    }
  }
  header.writeUInt32LE(colours.length + mask.length, 20);
  return Buffer.concat([header, colours, mask]);
}
