import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import fc from 'fast-check';
import sharp, { type Sharp } from 'sharp';
import { DEFAULT_INSPECTION_LIMITS } from '../../shared/inspection.ts';
import { isForeignRgb } from './icc-profile.ts';
import { inspectBatch } from './inspect.ts';

const folder = mkdtempSync(join(tmpdir(), 'pixcrawler-icc-'));
after(() => rmSync(folder, { recursive: true, force: true }));

async function look(bytes: Buffer) {
  const path = join(folder, 'picture');
  writeFileSync(path, bytes);
  const [answer] = await inspectBatch({ requests: [{ path }], limits: DEFAULT_INSPECTION_LIMITS });
  return answer!;
}

/** Strong colours that go over into each other. */
function draw(width = 320, height = 240): Sharp {
  const pixels = Buffer.alloc(width * height * 3);
  for (let y = 0, at = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1, at += 3) {
      pixels[at] = 230 - (170 * x) / width;
      pixels[at + 1] = 40 + (180 * y) / height;
      pixels[at + 2] = 60 + (120 * x * y) / (width * height);
    }
  }
  return sharp(pixels, { raw: { width, height, channels: 3 } });
}

const SRGB = [0.4361, 0.2225, 0.0139, 0.3851, 0.7169, 0.0971, 0.1431, 0.0606, 0.7141];
const ADOBE_RGB = [0.60974, 0.31111, 0.01947, 0.20528, 0.62567, 0.06087, 0.14919, 0.06322, 0.74457];

function fixed(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(Math.round(value * 65536));
  return bytes;
}

function xyz(values: readonly number[]): Buffer {
  return Buffer.concat([Buffer.from('XYZ \0\0\0\0'), ...values.map(fixed)]);
}

/** A profile of primaries and one gamma (ICC.1:2022, 8.3.3), as editors of photographs embed it. */
function profileOf(primaries: readonly number[], gamma: number): Buffer {
  const curve = Buffer.concat([Buffer.from('para\0\0\0\0\0\0\0\0'), fixed(gamma)]);
  return profileWith('mntrRGB XYZ ', [
    ['rXYZ', xyz(primaries.slice(0, 3))],
    ['gXYZ', xyz(primaries.slice(3, 6))],
    ['bXYZ', xyz(primaries.slice(6))],
    ['rTRC', curve],
    ['gTRC', curve],
    ['bTRC', curve],
  ]);
}

/** Inks of which the first darkens and the others colour, as no press has them (lut8Type, ICC.1:2022, 10.11). */
function inkProfile(): Buffer {
  const head = Buffer.alloc(48);
  head.write('mft1', 'latin1');
  head.set([4, 3, 2], 8);
  for (const diagonal of [12, 28, 44]) fixed(1).copy(head, diagonal);
  const straight = Buffer.from(Array.from({ length: 256 }, (_, value) => value));
  const corners = Array.from({ length: 16 }, (_, inks) => [
    (inks & 8) === 0 ? 240 : 60,
    (inks & 4) === 0 ? 128 : 168,
    (inks & 2) === 0 ? 128 : 88,
  ]);
  const table = Buffer.concat([
    head,
    ...Array(4).fill(straight),
    Buffer.from(corners.flat()),
    ...Array(3).fill(straight),
  ]);
  return profileWith('prtrCMYKLab ', [['A2B0', table]]);
}

function profileWith(classAndSpaces: string, own: readonly [string, Buffer][]): Buffer {
  const tags: [string, Buffer][] = [['wtpt', xyz([0.9642, 1, 0.8249])], ...own];
  const table = Buffer.alloc(4 + 12 * tags.length);
  table.writeUInt32BE(tags.length);
  let at = 128 + table.length;
  tags.forEach(([name, body], index) => {
    table.write(name, 4 + 12 * index, 'latin1');
    table.writeUInt32BE(at, 8 + 12 * index);
    table.writeUInt32BE(body.length, 12 + 12 * index);
    at += body.length;
  });
  const header = Buffer.alloc(128);
  header.writeUInt32BE(at);
  header.writeUInt32BE(0x04300000, 8);
  header.write(classAndSpaces, 12, 'latin1');
  header.write('acsp', 36, 'latin1');
  xyz([0.9642, 1, 0.8249]).copy(header, 68, 8);
  return Buffer.concat([header, table, ...tags.map(([, body]) => body)]);
}

/** A JPEG with a profile in as many segments as are asked for, the last one first. */
function withProfile(jpeg: Buffer, profile: Buffer, parts = 1): Buffer {
  const size = Math.ceil(profile.length / parts);
  const segments = Array.from({ length: parts }, (_, part) => {
    const body = profile.subarray(part * size, (part + 1) * size);
    const head = Buffer.from([0xff, 0xe2, 0, 0, ...Buffer.from('ICC_PROFILE\0'), part + 1, parts]);
    head.writeUInt16BE(head.length - 2 + body.length, 2);
    return Buffer.concat([head, body]);
  });
  return Buffer.concat([jpeg.subarray(0, 2), ...segments.reverse(), jpeg.subarray(2)]);
}

/** Mean distance of two pictures of one size, in units of 255 a channel. */
async function apart(left: Sharp, right: Sharp): Promise<number> {
  const [a, b] = await Promise.all([left, right].map((one) => one.removeAlpha().raw().toBuffer()));
  assert.equal(a!.length, b!.length);
  return a!.reduce((sum, value, at) => sum + Math.abs(value - b![at]!), 0) / a!.length;
}

