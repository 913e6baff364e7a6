/** Damage of seven kinds, as `reference` measurements of other decoders have it: every kind must be seen, nothing sound flagged. */

import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import sharp from 'sharp';
import { DEFAULT_INSPECTION_LIMITS } from '../../shared/inspection.ts';
import { referenceData } from '../../tests/reference-data.ts';
import { inspectBatch } from './inspect.ts';

const folder = mkdtempSync(join(tmpdir(), 'pixcrawler-damage-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** A linear congruential generator: the same damage in every run. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return state / 0x7fffffff;
  };
}

let random = generator(1);

const DAMAGE: Readonly<Record<string, (bytes: Buffer) => Buffer>> = {
  'cut at 50 %': (bytes) => bytes.subarray(0, Math.floor(bytes.length * 0.5)),
  'cut at 90 %': (bytes) => bytes.subarray(0, Math.floor(bytes.length * 0.9)),
  'cut at 99 %': (bytes) => bytes.subarray(0, Math.floor(bytes.length * 0.99)),
  'no end marker': (bytes) => bytes.subarray(0, bytes.length - 2),
  'zeroed tail': (bytes) => Buffer.from(bytes).fill(0, Math.floor(bytes.length * 0.8)),
  'flipped bits': (bytes) => {
    const copy = Buffer.from(bytes);
    for (let i = 0; i < 20; i += 1) {
      const at = Math.floor(bytes.length * (0.3 + 0.6 * random()));
      copy[at]! ^= 1 << Math.floor(random() * 8);
    }
    return copy;
  },
};

/** The share of pictures that are not `ok`; an answer for something that was decoded must carry its measurements. */
async function flaggedShare(pictures: readonly Buffer[]): Promise<number> {
  const requests = pictures.map((bytes, index) => {
    const path = join(folder, `${index}`);
    writeFileSync(path, bytes);
    return { path };
  });
  const answers = await inspectBatch({ requests, limits: DEFAULT_INSPECTION_LIMITS });
  for (const { inspection, thumbnail } of answers) {
    const decoded = inspection.integrity === 'ok' || inspection.integrity === 'damaged';
    assert.equal(inspection.measurements !== null, decoded);
    assert.equal(thumbnail !== null, decoded);
    assert.equal(inspection.detail === null, inspection.integrity === 'ok');
  }
  return answers.filter(({ inspection }) => inspection.integrity !== 'ok').length / answers.length;
}

async function checkSevenWays(pictures: readonly Buffer[]): Promise<void> {
  // Bytes behind the end are common (thumbnails of cameras, appended metadata) and no damage.
  const trailing = pictures.map((bytes) => Buffer.concat([bytes, Buffer.from('appended by somebody')]));
  assert.equal(await flaggedShare(pictures), 0, 'a sound picture was flagged');
  assert.equal(await flaggedShare(trailing), 0, 'trailing bytes were taken for damage');
  random = generator(1);
  for (const [name, damage] of Object.entries(DAMAGE)) {
    const share = await flaggedShare(pictures.map(damage));
    const least = name === 'flipped bits' ? 0.85 : 1;
    assert.ok(share >= least, `${name}: ${share.toFixed(3)} flagged, ${least} expected`);
  }
}

/** A picture with detail everywhere, as photographs have. */
async function drawJpeg(seed: number): Promise<Buffer> {
  const next = generator(seed + 1);
  const [width, height] = [200 + Math.floor(next() * 300), 150 + Math.floor(next() * 250)];
  const channels = seed % 10 === 9 ? 1 : 3;
  const pixels = Buffer.alloc(width * height * channels);
  const sine = Array.from({ length: 256 }, (_, i) => Math.sin((i * Math.PI) / 128));
  const waves = Array.from({ length: 3 }, () => [next() * 9, next() * 9, next() * 256, 20 + next() * 30] as const);
  for (let y = 0, at = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      for (let c = 0; c < channels; c += 1, at += 1) {
        let value = 128 + (next() - 0.5) * 40;
        for (const [u, v, phase, amplitude] of waves)
          value += amplitude * sine[(u * x + v * y + phase + 40 * c) & 255]!;
        pixels[at] = Math.max(0, Math.min(255, value));
      }
    }
  }
  return sharp(pixels, { raw: { width, height, channels } })
    .jpeg({ quality: 60 + (seed % 4) * 10, chromaSubsampling: seed % 2 === 0 ? '4:4:4' : '4:2:0' })
    .toBuffer();
}

test('damage of seven kinds in drawn pictures', async () => {
  await checkSevenWays(await Promise.all(Array.from({ length: 30 }, (_, seed) => drawJpeg(seed))));
});

test('a large JPEG is verified as strictly as a small one', async () => {
  // 17 megapixels, more than is held at once; sharp misses most zeroed tails of pictures much smaller than that.
  const large = await sharp(await drawJpeg(3))
    .resize(4600, 3700, { fit: 'fill' })
    .jpeg({ quality: 80 })
    .toBuffer();
  assert.equal(await flaggedShare([large]), 0);
  assert.equal(await flaggedShare([DAMAGE['zeroed tail']!(large), DAMAGE['no end marker']!(large)]), 1);
});

const references = referenceData('images');

/** All of them in the long run of the reliability tests, else a quarter. */
const everyOne = process.env.RELIABILITY === 'full';

test('damage of seven kinds in reference pictures', { skip: references.skip }, async () => {
  const names = readdirSync(references.path).filter((name) => /\.jpe?g$/i.test(name));
  const looked = names.filter((_name, index) => everyOne || index % 4 === 0);
  assert.ok(looked.length > 0, `${references.path} holds no JPEG`);
  await checkSevenWays(looked.map((name) => readFileSync(join(references.path, name))));
});
