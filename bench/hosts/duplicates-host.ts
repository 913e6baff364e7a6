/** The near-duplicate search in a process of its own, timed inside it. */

import { readFileSync } from 'node:fs';
import { findNearDuplicates } from '../../workers/duplicates/near-duplicates.ts';
import { serveHost } from '../harness/host.ts';

const PAIR_WORDS = 3;

const functions = {
  /** Searches the 64-bit hashes of a file. @returns the time, and how many pairs there are when equal hashes count too */
  search: async ({ path, maxDistance }: { path: string; maxDistance: number }) => {
    const bytes = readFileSync(path);
    const pHashes = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
    const dHashes = new Uint32Array(pHashes.length);
    const startedMs = performance.now();
    const { pairs, firstEqual } = await findNearDuplicates(
      { pHashes, dHashes, maxDistance, maxConfirmDistance: 64 },
      Number.POSITIVE_INFINITY,
    );
    const elapsedMs = performance.now() - startedMs;
    return { elapsedMs, pairCount: countPairs(pairs ?? [], firstEqual) };
  },
};

function countPairs(pairs: readonly Uint32Array[], firstEqual: Uint32Array): number {
  const copies = new Uint32Array(firstEqual.length);
  for (const first of firstEqual) copies[first]! += 1;
  let count = 0;
  for (const number of copies) count += (number * (number - 1)) / 2;
  for (const part of pairs) {
    for (let at = 0; at < part.length; at += PAIR_WORDS) count += copies[part[at]!]! * copies[part[at + 1]!]!;
  }
  return count;
}

export type DuplicatesHost = typeof functions;

serveHost(functions);
