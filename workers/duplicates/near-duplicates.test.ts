import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import fc from 'fast-check';
import { AppError } from '../../shared/errors.ts';
import { planBlocks } from './join-plan.ts';
import { findNearDuplicates } from './near-duplicates.ts';

/** A small seeded generator (xorshift32, Marsaglia 2003), so that a failure repeats itself. */
function randomBits(seed: number): () => number {
  let state = seed >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}

/** Hashes of which a part are copies of others with up to 20 flipped bits; `skewed` repeats rows as gradients do. */
function drawHashes(count: number, seed: number, skewed: boolean): Uint32Array {
  const random = randomBits(seed);
  const hashes = new Uint32Array(2 * count);
  for (let item = 0; item < count; item++) {
    if (item > 0 && random() % 3 === 0) {
      const model = random() % item;
      hashes.copyWithin(2 * item, 2 * model, 2 * model + 2);
      for (let flips = random() % 21; flips > 0; flips--) {
        const bit = random() % 64;
        hashes[2 * item + (bit >> 5)]! ^= 1 << (bit & 31);
      }
    } else {
      hashes[2 * item] = random();
      hashes[2 * item + 1] = random();
      if (skewed) {
        let row = random() & 255;
        for (let place = 0; place < 8; place++) {
          hashes[2 * item + (place >> 2)] =
            (hashes[2 * item + (place >> 2)]! & ~(255 << (8 * (place & 3)))) | (row << (8 * (place & 3)));
          row ^= random() & random() & random() & 255;
        }
      }
    }
  }
  return hashes;
}

