import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { ICNS_SIZES, toIcns, toIco } from './icon-files.ts';
import { drawIcons } from './icons.ts';

const resources = fileURLToPath(new URL('../resources', import.meta.url));
/** Other builds of the library may round the colours of edges differently. */
const TOLERANCE = 3;

interface Pixels {
  readonly size: number;
  readonly rgba: Buffer;
}

async function decode(png: Buffer): Promise<Pixels> {
  const { data, info } = await sharp(png).ensureAlpha().raw().toBuffer({ resolveWithObject: true });
  assert.equal(info.width, info.height);
  return { size: info.width, rgba: data };
}

/** What an .ico holds, read as Windows does. */
async function readIco(ico: Buffer): Promise<Pixels[]> {
  assert.deepEqual([ico.readUInt16LE(0), ico.readUInt16LE(2)], [0, 1], 'an icon, not a cursor');
  const found: Pixels[] = [];
  for (let index = 0; index < ico.readUInt16LE(4); index++) {
    const entry = ico.subarray(6 + 16 * index, 22 + 16 * index);
    const size = entry[0] || 256;
    assert.equal(entry[1] || 256, size);
    assert.equal(entry.readUInt16LE(6), 32, 'bits a pixel');
    const bytes = ico.subarray(entry.readUInt32LE(12), entry.readUInt32LE(12) + entry.readUInt32LE(8));
    const pixels = bytes[0] === 0x89 ? await decode(bytes) : readDib(bytes);
    assert.equal(pixels.size, size);
    found.push(pixels);
  }
  return found;
}

function readDib(bytes: Buffer): Pixels {
  const size = bytes.readInt32LE(4);
  assert.deepEqual([bytes.readUInt32LE(0), bytes.readInt32LE(8), bytes.readUInt16LE(14)], [40, 2 * size, 32]);
  const maskRow = 4 * Math.ceil(size / 32);
  assert.equal(bytes.length, 40 + 4 * size * size + maskRow * size);
  const rgba = Buffer.alloc(4 * size * size);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const at = 40 + 4 * ((size - 1 - y) * size + x);
      const [blue, green, red, alpha] = bytes.subarray(at, at + 4);
      rgba.set([red!, green!, blue!, alpha!], 4 * (y * size + x));
      const mask = bytes[40 + 4 * size * size + (size - 1 - y) * maskRow + (x >> 3)]!;
      assert.equal((mask >> (7 - (x & 7))) & 1, alpha === 0 ? 1 : 0, `mask at ${x}, ${y}`);
    }
  }
  return { size, rgba };
}

/** The PNGs of an .icns by their type. */
function readIcns(icns: Buffer): Map<string, Buffer> {
  assert.equal(icns.toString('latin1', 0, 4), 'icns');
  assert.equal(icns.readUInt32BE(4), icns.length);
  const found = new Map<string, Buffer>();
  for (let at = 8; at < icns.length; at += icns.readUInt32BE(at + 4)) {
    found.set(icns.toString('latin1', at, at + 4), icns.subarray(at + 8, at + icns.readUInt32BE(at + 4)));
  }
  return found;
}

async function toPixels(path: string, bytes: Buffer): Promise<Pixels[]> {
  if (path.endsWith('.ico')) return readIco(bytes);
  if (path.endsWith('.icns')) return Promise.all([...readIcns(bytes).values()].map(decode));
  return [await decode(bytes)];
}

test('resources/ holds what is drawn from its .svg files, and no other picture', async () => {
  const drawn = await drawIcons();
  const kept = readdirSync(resources, { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => /\.(png|ico|icns)$/.test(path));
  assert.deepEqual(kept.sort(), [...drawn.keys()].sort());
  for (const [path, bytes] of drawn) {
    const expected = await toPixels(path, bytes);
    const found = await toPixels(path, readFileSync(join(resources, path)));
    assert.deepEqual(
      found.map(({ size }) => size),
      expected.map(({ size }) => size),
      path,
    );
    for (const [index, { size, rgba }] of expected.entries()) {
      const other = found[index]!.rgba;
      const differs = rgba.findIndex((value, at) => Math.abs(value - other[at]!) > TOLERANCE);
      assert.equal(differs, -1, `${path} at ${size} pixels: run node tools/icons.ts`);
    }
  }
});

test('sizes are those that each system asks for', async () => {
  const sizes = async (path: string) =>
    (await toPixels(path, readFileSync(join(resources, path)))).map(({ size }) => size);
  assert.deepEqual(await sizes('icon.png'), [1024]);
  assert.deepEqual(await sizes('icons/512x512.png'), [512]);
  assert.deepEqual(await sizes('icon.ico'), [16, 24, 32, 48, 64, 128, 256]);
  assert.deepEqual(await sizes('tray.ico'), [16, 20, 24, 32]);
  assert.deepEqual([await sizes('trayTemplate.png'), await sizes('trayTemplate@2x.png')], [[16], [32]]);
  const icns = readIcns(readFileSync(join(resources, 'icon.icns')));
  const found = await Promise.all(
    [...icns].map(async ([type, png]) => [type, (await decode(png)).size] as [string, number]),
  );
  assert.deepEqual(Object.fromEntries(found), {
    ic11: 32,
    ic12: 64,
    ic07: 128,
    ic08: 256,
    ic13: 256,
    ic09: 512,
    ic14: 512,
    ic10: 1024,
  });
});

test('a template of the menu bar is black and clear: macOS looks at opacity alone', async () => {
  const { rgba } = await decode(readFileSync(join(resources, 'trayTemplate@2x.png')));
  for (let at = 0; at < rgba.length; at += 4) {
    const [red, green, blue, alpha] = rgba.subarray(at, at + 4);
    assert.ok((Math.max(red!, green!, blue!) * alpha!) / 255 < TOLERANCE, `black at byte ${at}`);
  }
  const opacities = new Set(rgba.filter((_value, index) => index % 4 === 3));
  assert.ok(opacities.has(0) && opacities.has(255));
});

test('sizes that a container cannot say are refused', () => {
  const picture = { size: 300, png: Buffer.alloc(0), rgba: Buffer.alloc(0) };
  assert.throws(() => toIco([picture]), RangeError);
  assert.throws(() => toIcns([picture]), /expected 32, 64, 128, 256, 512, 1024 pixels/);
  assert.ok(!ICNS_SIZES.includes(300));
});
