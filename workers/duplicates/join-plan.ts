/**
 * How a bucket join cuts 64 bits into blocks, and which bit goes where. Pure arithmetic; any plan gives the same pairs,
 * a good one gives them sooner.
 */

/** Some of the 64 bits, and in how many of them the two hashes of a pair may differ. */
export interface JoinBlock {
  readonly width: number;
  readonly radius: number;
}

/** Widest block: its table of buckets takes 4 bytes x 2^20. */
export const MAX_BLOCK_WIDTH = 20;

const SAMPLE_SIZE = 4_096;
const MAX_BLOCKS = 8;
const MAX_MASKS = 65_536;
const HASH_BITS = 64;

/** Costs in nanoseconds as measured on 10,000 to 1,000,000 hashes; only their proportions matter. */
const TEST_COST = 0.4;
const BUCKET_PAIR_COST = 1.6;
const BUCKET_COST = 4;
const SORT_COST = 12;

/** Number of keys of `width` bits within `radius` of a given one. */
function neighbourCount(width: number, radius: number): number {
  let count = 0;
  let choices = 1;
  for (let differing = 0; differing <= Math.min(width, radius); differing++) {
    count += choices;
    choices = (choices * (width - differing)) / (differing + 1);
  }
  return count;
}

function pairsToTest({ width, radius }: JoinBlock, hashCount: number): number {
  return ((hashCount * hashCount) / 2) * (neighbourCount(width, radius) / 2 ** width);
}

function blockCost(block: JoinBlock, hashCount: number): number {
  const buckets = 2 ** block.width;
  const occupied = buckets * (1 - Math.exp(-hashCount / buckets));
  return (
    pairsToTest(block, hashCount) * TEST_COST +
    occupied * (neighbourCount(block.width, block.radius) / 2) * BUCKET_PAIR_COST +
    buckets * BUCKET_COST +
    hashCount * SORT_COST
  );
}

/**
 * The cheapest blocks for evenly spread hashes. Their radii sum to `maxDistance` + 1 - number of blocks, so that no
 * pair within `maxDistance` can differ by more than its radius in every one of them.
 *
 * @param hashCount distinct hashes
 * @param maxDistance inclusive, 0 to 16
 */
export function planBlocks(hashCount: number, maxDistance: number): readonly JoinBlock[] {
  let best: JoinBlock[] = [{ width: 0, radius: maxDistance }];
  let bestCost = blockCost(best[0]!, hashCount);
  for (let blockCount = 1; blockCount <= Math.min(MAX_BLOCKS, maxDistance + 1); blockCount++) {
    const radiusSum = maxDistance + 1 - blockCount;
    const radius = Math.floor(radiusSum / blockCount);
    const tolerant = radiusSum % blockCount;
    for (let wide = 1; wide <= MAX_BLOCK_WIDTH; wide++) {
      const rest = HASH_BITS - tolerant * wide;
      const widest = Math.min(MAX_BLOCK_WIDTH, rest / (blockCount - tolerant));
      for (let narrow = 1; narrow <= widest; narrow++) {
        const spare = rest - narrow * (blockCount - tolerant);
        for (const extra of spare > 0 && spare < blockCount - tolerant ? [0, spare] : [0]) {
          const blocks = Array.from({ length: blockCount }, (_, index) =>
            index < tolerant
              ? { width: wide, radius: radius + 1 }
              : { width: narrow + (index - tolerant < extra ? 1 : 0), radius },
          );
          if (blocks.some((block) => block.width > MAX_BLOCK_WIDTH)) continue;
          if (blocks.some((block) => neighbourCount(block.width, block.radius) > MAX_MASKS)) continue;
          const cost = blocks.reduce((sum, block) => sum + blockCost(block, hashCount), 0);
          if (cost < bestCost) {
            best = blocks;
            bestCost = cost;
          }
        }
      }
    }
  }
  return best;
}

/** Some thousand of the hashes, evenly spaced, so that a set sorted by its source is sampled evenly. */
export function sampleHashes(hashes: Uint32Array): Uint32Array {
  const count = hashes.length >> 1;
  const step = Math.max(1, Math.floor(count / SAMPLE_SIZE));
  const size = Math.min(SAMPLE_SIZE, Math.floor(count / step));
  const sample = new Uint32Array(2 * size);
  for (let item = 0; item < size; item++) {
    sample[2 * item] = hashes[2 * item * step]!;
    sample[2 * item + 1] = hashes[2 * item * step + 1]!;
  }
  return sample;
}

/**
 * Logarithms of how much likelier two hashes agree in a bit, or in both of two bits, than fair and independent coins
 * would: rows of a 64 x 64 table, the diagonal holding single bits.
 */
