/** The seven ways in which a sound JPEG is damaged, to see what the inspection notices. The first leaves it sound. */

import { createRandom } from '../../tests/web/random.ts';

const FLIPS = 20;

type Damage = (jpeg: Buffer, seed: number) => Buffer;

function cutAt(share: number): Damage {
  return (jpeg) => jpeg.subarray(0, Math.floor(jpeg.length * share));
}

/** Where the entropy-coded data begins: behind the start-of-scan segment. */
function scanStart(jpeg: Buffer): number {
  for (let at = 2; at + 4 <= jpeg.length; ) {
    if (jpeg[at] !== 0xff) throw new Error('Expected a JPEG marker.');
    const length = jpeg.readUInt16BE(at + 2);
    if (jpeg[at + 1] === 0xda) return at + 2 + length;
    at += 2 + length;
  }
  throw new Error('Expected a start of scan.');
}

export const DAMAGES: Readonly<Record<string, Damage>> = {
  sound: (jpeg) => jpeg,
  'cut at 50 %': cutAt(0.5),
  'cut at 90 %': cutAt(0.9),
  'cut at 99 %': cutAt(0.99),
  'no end marker': (jpeg) => jpeg.subarray(0, jpeg.length - 2),
  'last fifth zeroed': (jpeg) => Buffer.from(jpeg).fill(0, Math.floor(jpeg.length * 0.8)),
  'bits flipped': (jpeg, seed) => {
    const damaged = Buffer.from(jpeg);
    const random = createRandom(seed + 1);
    const start = scanStart(jpeg);
    for (let flip = 0; flip < FLIPS; flip++) {
      const at = start + Math.floor(random() * (jpeg.length - 2 - start));
      damaged[at]! ^= 1 << Math.floor(random() * 8);
    }
    return damaged;
  },
};
