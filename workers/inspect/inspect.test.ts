import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { crc32, deflateSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import sharp, { type Sharp } from 'sharp';
import {
  DEFAULT_INSPECTION_LIMITS,
  type Inspection,
  type InspectionLimits,
  type Measurements,
} from '../../shared/inspection.ts';
import { createInspector, inspectBatch } from './inspect.ts';

const folder = mkdtempSync(join(tmpdir(), 'pixcrawler-inspect-'));
after(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;

function save(bytes: Uint8Array, name = `${files}.bin`): string {
  files += 1;
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

async function look(
  bytes: Uint8Array,
  limits: Partial<InspectionLimits> = {},
): Promise<Inspection & { thumbnail: Uint8Array | null }> {
  const requests = [{ path: save(bytes) }];
  const [answer] = await inspectBatch({ requests, limits: { ...DEFAULT_INSPECTION_LIMITS, ...limits } });
  return { ...answer!.inspection, thumbnail: answer!.thumbnail };
}

/** A picture without symmetry and with something to see at every scale of a hash. */
function draw(width = 320, height = 240, channels: 3 | 4 = 3): Sharp {
  const pixels = Buffer.alloc(width * height * channels, 255);
  for (let y = 0, at = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1, at += channels) {
      const [u, v] = [x / width, y / height];
      let value = u < 0.25 && v < 0.3 ? 60 : 0;
      for (let k = 1; k <= 9; k += 1) {
        value += (150 / (k + 2)) * Math.cos(((k * 7) % 5) * 3.1 * u + ((k * 3) % 7) * 2.9 * v + k * k);
      }
      pixels[at] = Math.max(0, Math.min(255, 120 + value));
      pixels[at + 1] = Math.max(0, Math.min(255, 110 + value * 0.8));
      pixels[at + 2] = Math.max(0, Math.min(255, 90 + 60 * u - value * 0.2));
    }
  }
  return sharp(pixels, { raw: { width, height, channels } });
}

function bitsApart(a: Measurements, b: Measurements): number {
  const count = (x: number): number => x.toString(2).replaceAll('0', '').length;
  return count((a.pHashHigh ^ b.pHashHigh) >>> 0) + count((a.pHashLow ^ b.pHashLow) >>> 0);
}

const plain = await draw().png().toBuffer();
const plainMeasurements = (await look(plain)).measurements!;

test('every format is told by its bytes, measured alike and given a thumbnail', async () => {
  const pictures = {
    jpeg: await draw().jpeg({ quality: 92 }).toBuffer(),
    png: plain,
    webp: await draw().webp({ quality: 92 }).toBuffer(),
    gif: await draw().gif().toBuffer(),
    tiff: await draw().tiff({ compression: 'lzw' }).toBuffer(),
    avif: await draw().avif({ quality: 80, effort: 2 }).toBuffer(),
    bmp: bitmap(24),
  };
  for (const [format, bytes] of Object.entries(pictures)) {
    const seen = await look(bytes);
    assert.equal(seen.integrity, 'ok', `${format}: ${seen.detail}`);
    assert.equal(seen.format, format);
    assert.equal(seen.sizeBytes, bytes.length);
    assert.deepEqual([seen.width, seen.height, seen.frames, seen.orientation], [320, 240, 1, 1]);
    assert.equal(seen.bitDepth, 8);
    const thumbnail = await sharp(seen.thumbnail!).metadata();
    assert.deepEqual([thumbnail.format, thumbnail.width, thumbnail.height], ['jpeg', 256, 192]);
    if (format === 'bmp') continue;
    assert.ok(bitsApart(seen.measurements!, plainMeasurements) <= 4, format);
    assert.ok(Math.abs(seen.measurements!.brightness - plainMeasurements.brightness) < 3, format);
  }
});

test('progressive, grey, CMYK, 16-bit, palette and interlaced pictures are read', async () => {
  const cases: [string, Buffer, Partial<Inspection>][] = [
    ['progressive', await draw().jpeg({ progressive: true }).toBuffer(), { channels: 3, colourSpace: 'srgb' }],
    ['grey JPEG', await draw().toColourspace('b-w').jpeg().toBuffer(), { channels: 1, colourSpace: 'b-w' }],
    ['CMYK', await draw().toColourspace('cmyk').jpeg({ quality: 95 }).toBuffer(), { channels: 4, colourSpace: 'cmyk' }],
    ['4:4:4', await draw().jpeg({ chromaSubsampling: '4:4:4' }).toBuffer(), { channels: 3 }],
    [
      '16 bit',
      await draw().toColourspace('rgb16').png().toBuffer(),
      { bitDepth: 16, colourSpace: 'rgb16', channels: 3 },
    ],
    ['grey PNG', await draw().toColourspace('b-w').png().toBuffer(), { channels: 1, colourSpace: 'b-w' }],
    ['palette', await draw().png({ palette: true }).toBuffer(), { channels: 3 }],
    ['interlaced', await draw().png({ progressive: true }).toBuffer(), {}],
    ['lossless WebP', await draw().webp({ lossless: true }).toBuffer(), { channels: 3 }],
    ['tiled TIFF', await draw().tiff({ tile: true, compression: 'deflate' }).toBuffer(), { bitDepth: 8 }],
  ];
  for (const [name, bytes, expected] of cases) {
    const seen = await look(bytes);
    assert.equal(seen.integrity, 'ok', `${name}: ${seen.detail}`);
    assert.deepEqual([seen.width, seen.height], [320, 240], name);
    for (const [key, value] of Object.entries(expected))
      assert.equal(seen[key as keyof Inspection], value, `${name} ${key}`);
    assert.ok(bitsApart(seen.measurements!, plainMeasurements) <= 8, name);
  }
});

test('alpha is measured and shown over mid-grey', async () => {
  const clear = sharp({ create: { width: 80, height: 50, channels: 4, background: { r: 255, g: 0, b: 0, alpha: 0 } } });
  for (const bytes of [
    await clear.clone().png().toBuffer(),
    await clear.clone().webp({ lossless: true, exact: true }).toBuffer(),
  ]) {
    const seen = await look(bytes);
    assert.ok(seen.hasAlpha);
    assert.equal(seen.channels, 4);
    assert.equal(seen.measurements!.dominantColour, 0x808080);
    const { dominant } = await sharp(seen.thumbnail!).stats();
    assert.ok(Math.abs(dominant.r - 128) < 10 && Math.abs(dominant.g - 128) < 10);
  }
  assert.equal((await look(await draw(60, 40, 4).png().toBuffer())).hasAlpha, true);
});

test('all eight orientations come out upright', async () => {
  const stored = await draw(300, 200).jpeg({ quality: 95 }).toBuffer();
  for (let orientation = 1; orientation <= 8; orientation += 1) {
    const turned = await sharp(stored).withMetadata({ orientation }).jpeg({ quality: 95 }).toBuffer();
    const upright = await look(await sharp(turned).autoOrient().png().toBuffer());
    for (const format of ['jpeg', 'png', 'webp', 'tiff'] as const) {
      const seen = await look(await sharp(turned).keepMetadata().toFormat(format, { quality: 95 }).toBuffer());
      const name = `${format} ${orientation}`;
      assert.equal(seen.orientation, orientation, name);
      assert.deepEqual([seen.width, seen.height], orientation < 5 ? [300, 200] : [200, 300], name);
      assert.ok(bitsApart(seen.measurements!, upright.measurements!) <= 6, name);
      const { width, height } = await sharp(seen.thumbnail!).metadata();
      assert.deepEqual([width, height], orientation < 5 ? [256, 171] : [171, 256], name);
    }
  }
});

test('animations are counted and their first frame is measured', async () => {
  const frames = await Promise.all(['#202020', '#ffffff', '#0000ff'].map((background) => flat(64, 48, background)));
  for (const format of ['gif', 'webp'] as const) {
    const bytes = await sharp(frames, { join: { animated: true } })
      .toFormat(format, { loop: 0 })
      .toBuffer();
    const seen = await look(bytes);
    assert.equal(seen.integrity, 'ok', seen.detail ?? '');
    assert.equal(seen.frames, 3);
    assert.deepEqual([seen.width, seen.height], [64, 48]);
    assert.ok(Math.abs(seen.measurements!.brightness - 32) < 4);
    const refused = await look(bytes, { maxFrames: 2 });
    assert.deepEqual([refused.integrity, refused.reason], ['refused', 'too-many-frames']);
  }
});

test('the fallback decoder agrees with the fast one', async () => {
  const slow = await createInspector({ jpegTurbo: false });
  for (const size of [200, 700, 2400]) {
    const path = save(
      await draw(size, Math.round(size * 0.7))
        .jpeg({ quality: 90 })
        .toBuffer(),
    );
    const one = await slow.inspect({ path }, DEFAULT_INSPECTION_LIMITS);
    const [other] = await inspectBatch({ requests: [{ path }], limits: DEFAULT_INSPECTION_LIMITS });
    assert.deepEqual({ ...one.inspection, measurements: null }, { ...other!.inspection, measurements: null });
    assert.ok(bitsApart(one.inspection.measurements!, other!.inspection.measurements!) <= 4);
    assert.ok(Math.abs(one.inspection.measurements!.brightness - other!.inspection.measurements!.brightness) < 2);
    assert.equal((await sharp(one.thumbnail!).metadata()).width, Math.min(256, size));
  }
  const cut = readFileSync(join(folder, `${files - 1}.bin`)).subarray(0, 4000);
  assert.equal((await slow.inspect({ path: save(cut) }, DEFAULT_INSPECTION_LIMITS)).inspection.integrity, 'damaged');
});

test('a name that lies changes nothing', async () => {
  const path = save(await draw().jpeg().toBuffer(), 'picture.svg.png');
  const [answer] = await inspectBatch({ requests: [{ path }], limits: DEFAULT_INSPECTION_LIMITS });
  assert.deepEqual([answer!.inspection.format, answer!.inspection.integrity], ['jpeg', 'ok']);
});

test('files that cannot be read are answers', async () => {
  mkdirSync(join(folder, 'a-folder'));
  const requests = [
    join(folder, 'missing'),
    join(folder, 'a-folder'),
    save(Buffer.alloc(0)),
    save(plain),
    save(Buffer.from('GIF')),
  ];
  const begun: number[] = [];
  const answers = await inspectBatch(
    {
      requests: requests.map((path) => ({ path })),
      limits: { ...DEFAULT_INSPECTION_LIMITS, maxFileBytes: plain.length - 1 },
    },
    (index) => begun.push(index),
  );
  assert.deepEqual(begun, [0, 1, 2, 3, 4]);
  assert.deepEqual(
    answers.map(({ inspection }) => inspection.reason),
    ['file-missing', 'file-unreadable', 'empty-file', 'too-large', 'not-an-image'],
  );
  assert.equal(answers[3]!.inspection.sizeBytes, plain.length);
  assert.equal(answers[3]!.inspection.integrity, 'refused');
  assert.ok(answers.every(({ thumbnail, sha256 }) => thumbnail === null && sha256 === undefined));
});

test('a copy is hashed and holds exactly the bytes that were read', async () => {
  const copyTo = join(folder, 'copy-of-plain');
  const [answer] = await inspectBatch({ requests: [{ path: save(plain), copyTo }], limits: DEFAULT_INSPECTION_LIMITS });
  assert.equal(answer!.sha256, createHash('sha256').update(plain).digest('hex'));
  assert.deepEqual(readFileSync(copyTo), plain);
  const again = inspectBatch({ requests: [{ path: save(plain), copyTo }], limits: DEFAULT_INSPECTION_LIMITS });
  await assert.rejects(again, { code: 'EEXIST' });
  assert.deepEqual(readFileSync(copyTo), plain);
  const broken = join(folder, 'copy-of-broken');
  const [bad] = await inspectBatch({
    requests: [{ path: save(Buffer.from('text')), copyTo: broken }],
    limits: DEFAULT_INSPECTION_LIMITS,
  });
  assert.equal(bad!.inspection.reason, 'not-an-image');
  assert.ok(bad!.sha256 !== undefined && existsSync(broken), 'a file of any kind is copied');
});

test('batches on one thread do not disturb each other', async () => {
  const pictures = await Promise.all([
    flat(400, 300, '#102030'),
    flat(300, 400, '#e0d0c0'),
    draw(500, 500).jpeg().toBuffer(),
  ]);
  const requests = pictures.map((bytes) => ({ path: save(bytes) }));
  const alone = await inspectBatch({ requests, limits: DEFAULT_INSPECTION_LIMITS });
  const together = await Promise.all(
    Array.from({ length: 6 }, () => inspectBatch({ requests, limits: DEFAULT_INSPECTION_LIMITS })),
  );
  for (const answers of together) assert.deepEqual(answers, alone);
});

test('drawings and foreign formats are refused by name', async () => {
  const svg = '<?xml version="1.0"?><!-- x --><svg xmlns="http://www.w3.org/2000/svg"/>';
  for (const bytes of [Buffer.from(svg), gzipSync(svg), Buffer.from(`\ufeff${svg}`, 'utf16le')]) {
    const seen = await look(bytes);
    assert.deepEqual([seen.format, seen.integrity, seen.reason], ['svg', 'refused', 'svg-refused']);
  }
  const icon = await look(Buffer.from('00000100010010100000010020006804000016000000', 'hex'));
  assert.deepEqual([icon.integrity, icon.reason, icon.detail], ['refused', 'unsupported-format', 'Windows icon']);
});

test('headers that promise more than may be decoded are refused unopened', async () => {
  const started = performance.now();
  for (const [width, height, colourType, bitDepth] of [
    [786_464, 32, 6, 16],
    [50_000, 50_000, 2, 8],
    [1, 400_000_000, 0, 8],
    [12_000, 12_000, 0, 8],
    [2 ** 31 - 1, 2 ** 31 - 1, 6, 16],
  ] as const) {
    const seen = await look(pngHeader(width, height, colourType, bitDepth));
    assert.deepEqual([seen.integrity, seen.reason], ['refused', 'over-budget'], `${width} x ${height}`);
    assert.deepEqual([seen.width, seen.height], [width, height]);
  }
  assert.ok(performance.now() - started < 2000);
  const small = await look(plain, { maxDecodedBytes: 320 * 240 * 3 - 1 });
  assert.equal(small.reason, 'over-budget');
  assert.equal((await look(plain, { maxDecodedBytes: 320 * 240 * 3 })).integrity, 'ok');
});

test('a progressive JPEG of endless scans is refused', async () => {
  const jpeg = await draw(2000, 1500).jpeg({ progressive: true, quality: 40 }).toBuffer();
  const start = jpeg.lastIndexOf(Buffer.from([0xff, 0xda]));
  const scan = jpeg.subarray(start, jpeg.length - 2);
  const bomb = Buffer.concat([
    jpeg.subarray(0, start),
    ...Array.from({ length: 900 }, () => scan),
    Buffer.from([0xff, 0xd9]),
  ]);
  assert.equal((await look(bomb)).reason, 'over-budget');
});

test('damaged pictures keep what can be decoded', async () => {
  const jpeg = await draw(600, 400).jpeg().toBuffer();
  for (const [name, bytes] of Object.entries({
    jpeg: jpeg.subarray(0, jpeg.length * 0.7),
    png: (await draw(600, 400).png().toBuffer()).subarray(0, -400),
    webp: (await draw(600, 400).webp().toBuffer()).subarray(0, -400),
    gif: (await draw(600, 400).gif().toBuffer()).subarray(0, -400),
    bmp: bitmap(24).subarray(0, -3000),
    'without IEND': plain.subarray(0, -12),
  })) {
    const seen = await look(bytes);
    assert.equal(seen.integrity, 'damaged', `${name}: ${seen.detail}`);
    assert.equal(seen.reason, null);
    assert.ok(seen.detail !== null && seen.detail.length <= 200);
    assert.ok(seen.measurements !== null && seen.thumbnail !== null && seen.width > 0);
  }
});

test('only the loaders that are needed can be reached', async () => {
  await look(plain);
  const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>');
  await assert.rejects(sharp(svg).metadata(), /unsupported image format/);
  await assert.rejects(sharp(save(plain)).metadata(), /unsupported image format/);
});

test('damaged headers and bodies of every format never throw and always get a verdict', async () => {
  const seeds = [
    plain,
    bitmap(4),
    await draw(90, 60).jpeg().toBuffer(),
    await draw(90, 60).jpeg({ progressive: true }).toBuffer(),
    await draw(90, 60).webp().toBuffer(),
    await draw(90, 60).gif().toBuffer(),
    await draw(90, 60).tiff().toBuffer(),
    await draw(90, 60).avif({ effort: 0 }).toBuffer(),
    await sharp([await flat(30, 20, '#f00'), await flat(30, 20, '#0f0')], { join: { animated: true } })
      .gif()
      .toBuffer(),
    await draw(90, 60)
      .withExif({ IFD0: { Make: 'Maker', Copyright: 'c' } })
      .jpeg()
      .toBuffer(),
  ];
  const limits = { ...DEFAULT_INSPECTION_LIMITS, maxDecodedBytes: 64 * 1024 * 1024 };
  const edits = fc.array(fc.tuple(fc.integer({ min: 0, max: 400 }), fc.integer({ min: 0, max: 255 })), {
    maxLength: 8,
  });
  await fc.assert(
    fc.asyncProperty(
      fc.nat(seeds.length - 1),
      edits,
      fc.double({ min: 0, max: 1, noNaN: true }),
      async (seed, changes, keep) => {
        const bytes = Buffer.from(
          seeds[seed]!.subarray(0, Math.ceil(seeds[seed]!.length * (keep > 0.5 ? 1 : keep * 2))),
        );
        for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
        const { thumbnail, ...seen } = await look(bytes, limits);
        const decoded = seen.integrity === 'ok' || seen.integrity === 'damaged';
        assert.equal(decoded, seen.reason === null);
        assert.equal(decoded, seen.measurements !== null);
        assert.equal(decoded, thumbnail !== null);
        for (const value of Object.values(seen.measurements ?? {})) assert.ok(Number.isFinite(value) && value >= 0);
      },
    ),
    { numRuns: 400 },
  );
});

/** A flat picture as PNG. */
function flat(width: number, height: number, background: string): Promise<Buffer> {
  return sharp({ create: { width, height, channels: 3, background } })
    .png()
    .toBuffer();
}

/** A PNG of a header and one empty IDAT chunk. */
function pngHeader(width: number, height: number, colourType: number, bitDepth: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = bitDepth;
  header[9] = colourType;
  const chunk = (type: string, body: Buffer): Buffer => {
    const named = Buffer.concat([Buffer.from(type), body]);
    const out = Buffer.alloc(named.length + 8);
    out.writeUInt32BE(body.length, 0);
    named.copy(out, 4);
    out.writeUInt32BE(crc32(named), named.length + 4);
    return out;
  };
  const signature = Buffer.from('89504e470d0a1a0a', 'hex');
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.alloc(100))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** A 320 x 240 bitmap of stripes. */
function bitmap(bitsPerPixel: 4 | 24): Buffer {
  const palette = bitsPerPixel === 4 ? 64 : 0;
  const stride = (320 * bitsPerPixel) / 8;
  const bytes = Buffer.alloc(54 + palette + stride * 240, 0x37);
  bytes.write('BM', 0);
  bytes.writeUInt32LE(bytes.length, 2);
  bytes.writeUInt32LE(54 + palette, 10);
  bytes.writeUInt32LE(40, 14);
  bytes.writeInt32LE(320, 18);
  bytes.writeInt32LE(240, 22);
  bytes.writeUInt16LE(1, 26);
  bytes.writeUInt16LE(bitsPerPixel, 28);
  bytes.fill(0, 30, 54);
  return bytes;
}
