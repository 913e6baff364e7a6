/**
 * Star clustering without a list of pairs, for sets of which nearly all are near each other (the frames of a film): it
 * holds keepers only, and there are few of them where there are many pairs. Where there are few pairs the join of
 * `near-duplicates.ts` is several times faster.
 *
 * Candidates come from the best to the least, and each looks for the keepers before it in one table a block of bits: by
 * the pigeonhole principle that the join rests on, what is within distance agrees in at least one block to within the
 * block's radius.
 */

import { type DuplicateCandidates, noStars, type Stars, sortBestFirst } from './clusters.ts';
import { type JoinBlock, orderBits, planBlocks, sampleHashes } from './join-plan.ts';
import type { NearDuplicateSearch } from './near-duplicates.ts';

const HASH_BYTES = 8;
const ENTRY_WORDS = 3;
const NONE = 0xffffffff;

/** The same answer as `clusterDuplicates`, in memory that grows with the candidates alone. */
export function clusterCrowd(
  candidates: DuplicateCandidates,
  search: NearDuplicateSearch,
  firstEqual: Uint32Array,
): Stars {
  const stars = noStars(candidates.length);
  const order = Uint32Array.from(firstEqual, (_first, index) => index);
  sortBestFirst(order, candidates);
  const keepers = new KeeperIndex(
    search,
    firstEqual.filter((first, index) => first === index),
  );
  // Equal candidates have the same keeper: the best of them looks for it. Per first of them.
  const classKeeper = new Uint32Array(candidates.length).fill(NONE);
  const classDistance = new Uint8Array(candidates.length);
  for (const index of order) {
    const first = firstEqual[index]!;
    const isProtected = candidates.isProtected(index);
    if (classKeeper[first] === NONE) {
      const found = keepers.find(index);
      classKeeper[first] = found === null ? index : found.keeper;
      classDistance[first] = found === null ? 0 : found.distance;
      if (found === null || isProtected) keepers.add(index);
    }
    const keeper = classKeeper[first]!;
    if (isProtected || keeper === index) continue;
    stars.keeperOf[index] = keeper;
    stars.distances[index] = classDistance[first]!;
  }
  return stars;
}

/** One block of bits: keepers beside those whose bits there are the same, in the order in which they were added. */
interface BlockTable {
  /** What each value of each byte of a hash adds to the key. */
  readonly keyParts: Uint32Array;
  readonly masks: Uint32Array;
  /** Per key where its entries begin and where they end so far, in words: side by side, they are asked for together. */
  readonly ranges: Uint32Array;
  /** Three words each: the halves of the pHash, and the keeper's number. */
  readonly entries: Uint32Array;
}

class KeeperIndex {
  readonly #search: NearDuplicateSearch;
  readonly #tables: readonly BlockTable[];
  /** Candidates by their number as a keeper. */
  readonly #keepers: Uint32Array;
  #count = 0;

  /** @param firsts the candidates that may be added, each no more than once, by one that is equal to it */
  constructor(search: NearDuplicateSearch, firsts: Uint32Array) {
    this.#search = search;
    this.#keepers = new Uint32Array(firsts.length);
    const blocks = planBlocks(firsts.length, search.maxDistance);
    const bits = orderBits(sampleHashes(search.pHashes), blocks, firsts.length);
    let place = 0;
    this.#tables = blocks.map((block) => {
      place += block.width;
      return blockTable(block, bits.subarray(place - block.width, place), search.pHashes, firsts);
    });
  }

  /** The first keeper that was added and is near, and how far it is. */
  find(index: number): { readonly keeper: number; readonly distance: number } | null {
    const { pHashes, maxDistance } = this.#search;
    const high = pHashes[2 * index]!;
    const low = pHashes[2 * index + 1]!;
    let best = NONE;
    let distance = 0;
    for (const { keyParts, masks, ranges, entries } of this.#tables) {
      const key = keyOf(keyParts, high, low);
      for (const mask of masks) {
        const range = 2 * (key ^ mask);
        const end = ranges[range + 1]!;
        for (let at = ranges[range]!; at < end; at += ENTRY_WORDS) {
          const apart = countOnes(entries[at]! ^ high) + countOnes(entries[at + 1]! ^ low);
          if (apart > maxDistance) continue;
          const number = entries[at + 2]!;
          if (number >= best) break;
          if (!this.#isConfirmed(index, this.#keepers[number]!)) continue;
          best = number;
          distance = apart;
          break;
        }
      }
    }
    return best === NONE ? null : { keeper: this.#keepers[best]!, distance };
  }

  #isConfirmed(index: number, keeper: number): boolean {
    const { dHashes, maxConfirmDistance } = this.#search;
    const high = dHashes[2 * index]! ^ dHashes[2 * keeper]!;
    const low = dHashes[2 * index + 1]! ^ dHashes[2 * keeper + 1]!;
    return countOnes(high) + countOnes(low) <= maxConfirmDistance;
  }

  add(index: number): void {
    const number = this.#count++;
    this.#keepers[number] = index;
    const high = this.#search.pHashes[2 * index]!;
    const low = this.#search.pHashes[2 * index + 1]!;
    for (const { keyParts, ranges, entries } of this.#tables) {
      const end = 2 * keyOf(keyParts, high, low) + 1;
      const at = ranges[end]!;
      entries[at] = high;
      entries[at + 1] = low;
      entries[at + 2] = number;
      ranges[end] = at + ENTRY_WORDS;
    }
  }
}

function blockTable(
  { width, radius }: JoinBlock,
  bits: Uint8Array,
  pHashes: Uint32Array,
  firsts: Uint32Array,
): BlockTable {
  const keyParts = new Uint32Array(HASH_BYTES * 256);
  bits.forEach((bit, place) => {
    for (let value = 0; value < 256; value++) {
      if ((value >> (bit & 7)) & 1) keyParts[(bit >> 3) * 256 + value]! |= 1 << place;
    }
  });
  const ranges = new Uint32Array(2 ** (width + 1));
  for (const first of firsts) ranges[2 * keyOf(keyParts, pHashes[2 * first]!, pHashes[2 * first + 1]!)]! += ENTRY_WORDS;
  for (let range = 0, at = 0; range < ranges.length; range += 2) {
    const words = ranges[range]!;
    ranges[range] = at;
    ranges[range + 1] = at;
    at += words;
  }
  return {
    keyParts,
    masks: Uint32Array.from(masksWithin(width, radius)),
    ranges,
    entries: new Uint32Array(ENTRY_WORDS * firsts.length),
  };
}

/** Every number with at most `ones` bits set, all of them below bit `width`. */
function masksWithin(width: number, ones: number): number[] {
  if (ones === 0 || width === 0) return [0];
  const top = 1 << (width - 1);
  return [...masksWithin(width - 1, ones), ...masksWithin(width - 1, ones - 1).map((mask) => mask | top)];
}

function keyOf(parts: Uint32Array, high: number, low: number): number {
  return (
    parts[high & 255]! |
    parts[256 + ((high >>> 8) & 255)]! |
    parts[512 + ((high >>> 16) & 255)]! |
    parts[768 + (high >>> 24)]! |
    parts[1024 + (low & 255)]! |
    parts[1280 + ((low >>> 8) & 255)]! |
    parts[1536 + ((low >>> 16) & 255)]! |
    parts[1792 + (low >>> 24)]!
  );
}

function countOnes(value: number): number {
  let ones = value - ((value >>> 1) & 0x55555555);
  ones = (ones & 0x33333333) + ((ones >>> 2) & 0x33333333);
  return Math.imul((ones + (ones >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
