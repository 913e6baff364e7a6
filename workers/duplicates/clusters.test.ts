import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { clusterDuplicates, type DuplicateCandidates, type NearPairs, noStars, type Stars } from './clusters.ts';

/** A candidate with a point on a line for its hash: the distance of two is how far they are apart. */
interface Placed {
  readonly point: number;
  readonly isProtected: boolean;
  readonly width: number;
  readonly height: number;
  readonly sizeBytes: number;
  readonly sha256: string;
}

function candidates(placed: readonly Omit<Placed, 'point'>[]): DuplicateCandidates {
  return {
    length: placed.length,
    isProtected: (index) => placed[index]!.isProtected,
    areaPx: (index) => placed[index]!.width * placed[index]!.height,
    sizeBytes: (index) => placed[index]!.sizeBytes,
    compareHashes: (left, right) => (placed[left]!.sha256 < placed[right]!.sha256 ? -1 : left === right ? 0 : 1),
  };
}

const REACH = 3;

/** What the search answers for points on a line. */
function search(placed: readonly Placed[]): NearPairs {
  const firstOf = new Map<number, number>();
  placed.forEach(({ point }, index) => {
    if (!firstOf.has(point)) firstOf.set(point, index);
  });
  const numbers: number[] = [];
  for (const [point, left] of firstOf) {
    for (const [other, right] of firstOf) {
      const distance = Math.abs(point - other);
      if (left < right && distance <= REACH) numbers.push(left, right, distance);
    }
  }
  // In two parts, as long answers come.
  const cut = 3 * Math.floor(numbers.length / 6);
  return {
    pairs: [Uint32Array.from(numbers.slice(0, cut)), Uint32Array.from(numbers.slice(cut))],
    firstEqual: Uint32Array.from(placed, ({ point }) => firstOf.get(point)!),
  };
}

const anyPlaced: fc.Arbitrary<Placed[]> = fc
  .array(
    fc.record({
      point: fc.nat(40),
      isProtected: fc.nat(9).map((chance) => chance === 0),
      width: fc.integer({ min: 1, max: 4 }),
      height: fc.integer({ min: 1, max: 4 }),
      sizeBytes: fc.nat(3),
    }),
    { maxLength: 40 },
  )
  .map((rows) => rows.map((row, index) => ({ ...row, sha256: index.toString(16).padStart(64, '0') })));

function isBetter(left: Placed, right: Placed): boolean {
  if (left.isProtected !== right.isProtected) return left.isProtected;
  const areas = left.width * left.height - right.width * right.height;
  if (areas !== 0) return areas > 0;
  return left.sizeBytes === right.sizeBytes ? left.sha256 < right.sha256 : left.sizeBytes > right.sizeBytes;
}

/** The definition, spelled out item by item. */
function bruteForce(placed: readonly Placed[]): Stars {
  const order = placed
    .map((_, index) => index)
    .sort((left, right) => (isBetter(placed[left]!, placed[right]!) ? -1 : 1));
  const taken = new Set<number>();
  const stars = noStars(placed.length);
  for (const keeper of order) {
    if (taken.has(keeper)) continue;
    taken.add(keeper);
    for (const index of order) {
      const distance = Math.abs(placed[index]!.point - placed[keeper]!.point);
      if (taken.has(index) || placed[index]!.isProtected || distance > REACH) continue;
      taken.add(index);
      stars.keeperOf[index] = keeper;
      stars.distances[index] = distance;
    }
  }
  return stars;
}

function named(placed: readonly Placed[]): unknown {
  const { keeperOf, distances } = clusterDuplicates(candidates(placed), search(placed));
  return placed.map(({ sha256 }, index) => [sha256, placed[keeperOf[index]!]?.sha256 ?? null, distances[index]]).sort();
}

describe('clusterDuplicates', () => {
  it('is star clustering from the best candidate down', () => {
    fc.assert(
      fc.property(anyPlaced, (placed) => {
        assert.deepEqual(clusterDuplicates(candidates(placed), search(placed)), bruteForce(placed));
      }),
      { numRuns: 500 },
    );
  });

  it('gives the same groups in whatever order the candidates came', () => {
    fc.assert(
      fc.property(
        anyPlaced.chain((placed) =>
          fc.tuple(fc.constant(placed), fc.shuffledSubarray(placed, { minLength: placed.length })),
        ),
        ([placed, shuffled]) => assert.deepEqual(named(shuffled), named(placed)),
      ),
      { numRuns: 300 },
    );
  });

  it('keeps every protected one, and every member within distance of its own better keeper', () => {
    fc.assert(
      fc.property(anyPlaced, (placed) => {
        const { keeperOf, distances } = clusterDuplicates(candidates(placed), search(placed));
        keeperOf.forEach((keeper, index) => {
          if (keeper === -1) return;
          assert.equal(keeperOf[keeper], -1);
          assert.ok(!placed[index]!.isProtected);
          assert.equal(distances[index], Math.abs(placed[index]!.point - placed[keeper]!.point));
          assert.ok(distances[index] <= REACH && isBetter(placed[keeper]!, placed[index]!));
        });
      }),
      { numRuns: 300 },
    );
  });

  it('does not follow a chain from picture to picture', () => {
    const chain = [0, 3, 6, 9].map((point, index) => ({
      point,
      isProtected: false,
      width: 10 - index,
      height: 10,
      sizeBytes: 1,
      sha256: String(index),
    }));
    assert.deepEqual(clusterDuplicates(candidates(chain), search(chain)), {
      keeperOf: Int32Array.of(-1, 0, -1, 2),
      distances: Uint8Array.of(0, 3, 0, 3),
    });
  });

  it('takes 100,000 equal candidates, half of them protected, in one sweep', () => {
    const equal = Array.from({ length: 100_000 }, (_, index) => ({
      isProtected: index % 2 === 0,
      width: 1,
      height: 1,
      sizeBytes: 1,
      sha256: index.toString(16).padStart(64, '0'),
    }));
    const { keeperOf } = clusterDuplicates(candidates(equal), { pairs: [], firstEqual: new Uint32Array(100_000) });
    assert.ok(keeperOf.every((keeper, index) => keeper === (index % 2 === 0 ? -1 : 0)));
  });

  it('has nothing to say about nothing', () => {
    assert.deepEqual(clusterDuplicates(candidates([]), { pairs: [], firstEqual: new Uint32Array(0) }), noStars(0));
  });
});
