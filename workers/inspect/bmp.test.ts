import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeBmp, readBmpHeader } from './bmp.ts';

interface Parts {
  readonly width: number;
  readonly height: number;
  readonly bits: number;
  readonly method?: number;
  readonly palette?: readonly number[];
  readonly masks?: readonly number[];
  readonly headerBytes?: number;
  readonly pixels: readonly number[];
}

function bitmap({
  width,
  height,
  bits,
  method = 0,
  palette = [],
  masks = [],
  headerBytes = 40,
  pixels,
}: Parts): Buffer {
  const header = Buffer.alloc(14 + headerBytes);
  header.write('BM');
  header.writeUInt32LE(headerBytes, 14);
  if (headerBytes === 12) {
    header.writeUInt16LE(width, 18);
    header.writeUInt16LE(height, 20);
    header.writeUInt16LE(bits, 24);
  } else {
    header.writeInt32LE(width, 18);
    header.writeInt32LE(height, 22);
    header.writeUInt16LE(bits, 28);
    header.writeUInt32LE(method, 30);
    header.writeUInt32LE(palette.length / 4, 46);
  }
  const extra = Buffer.alloc(masks.length * 4);
  masks.forEach((mask, i) => {
    if (headerBytes > 40) header.writeUInt32LE(mask >>> 0, 54 + 4 * i);
    else extra.writeUInt32LE(mask >>> 0, 4 * i);
  });
  const behind = headerBytes > 40 ? Buffer.alloc(0) : extra;
  header.writeUInt32LE(header.length + behind.length + palette.length, 10);
  return Buffer.concat([header, behind, Buffer.from(palette), Buffer.from(pixels)]);
}

function decode(bytes: Buffer): { pixels: number[]; missing: string | null } {
  const facts = readBmpHeader(bytes)!;
  const target = new Uint8Array(facts.width * facts.height * facts.channels);
  const missing = decodeBmp(bytes, facts, target);
  return { pixels: [...target], missing };
}

const RED = [255, 0, 0];
const GREEN = [0, 255, 0];
const BLUE = [0, 0, 255];
const BLACK = [0, 0, 0];
const PALETTE = [0, 0, 0, 0, 0, 0, 255, 0, 0, 255, 0, 0, 255, 0, 0, 0]; // black, red, green, blue

test('every depth is read, bottom row first or top row first', () => {
  const two = { width: 2, height: 2 };
  const expected = [...RED, ...GREEN, ...BLUE, ...BLACK];
  const cases: Record<string, Buffer> = {
    '24 bits': bitmap({ ...two, bits: 24, pixels: [255, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 0, 255, 0, 0, 0] }),
    'top-down': bitmap({
      ...two,
      height: -2,
      bits: 24,
      pixels: [0, 0, 255, 0, 255, 0, 0, 0, 255, 0, 0, 0, 0, 0, 0, 0],
    }),
    '8 bits': bitmap({ ...two, bits: 8, palette: PALETTE, pixels: [3, 0, 0, 0, 1, 2, 0, 0] }),
    '4 bits': bitmap({ ...two, bits: 4, palette: PALETTE, pixels: [0x30, 0, 0, 0, 0x12, 0, 0, 0] }),
    '2 bits': bitmap({ ...two, bits: 2, palette: PALETTE, pixels: [0xc0, 0, 0, 0, 0x60, 0, 0, 0] }),
    '16 bits': bitmap({ ...two, bits: 16, pixels: [0x1f, 0, 0, 0, 0, 0x7c, 0xe0, 0x03] }),
    '16 bits 565': bitmap({
      ...two,
      bits: 16,
      method: 3,
      masks: [0xf800, 0x07e0, 0x001f],
      pixels: [0x1f, 0, 0, 0, 0, 0xf8, 0xe0, 0x07],
    }),
    '32 bits': bitmap({ ...two, bits: 32, pixels: [255, 0, 0, 9, 0, 0, 0, 9, 0, 0, 255, 9, 0, 255, 0, 9] }),
    'OS/2': bitmap({
      ...two,
      headerBytes: 12,
      bits: 24,
      pixels: [255, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 0, 255, 0, 0, 0],
    }),
  };
  for (const [name, bytes] of Object.entries(cases)) {
    assert.deepEqual(decode(bytes), { pixels: expected, missing: null }, name);
  }
  const oneBit = bitmap({ width: 2, height: 1, bits: 1, palette: PALETTE.slice(0, 8), pixels: [0x40, 0, 0, 0] });
  assert.deepEqual(decode(oneBit).pixels, [...BLACK, ...RED]);
});