function agreementTable(sample: Uint32Array): Float64Array {
  const count = sample.length >> 1;
  const words = (count + 31) >> 5;
  const columns = new Uint32Array(HASH_BITS * words);
  for (let item = 0; item < count; item++) {
    for (let bit = 0; bit < HASH_BITS; bit++) {
      const half = sample[2 * item + (bit >> 5)]!;
      if ((half >>> (bit & 31)) & 1) columns[bit * words + (item >> 5)]! |= 1 << (item & 31);
    }
  }
  const ones = (first: number, second: number): number => {
    let sum = 0;
    for (let word = 0; word < words; word++) {
      let value = columns[first * words + word]! ^ (first === second ? 0 : columns[second * words + word]!);
      value -= (value >>> 1) & 0x55555555;
      value = (value & 0x33333333) + ((value >>> 2) & 0x33333333);
      sum += Math.imul((value + (value >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
    }
    return sum;
  };
  const table = new Float64Array(HASH_BITS * HASH_BITS);
  for (let first = 0; first < HASH_BITS; first++) {
    for (let second = first; second < HASH_BITS; second++) {
      const bias = 1 - (2 * ones(first, second)) / count;
      table[first * HASH_BITS + second] = Math.log1p(bias * bias);
      table[second * HASH_BITS + first] = Math.log1p(bias * bias);
    }
  }
  return table;
}

/**
 * Which bit goes to which place, so that bits that move together part ways: neighbouring bits of real hashes agree more
 * often than chance has it, and a block made of such bits has few, crowded buckets.
 *
 * @param sample some thousand hashes, two 32-bit halves each; bit b is bit b mod 32 of half b div 32
 * @returns for each of 64 places the bit that moves there; block after block, bits of no block last
 */
export function orderBits(sample: Uint32Array, blocks: readonly JoinBlock[], hashCount: number): Uint8Array {
  const agreement = agreementTable(sample);
  const used = blocks.reduce((sum, block) => sum + block.width, 0);
  const groups = [...blocks, { width: HASH_BITS - used, radius: -1 }];
  const base = groups.map((block) => (block.radius < 0 ? 0 : pairsToTest(block, hashCount)));
  const groupOf = groups.flatMap((block, group) => new Array<number>(block.width).fill(group));
  const bits = Uint8Array.from({ length: HASH_BITS }, (_, place) => place);

  // Per bit and group: how much the bit adds to the logarithm of the group's crowding.
  const ties = new Float64Array(HASH_BITS * groups.length);
  const crowding = new Float64Array(groups.length);
  for (let place = 0; place < HASH_BITS; place++) {
    for (let other = 0; other < HASH_BITS; other++) {
      if (other !== place)
        ties[bits[place]! * groups.length + groupOf[other]!]! += agreement[bits[place]! * HASH_BITS + bits[other]!]!;
    }
  }
  for (let place = 0; place < HASH_BITS; place++) {
    const bit = bits[place]!;
    const group = groupOf[place]!;
    crowding[group]! += agreement[bit * HASH_BITS + bit]! + ties[bit * groups.length + group]! / 2;
  }

  const costOf = (group: number, change: number): number => base[group]! * Math.exp(crowding[group]! + change);
  // Each swap lowers the sum, so it ends; the bound keeps the time small.
  for (let round = 0, improved = true; improved && round < 12; round++) {
    improved = false;
    for (let left = 0; left < HASH_BITS; left++) {
      for (let right = left + 1; right < HASH_BITS; right++) {
        const from = groupOf[left]!;
        const to = groupOf[right]!;
        if (from === to) continue;
        const a = bits[left]!;
        const b = bits[right]!;
        const own = agreement[b * HASH_BITS + b]! - agreement[a * HASH_BITS + a]!;
        const both = agreement[a * HASH_BITS + b]!;
        const fromChange = own + ties[b * groups.length + from]! - ties[a * groups.length + from]! - both;
        const toChange = ties[a * groups.length + to]! - ties[b * groups.length + to]! - own - both;
        const before = costOf(from, 0) + costOf(to, 0);
        if (costOf(from, fromChange) + costOf(to, toChange) >= before * (1 - 1e-6)) continue;
        crowding[from]! += fromChange;
        crowding[to]! += toChange;
        for (let bit = 0; bit < HASH_BITS; bit++) {
          const shift =
            (bit === b ? 0 : agreement[bit * HASH_BITS + b]!) - (bit === a ? 0 : agreement[bit * HASH_BITS + a]!);
          ties[bit * groups.length + from]! += shift;
          ties[bit * groups.length + to]! -= shift;
        }
        bits[left] = b;
        bits[right] = a;
        improved = true;
      }
    }
  }
  return bits;
}