function countOnes(value: number): number {
  let ones = value - ((value >>> 1) & 0x55555555);
  ones = (ones & 0x33333333) + ((ones >>> 2) & 0x33333333);
  return Math.imul((ones + (ones >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

function distanceOf(hashes: Uint32Array, left: number, right: number): number {
  return countOnes(hashes[2 * left]! ^ hashes[2 * right]!) + countOnes(hashes[2 * left + 1]! ^ hashes[2 * right + 1]!);
}

/** The definition, spelled out: every pair of first ones. */
function bruteForce(pHashes: Uint32Array, dHashes: Uint32Array, maxDistance: number, maxConfirmDistance: number) {
  const count = pHashes.length / 2;
  const firstOf = new Map<string, number>();
  const firstEqual = Array.from({ length: count }, (_, item) => {
    const halves = [pHashes[2 * item], pHashes[2 * item + 1]];
    if (maxConfirmDistance < 64) halves.push(dHashes[2 * item], dHashes[2 * item + 1]);
    const key = halves.join();
    if (!firstOf.has(key)) firstOf.set(key, item);
    return firstOf.get(key)!;
  });
  const firsts = [...firstOf.values()];
  const pairs: string[] = [];
  for (let left = 0; left < firsts.length; left++) {
    for (let right = left + 1; right < firsts.length; right++) {
      const distance = distanceOf(pHashes, firsts[left]!, firsts[right]!);
      if (distance > maxDistance) continue;
      if (maxConfirmDistance < 64 && distanceOf(dHashes, firsts[left]!, firsts[right]!) > maxConfirmDistance) continue;
      pairs.push(`${firsts[left]} ${firsts[right]} ${distance}`);
    }
  }
  return { pairs: pairs.sort(), firstEqual };
}

async function search(pHashes: Uint32Array, dHashes: Uint32Array, maxDistance: number, maxConfirmDistance: number) {
  const found = await findNearDuplicates({ pHashes, dHashes, maxDistance, maxConfirmDistance }, 1_000_000);
  assert.ok(found.pairs !== null);
  const pairs: string[] = [];
  for (const part of found.pairs) {
    for (let at = 0; at < part.length; at += 3) pairs.push(`${part[at]} ${part[at + 1]} ${part[at + 2]}`);
  }
  return { pairs: pairs.sort(), firstEqual: [...found.firstEqual] };
}

describe('findNearDuplicates', () => {
  it('finds what brute force finds, at any distance', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(250),
        fc.nat(),
        fc.boolean(),
        fc.integer({ min: 0, max: 16 }),
        fc.oneof(fc.constant(64), fc.nat(64)),
        async (count, seed, skewed, maxDistance, maxConfirmDistance) => {
          const pHashes = drawHashes(count, seed, skewed);
          const dHashes = drawHashes(count, seed ^ 0x5bd1e995, skewed);
          assert.deepEqual(
            await search(pHashes, dHashes, maxDistance, maxConfirmDistance),
            bruteForce(pHashes, dHashes, maxDistance, maxConfirmDistance),
          );
        },
      ),
      { numRuns: 200 },
    );
  });

  it('finds what brute force finds when few bits differ at all', async () => {
    // Equal pHashes under different dHashes, and crowded buckets.
    const crowded = fc.array(fc.tuple(fc.nat(7), fc.nat(3)), { maxLength: 120 });
    await fc.assert(
      fc.asyncProperty(crowded, fc.nat(16), fc.nat(3), async (items, maxDistance, maxConfirmDistance) => {
        const pHashes = Uint32Array.from(items.flatMap(([p]) => [p, 0xffffffff]));
        const dHashes = Uint32Array.from(items.flatMap(([, d]) => [0, d]));
        assert.deepEqual(
          await search(pHashes, dHashes, maxDistance, maxConfirmDistance),
          bruteForce(pHashes, dHashes, maxDistance, maxConfirmDistance),
        );
      }),
      { numRuns: 150 },
    );
  });

  describe('at a size where every distance is joined by blocks', () => {
    const count = 6_000;
    const sets = new Map<boolean, { hashes: Uint32Array; nearest: readonly (readonly [string, number])[] }>();
    before(() => {
      for (const skewed of [false, true]) {
        const hashes = drawHashes(count, 20_261_123, skewed);
        const { pairs } = bruteForce(hashes, hashes, 16, 64);
        sets.set(skewed, { hashes, nearest: pairs.map((pair) => [pair, Number(pair.split(' ')[2])] as const) });
      }
    });
    for (let maxDistance = 0; maxDistance <= 16; maxDistance++) {
      for (const skewed of [false, true]) {
        it(`finds all pairs of ${skewed ? 'skewed' : 'even'} hashes within ${maxDistance}`, async () => {
          const { hashes, nearest } = sets.get(skewed)!;
          const expected = nearest.filter(([, distance]) => distance <= maxDistance).map(([pair]) => pair);
          assert.deepEqual((await search(hashes, hashes, maxDistance, 64)).pairs, expected);
        });
      }
    }
  });

  it('collapses equal hashes instead of pairing them', async () => {
    const count = 100_000;
    const blank = new Uint32Array(2 * count);
    blank[2 * 500] = 1;
    const found = await search(blank, blank, 8, 10);
    assert.deepEqual(found.pairs, ['0 500 1']);
    assert.equal(found.firstEqual.filter((first) => first === 0).length, count - 1);
    assert.equal(found.firstEqual[500], 500);
  });

  it('confirms by dHash', async () => {
    const pHashes = Uint32Array.from([0, 0, 0, 1, 0, 3]);
    const dHashes = Uint32Array.from([0, 0, 0, 0xff, 0xff, 0xff]);
    assert.deepEqual((await search(pHashes, dHashes, 2, 64)).pairs, ['0 1 1', '0 2 2', '1 2 1']);
    assert.deepEqual((await search(pHashes, dHashes, 2, 8)).pairs, ['0 1 1', '1 2 1']);
    assert.deepEqual((await search(pHashes, dHashes, 2, 7)).pairs, []);
  });

  it('hands over many pairs in parts and loses none', async () => {
    // 1,024 hashes that differ in ten bits only: all pairs are within distance 10.
    const hashes = Uint32Array.from({ length: 2_048 }, (_, half) => (half % 2 === 0 ? 7 : half >> 1));
    const found = await findNearDuplicates(
      { pHashes: hashes, dHashes: hashes, maxDistance: 10, maxConfirmDistance: 64 },
      1_000_000,
    );
    assert.ok(found.pairs !== null && found.pairs.length > 1);
    const seen = new Set<number>();
    for (const part of found.pairs)
      for (let at = 0; at < part.length; at += 3) seen.add(part[at]! * 1_024 + part[at + 1]!);
    assert.equal(seen.size, (1_024 * 1_023) / 2);
  });

  it('ends at the greatest number of pairs, and still says which are equal', async () => {
    const hashes = Uint32Array.from({ length: 2_048 }, (_, half) => (half % 2 === 0 ? 7 : half >> 1));
    hashes.copyWithin(2 * 1_000, 0, 2);
    const found = await findNearDuplicates(
      { pHashes: hashes, dHashes: hashes, maxDistance: 10, maxConfirmDistance: 64 },
      500_000,
    );
    assert.equal(found.pairs, null);
    assert.deepEqual([found.firstEqual[999], found.firstEqual[1_000]], [999, 0]);
  });

  it('says what is wrong with its input', async () => {
    const two = new Uint32Array(4);
    for (const [input, message] of [
      [
        { pHashes: new Uint32Array(3), dHashes: new Uint32Array(3), maxDistance: 8, maxConfirmDistance: 64 },
        /two 32-bit halves/,
      ],
      [
        { pHashes: two, dHashes: new Uint32Array(2), maxDistance: 8, maxConfirmDistance: 64 },
        /4 halves of dHashes.*got 2/,
      ],
      [{ pHashes: two, dHashes: two, maxDistance: 17, maxConfirmDistance: 64 }, /0 to 16; got 17/],
      [{ pHashes: two, dHashes: two, maxDistance: 1.5, maxConfirmDistance: 64 }, /got 1.5/],
      [{ pHashes: two, dHashes: two, maxDistance: 8, maxConfirmDistance: 65 }, /0 to 64; got 65/],
    ] as const) {
      await assert.rejects(findNearDuplicates(input, 1), (error) => {
        assert.ok(error instanceof AppError);
        assert.equal(error.code, 'bad-request');
        assert.match(error.message, message);
        return true;
      });
    }
  });
});

describe('planBlocks', () => {
  it('keeps the promise of the pigeonhole and fits 64 bits, for any size and distance', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5_000_000 }), fc.integer({ min: 0, max: 16 }), (count, maxDistance) => {
        const blocks = planBlocks(count, maxDistance);
        const radii = blocks.reduce((sum, block) => sum + block.radius, 0);
        assert.ok(radii >= maxDistance + 1 - blocks.length);
        assert.ok(blocks.every((block) => block.radius >= 0 && block.width >= 0 && block.width <= 20));
        assert.ok(blocks.reduce((sum, block) => sum + block.width, 0) <= 64);
      }),
      { numRuns: 300 },
    );
  });

  it('compares a handful one by one and cuts a million into blocks', () => {
    assert.equal(planBlocks(50, 8).length, 1);
    assert.ok(planBlocks(1_000_000, 8).length >= 3);
  });
});