test('alpha counts only where the header has a mask for it', () => {
  const pixels = [1, 2, 3, 64];
  const masks = [0xff0000, 0xff00, 0xff, 0xff000000];
  const withAlpha = bitmap({ width: 1, height: 1, bits: 32, method: 3, headerBytes: 108, masks, pixels });
  assert.deepEqual(decode(withAlpha).pixels, [3, 2, 1, 64]);
  assert.equal(readBmpHeader(withAlpha)!.hasAlpha, true);
  assert.deepEqual(decode(bitmap({ width: 1, height: 1, bits: 32, pixels })).pixels, [3, 2, 1]);
});

test('run lengths: runs, literals, jumps, ends', () => {
  const rle8 = { width: 4, height: 2, bits: 8, method: 1, palette: PALETTE };
  const full = bitmap({ ...rle8, pixels: [4, 3, 0, 0, 0, 4, 1, 2, 1, 2, 0, 1] });
  assert.deepEqual(decode(full), {
    pixels: [...RED, ...GREEN, ...RED, ...GREEN, ...BLUE, ...BLUE, ...BLUE, ...BLUE],
    missing: null,
  });
  const jump = bitmap({ ...rle8, pixels: [0, 2, 2, 1, 2, 1, 0, 1] });
  assert.deepEqual(decode(jump).pixels.slice(0, 12), [...BLACK, ...BLACK, ...RED, ...RED]);
  const rle4 = bitmap({ ...rle8, bits: 4, method: 2, height: 1, pixels: [3, 0x12, 0, 3, 0x30, 0, 0, 1] });
  assert.deepEqual(decode(rle4).pixels, [...RED, ...GREEN, ...RED, ...BLUE]);
  assert.match(decode(bitmap({ ...rle8, pixels: [4, 3] })).missing!, /rows early/);
});

test('a cut file says how much is missing and keeps the rest', () => {
  const whole = bitmap({ width: 2, height: 2, bits: 24, pixels: [1, 1, 1, 1, 1, 1, 0, 0, 2, 2, 2, 2, 2, 2, 0, 0] });
  const { pixels, missing } = decode(whole.subarray(0, -5));
  assert.match(missing!, /1 rows early/);
  assert.deepEqual(pixels, [0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1]);
});

test('a header that claims fewer bytes than it must have is refused', () => {
  const whole = bitmap({ width: 2, height: 2, bits: 24, pixels: [1, 1, 1, 1, 1, 1, 0, 0, 2, 2, 2, 2, 2, 2, 0, 0] });
  for (const claimed of [0, 1, 11, 13, 15]) {
    const bytes = Buffer.from(whole.subarray(0, 28));
    bytes.writeUInt32LE(claimed, 14);
    assert.equal(readBmpHeader(bytes), null);
  }
});

test('any header either decodes within its memory or is refused', () => {
  const seed = bitmap({
    width: 4,
    height: 2,
    bits: 8,
    method: 1,
    palette: PALETTE,
    pixels: [4, 3, 0, 0, 0, 4, 1, 2, 1, 2, 0, 1],
  });
  const edits = fc.array(fc.tuple(fc.nat(seed.length - 1), fc.integer({ min: 0, max: 255 })), { maxLength: 8 });
  fc.assert(
    fc.property(edits, fc.nat(seed.length), (changes, length) => {
      const bytes = Buffer.from(seed.subarray(0, length));
      for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
      const facts = readBmpHeader(bytes);
      if (facts === null || facts.width * facts.height > 1e6) return;
      try {
        decodeBmp(bytes, facts, new Uint8Array(facts.width * facts.height * facts.channels));
      } catch (error) {
        assert.match((error as Error).message, /not supported|ends before its pixels/);
      }
    }),
    { numRuns: 2000 },
  );
});
