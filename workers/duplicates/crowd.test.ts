import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { clusterDuplicates, type DuplicateCandidates, noStars, type Stars } from './clusters.ts';
import { clusterCrowd } from './crowd.ts';
import { findNearDuplicates, type NearDuplicateSearch } from './near-duplicates.ts';

/** A candidate whose hashes are a few common ones with some bits flipped. */
interface Drawn {
  readonly of: number;
  readonly pFlips: readonly number[];
  readonly dFlips: readonly number[];
  readonly isProtected: boolean;
  readonly areaPx: number;
}

const record = {
  of: fc.nat(3),
  pFlips: fc.array(fc.nat(63), { maxLength: 9 }),
  dFlips: fc.array(fc.nat(63), { maxLength: 4 }),
  isProtected: fc.nat(9).map((chance) => chance === 0),
  areaPx: fc.nat(3),
};
const anyDrawn = fc.record(record);

function candidatesOf(drawn: readonly Drawn[]): DuplicateCandidates {
  return {
    length: drawn.length,
    isProtected: (index) => drawn[index]!.isProtected,
    areaPx: (index) => drawn[index]!.areaPx,
    sizeBytes: () => 1,
    compareHashes: (left, right) => left - right,
  };
}

function hashesOf(drawn: readonly Drawn[], flips: 'pFlips' | 'dFlips'): Uint32Array {
  const halves = new Uint32Array(2 * drawn.length);
  drawn.forEach((one, index) => {
    halves.fill(Math.imul(one.of, 0x9e3779b1), 2 * index, 2 * index + 2);
    for (const bit of one[flips]) halves[2 * index + (bit >> 5)]! ^= 1 << (bit & 31);
  });
  return halves;
}

function distanceOf(hashes: Uint32Array, left: number, right: number): number {
  let distance = 0;
  for (const half of [0, 1]) {
    for (let bits = (hashes[2 * left + half]! ^ hashes[2 * right + half]!) >>> 0; bits !== 0; bits &= bits - 1)
      distance++;
  }
  return distance;
}

/** The definition, spelled out: from the best down, each that is free takes all free ones near it. */
function bruteForce(drawn: readonly Drawn[], search: NearDuplicateSearch): Stars {
  const { keeperOf, distances } = noStars(drawn.length);
  const rank = ({ isProtected, areaPx }: Drawn): number => (isProtected ? 100 : 0) + areaPx;
  const order = drawn.map((_, index) => index).sort((a, b) => rank(drawn[b]!) - rank(drawn[a]!) || a - b);
  const isFree = new Set(order);
  for (const keeper of order) {
    if (!isFree.delete(keeper)) continue;
    for (const index of isFree) {
      const distance = distanceOf(search.pHashes, keeper, index);
      const isNear =
        distance <= search.maxDistance && distanceOf(search.dHashes, keeper, index) <= search.maxConfirmDistance;
      if (drawn[index]!.isProtected || !isNear) continue;
      isFree.delete(index);
      keeperOf[index] = keeper;
      distances[index] = distance;
    }
  }
  return { keeperOf, distances };
}

describe('clusterCrowd', () => {
  test('is star clustering, as with the list of all pairs', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyDrawn, { minLength: 1, maxLength: 120 }),
        fc.integer({ min: 0, max: 16 }),
        fc.oneof(fc.constant(64), fc.nat(8)),
        async (drawn, maxDistance, maxConfirmDistance) => {
          const pHashes = hashesOf(drawn, 'pFlips');
          const search = { pHashes, dHashes: hashesOf(drawn, 'dFlips'), maxDistance, maxConfirmDistance };
          const near = await findNearDuplicates(search, 100_000);
          assert.ok(near.pairs !== null);
          const stars = clusterCrowd(candidatesOf(drawn), search, near.firstEqual);
          assert.deepEqual(stars, bruteForce(drawn, search));
          assert.deepEqual(stars, clusterDuplicates(candidatesOf(drawn), near));
        },
      ),
      { numRuns: 400 },
    );
  });

  test('is the same where the bits are cut into blocks', async () => {
    const spread = fc.sample(fc.record({ ...record, of: fc.nat() }), { numRuns: 20_000, seed: 7 });
    for (const maxDistance of [4, 8, 12]) {
      const drawn = spread.map((one, index) => ({ ...one, of: spread[index % 6_000]!.of }));
      const dHashes = hashesOf(drawn, 'dFlips');
      const search = { pHashes: hashesOf(drawn, 'pFlips'), dHashes, maxDistance, maxConfirmDistance: 6 };
      const near = await findNearDuplicates(search, 10_000_000);
      assert.ok(near.pairs !== null);
      const stars = clusterCrowd(candidatesOf(drawn), search, near.firstEqual);
      assert.ok(stars.keeperOf.filter((keeper) => keeper !== -1).length > 1_000);
      assert.deepEqual(stars, clusterDuplicates(candidatesOf(drawn), near));
    }
  });
});
