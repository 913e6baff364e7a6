/** The pictures that are measured with: a folder of real ones where there is one, else drawn ones; and copies of them. */

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { draw, encode } from '../../tests/web/draw.ts';

const DRAWN = 48;

/** JPEG files on this machine, and where they are from. */
export interface Pictures {
  readonly paths: readonly string[];
  readonly from: string;
}

/** Small JPEGs: those of PIXCRAWLER_REFERENCE_IMAGES, else of `../shared/images`, else drawn into a folder. */
export async function findPictures(folder: string): Promise<Pictures> {
  const named = process.env.PIXCRAWLER_REFERENCE_IMAGES;
  const reference = named ?? fileURLToPath(new URL('../../../shared/images', import.meta.url));
  if (existsSync(reference)) {
    const paths = readdirSync(reference)
      .filter((name) => /\.jpe?g$/i.test(name))
      .sort()
      .map((name) => join(reference, name));
    if (paths.length > 0) return { paths, from: `${paths.length} JPEGs of ${reference}` };
  }
  if (named !== undefined) throw new Error(`PIXCRAWLER_REFERENCE_IMAGES names ${named}, which holds no JPEGs.`);
  const drawn = join(folder, 'drawn');
  mkdirSync(drawn, { recursive: true });
  const paths: string[] = [];
  for (let index = 0; index < DRAWN; index++) {
    const path = join(drawn, `${index}.jpg`);
    writeFileSync(path, (await encode(draw(9000 + index, 500, 400), 'jpeg', { quality: 90 })).bytes);
    paths.push(path);
  }
  return { paths, from: `${DRAWN} drawn JPEGs` };
}

/** The same picture under other bytes: a comment segment behind the start marker. */
function underOtherBytes(jpeg: Buffer, number: number): Buffer {
  const text = Buffer.from(`copy ${number}`, 'latin1');
  const head = Buffer.from([0xff, 0xd8, 0xff, 0xfe, (text.length + 2) >> 8, (text.length + 2) & 0xff]);
  return Buffer.concat([head, text, jpeg.subarray(2)]);
}

/**
 * Writes `count` pictures of different bytes into a folder.
 * @param firstNumber numbers are in the bytes: the same ones give the same files
 * @returns their paths
 */
export function writeCopies(pictures: Pictures, folder: string, count: number, firstNumber: number): string[] {
  mkdirSync(folder, { recursive: true });
  const originals = pictures.paths.slice(0, count).map((path) => readFileSync(path));
  return Array.from({ length: count }, (_, index) => {
    const path = join(folder, `${String(index).padStart(6, '0')}.jpg`);
    writeFileSync(path, underOtherBytes(originals[index % originals.length]!, firstNumber + index));
    return path;
  });
}
