/** A few hundred small pictures, drawn, encoded and inspected as any image is: what seeded samples look like and measure. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { judge } from '../core/judge/judge.ts';
import { DEFAULT_RULE_SET } from '../core/judge/rule-set.ts';
import { DEFAULT_INSPECTION_LIMITS, type Measurements } from '../shared/inspection.ts';
import { type Drawing, draw, encode } from '../tests/web/draw.ts';
import { createRandom, type Random } from '../tests/web/random.ts';
import { inspectBatch } from '../workers/inspect/inspect.ts';

export interface Look {
  readonly width: number;
  readonly height: number;
  readonly measurements: Measurements;
  /** What the default rules find wrong with it, whatever its size; comma-separated. */
  readonly findings: string;
  readonly thumbnail: Uint8Array;
}

const LONG_SIDE_PX = 256;
/** Shapes of pictures, long side by short side. */
const RATIOS = [1, 4 / 3, 4 / 3, 3 / 2, 3 / 2, 16 / 9, 2, 5 / 4];
/** Large enough for every rule about size. */
const ANY_SIZE = { sizeBytes: 100_000 };

/** Draws `count` pictures; the same ones each time. */
export async function drawLooks(count: number): Promise<Look[]> {
  const folder = mkdtempSync(join(tmpdir(), 'pixcrawler-looks-'));
  try {
    const paths: string[] = [];
    for (let index = 0; index < count; index++) {
      const path = join(folder, `${index}.jpg`);
      writeFileSync(path, (await encode(drawLook(index), 'jpeg', { quality: 80 })).bytes);
      paths.push(path);
    }
    const answers = await inspectBatch({
      requests: paths.map((path) => ({ path })),
      limits: DEFAULT_INSPECTION_LIMITS,
    });
    return answers.map(({ inspection, thumbnail }, index) => {
      const { width, height, measurements } = inspection;
      if (measurements === null || thumbnail === null) throw new Error(`Expected picture ${index} to be decoded.`);
      const { findings } = judge({ ...inspection, ...ANY_SIZE, integrity: 'ok', measurements }, DEFAULT_RULE_SET);
      return { width, height, measurements, thumbnail, findings: findings.map((finding) => finding.code).join(',') };
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Mostly good pictures of a colour of their own; some dark, some light, some flat, some blurred. */
function drawLook(index: number): Drawing {
  const random = createRandom(7_000 + index);
  const ratio = RATIOS[Math.floor(random() * RATIOS.length)] ?? 1;
  const shortSide = Math.round(LONG_SIDE_PX / ratio);
  const [width, height] = random() < 0.35 ? [shortSide, LONG_SIDE_PX] : [LONG_SIDE_PX, shortSide];
  // Smoothed once, so that grain does not fill the thumbnails.
  const drawing = smooth(tint(draw(index, width, height), random), 1);
  const kind = random();
  if (kind < 0.04) return shade(drawing, 0.18, 0);
  if (kind < 0.07) return shade(drawing, 0.1, 228);
  if (kind < 0.09) return shade(drawing, 0.012, 120);
  if (kind < 0.15) return smooth(drawing, 9);
  return shade(drawing, 0.6 + random() * 0.4, random() * 60);
}

/** Mixes a colour in. */
function tint({ width, height, pixels }: Drawing, random: Random): Drawing {
  const colour = [random() * 255, random() * 255, random() * 255];
  const share = random() * 0.6;
  return {
    width,
    height,
    pixels: Buffer.from(pixels.map((value, at) => value * (1 - share) + (colour[at % 3] ?? 0) * share)),
  };
}

function shade({ width, height, pixels }: Drawing, factor: number, offset: number): Drawing {
  return { width, height, pixels: Buffer.from(pixels.map((value) => Math.min(255, value * factor + offset))) };
}

/** A box blur of so many pixels to each side, along rows and then columns. */
function smooth(drawing: Drawing, radius: number): Drawing {
  return boxAlong(boxAlong(drawing, radius, 'rows'), radius, 'columns');
}

function boxAlong({ width, height, pixels }: Drawing, radius: number, along: 'rows' | 'columns'): Drawing {
  const out = Buffer.alloc(pixels.length);
  const [lines, length, step, lineStep] =
    along === 'rows' ? [height, width, 3, width * 3] : [width, height, width * 3, 3];
  for (let line = 0; line < lines; line++) {
    for (let channel = 0; channel < 3; channel++) {
      const first = line * lineStep + channel;
      const at = (place: number) => pixels[first + Math.min(length - 1, Math.max(0, place)) * step] ?? 0;
      let sum = 0;
      for (let place = -radius; place <= radius; place++) sum += at(place);
      for (let place = 0; place < length; place++) {
        out[first + place * step] = sum / (2 * radius + 1);
        sum += at(place + radius + 1) - at(place - radius);
      }
    }
  }
  return { width, height, pixels: out };
}