const fit = { width: 256, height: 256, fit: 'inside' } as const;
const adobeRgb = profileOf(ADOBE_RGB, 563 / 256);
const plainJpeg = await draw().jpeg({ quality: 95 }).toBuffer();
const adobeJpeg = withProfile(plainJpeg, adobeRgb);

describe('G2.7 pictures with a profile are shown and measured in sRGB', () => {
  const p3 = (): Sharp => draw().withIccProfile('p3');
  const cases: Readonly<Record<string, () => Promise<Buffer> | Buffer>> = {
    'Display P3 JPEG': () => p3().jpeg({ quality: 95 }).toBuffer(),
    'Display P3 PNG': () => p3().png().toBuffer(),
    'Display P3 WebP': () => p3().webp({ quality: 95 }).toBuffer(),
    'Display P3 AVIF': () => p3().avif({ quality: 90, effort: 1 }).toBuffer(),
    'Display P3 TIFF': () => p3().tiff({ compression: 'lzw' }).toBuffer(),
    'Adobe RGB JPEG': () => adobeJpeg,
    'Adobe RGB JPEG, its profile in parts': () => withProfile(plainJpeg, adobeRgb, 3),
    'CMYK JPEG': async () =>
      withProfile(await draw().toColourspace('cmyk').jpeg({ quality: 95 }).toBuffer(), inkProfile()),
  };
  for (const [name, make] of Object.entries(cases)) {
    test(name, async () => {
      const bytes = await make();
      const { inspection, thumbnail } = await look(bytes);
      assert.equal(inspection.integrity, 'ok', inspection.detail ?? '');
      assert.equal(inspection.hasIccProfile, true);
      const expected = sharp(bytes).resize(fit).toColourspace('srgb');
      const ignoring = sharp(bytes, { ignoreIcc: true }).resize(fit).toColourspace('srgb');
      const distance = await apart(sharp(thumbnail!), expected.clone());
      assert.ok(distance < 3, `${distance} from sRGB`);
      assert.ok((await apart(ignoring, expected.clone())) > 2 * distance + 2, 'the profile makes no difference');
      const { channels } = await sharp(await expected.png().toBuffer()).stats();
      channels.slice(0, 3).forEach(({ mean }, channel) => {
        const measured = (inspection.measurements!.dominantColour >> (16 - 8 * channel)) & 255;
        assert.ok(Math.abs(measured - mean) < 3, `channel ${channel}: ${measured}, not ${mean}`);
      });
    });
  }

  test('16 bits a channel are shown as 8 are', async () => {
    const deep = await look(await draw().toColourspace('rgb16').withIccProfile('p3').png().toBuffer());
    const usual = await look(await p3().png().toBuffer());
    assert.equal(deep.inspection.bitDepth, 16);
    assert.ok((await apart(sharp(deep.thumbnail!), sharp(usual.thumbnail!))) < 2);
  });

  test('a profile that is broken, huge or for something else changes nothing and breaks nothing', async () => {
    const expected = (await look(plainJpeg)).thumbnail;
    const whole = profileOf(ADOBE_RGB, 2.2);
    const cmyk = Buffer.from(whole).fill('CMYK', 16, 20);
    const unknownCurves = Buffer.from(whole.toString('latin1').replaceAll('para', 'what'), 'latin1');
    const broken = [Buffer.from('x'), whole.subarray(0, 200), cmyk, unknownCurves, Buffer.alloc(1_200_000, 7)];
    for (const profile of broken) {
      const { inspection, thumbnail } = await look(withProfile(plainJpeg, profile, Math.ceil(profile.length / 60_000)));
      assert.equal(inspection.integrity, 'ok', inspection.detail ?? '');
      assert.deepEqual(thumbnail, expected);
    }
  });

  test('damage is still seen', async () => {
    const { inspection } = await look(Buffer.from(adobeJpeg).fill(0, Math.floor(adobeJpeg.length * 0.8)));
    assert.equal(inspection.integrity, 'damaged');
  });
});

describe('isForeignRgb', () => {
  test('tells sRGB, however its curve is written, from other primaries and curves', async () => {
    const { icc } = await sharp(await draw().withIccProfile('srgb').png().toBuffer()).metadata();
    assert.equal(isForeignRgb(icc!), false);
    assert.equal(isForeignRgb(profileOf(SRGB, 2.2)), false);
    assert.equal(isForeignRgb(profileOf(SRGB, 1)), true);
    assert.equal(isForeignRgb(profileOf(SRGB, 1.8)), true);
    assert.equal(isForeignRgb(profileOf(ADOBE_RGB, 2.2)), true);
  });

  test('never throws, whatever the bytes', () => {
    const whole = profileOf(ADOBE_RGB, 2.2);
    const changes = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 20 });
    fc.assert(
      fc.property(changes, fc.nat(whole.length), (changed, length) => {
        const bytes = Buffer.from(whole.subarray(0, length));
        for (const [at, value] of changed) if (at < length) bytes[at] = value;
        assert.equal(typeof isForeignRgb(bytes), 'boolean');
      }),
      { numRuns: 2_000 },
    );
  });
});
