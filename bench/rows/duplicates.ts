/** All pairs of near hashes against the same algorithm in C. */

import { writeFileSync } from 'node:fs';
import { createRandom } from '../../tests/web/random.ts';
import type { BenchContext } from '../harness/context.ts';
import { startHost } from '../harness/host.ts';
import { compileLimit, runProgram } from '../harness/programs.ts';
import { compare } from '../harness/rounds.ts';
import type { DuplicatesHost } from '../hosts/duplicates-host.ts';
import { comparisonLine, type Line, type Row } from './row.ts';

const MAX_DISTANCE = 8;
const COUNTS = [100_000, 1_000_000];
/** One in ten is a copy of another with up to eight bits flipped. */
const COPIED_SHARE = 0.1;
/** How often a row of bits of a dHash repeats the row above: neighbouring rows of a picture look alike. */
const REPEATED_SHARE = 0.72;

type Random = () => number;

function uniform(random: Random): [number, number] {
  return [Math.floor(random() * 2 ** 32), Math.floor(random() * 2 ** 32)];
}

function likeDHashes(random: Random): [number, number] {
  const bytes = [Math.floor(random() * 256)];
  while (bytes.length < 8) {
    let row = bytes.at(-1)!;
    for (let bit = 0; bit < 8; bit++)
      if (random() > REPEATED_SHARE) row = (row & ~(1 << bit)) | (random() < 0.5 ? 1 << bit : 0);
    bytes.push(row);
  }
  const word = (at: number): number =>
    ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
  return [word(0), word(4)];
}

/** High and low halves, one after the other. */
function makeHashes(count: number, next: (random: Random) => [number, number]): Uint32Array {
  const random = createRandom(count);
  const words = new Uint32Array(count * 2);
  const originals = Math.round(count * (1 - COPIED_SHARE));
  for (let item = 0; item < count; item++) {
    if (item < originals) {
      words.set(next(random), item * 2);
      continue;
    }
    const of = Math.floor(random() * originals);
    words.set(words.subarray(of * 2, of * 2 + 2), item * 2);
    for (let flips = Math.floor(random() * (MAX_DISTANCE + 1)); flips > 0; flips--) {
      const bit = Math.floor(random() * 64);
      words[item * 2 + (bit >> 5)]! ^= 1 << (bit & 31);
    }
  }
  return words;
}

async function measureDuplicates(context: BenchContext): Promise<Line[]> {
  const program = compileLimit('join', context.folder);
  const lines: Line[] = [];
  for (const count of COUNTS) {
    for (const [kind, next] of [
      ['uniform', uniform],
      ['dHash-like', likeDHashes],
    ] as const) {
      const path = context.freshPath('hashes');
      writeFileSync(path, makeHashes(count, next));
      const host = startHost<DuplicatesHost>(new URL('../hosts/duplicates-host.ts', import.meta.url));
      let found = 0;
      let expected = 0;
      const agree = (): void => {
        if (found !== 0 && expected !== 0 && found !== expected) {
          throw new Error(`Of ${count} ${kind} hashes ${found} pairs were found, but there are ${expected}.`);
        }
      };
      try {
        context.say(`${count.toLocaleString('en')} hashes, ${kind}`);
        const outcome = await compare({
          ours: {
            name: 'WebAssembly',
            run: async () => {
              const { elapsedMs, pairCount } = await host.call('search', { path, maxDistance: MAX_DISTANCE });
              found = pairCount;
              agree();
              return { units: 1, elapsedMs };
            },
          },
          limit: {
            name: 'C',
            run: async () => {
              const [seconds, pairCount] = (await runProgram(program, [path, String(count)])).split(' ').map(Number);
              expected = pairCount!;
              agree();
              return { units: 1, elapsedMs: seconds! * 1000 };
            },
          },
          rounds: context.rounds,
          onRound: (text) => context.say(text),
        });
        lines.push(
          comparisonLine(
            {
              what: `${expected.toLocaleString('en')} pairs of ${count.toLocaleString('en')} ${kind} hashes`,
              against: 'the C bucket join',
              goal: { better: 'lower', floor: 2, aim: 1.4 },
              unitName: 'search',
              show: 'time',
            },
            outcome,
          ),
        );
      } finally {
        await host.close();
        context.remove(path);
      }
    }
  }
  return lines;
}

export const duplicatesRows: readonly Row[] = [{ name: 'duplicates', measure: measureDuplicates }];
