/**
 * All pairs of distinct 64-bit hashes within a Hamming distance, exact, as a bucket join (AssemblyScript, compiled to
 * dist/near-duplicates.wasm; the TypeScript side is workers/duplicates/near-duplicates.ts).
 *
 * The bits are cut into blocks with a radius each. By the general pigeonhole principle (Qin et al., GPH, ICDE 2018)
 * two hashes within distance r agree to within its radius in at least one block when the radii sum to
 * r + 1 - number of blocks. For each block the hashes are sorted by the block's bits, and each bucket meets the buckets
 * whose key differs in at most `radius` bits. A pair that an earlier block has found is told by its own xor.
 *
 * Order of calls: reserve, (fill the two hash areas), collapse, (write an order of bits), permute, defineBlock for
 * every block, join for every block. One instance serves one call.
 */

// A bucket of up to this many hashes is copied beside its fellows, so that one long loop meets them all.
const GATHER_MAX_ITEMS: u32 = 16;
const GATHER_BYTES: usize = 32768;
// Room for copies that run over the end by at most eight hashes, at the gather area and at the sorted hashes.
const SLACK_BYTES: usize = 256;
const MAX_MASKS: usize = 65536;
const MAX_BLOCKS: usize = 16;
const PAIR_BYTES: usize = 12;
const BUFFER_BYTES: usize = 131072 * PAIR_BYTES;
/** Marks an entry of several classes in sortedIds; others name their one class's first item. */
const SEVERAL: u32 = 0x80000000;

const bitOrder: usize = (__heap_base + 15) & ~15;
const blockTable: usize = bitOrder + 64; // mask u64, radius u64
const byteTable: usize = blockTable + MAX_BLOCKS * 16; // 8 x 256 u64
const maskGroups: usize = byteTable + 8 * 256 * 8; // u32 x 33
const maskTable: usize = maskGroups + 256; // u32
const gathered: usize = maskTable + MAX_MASKS * 4;
const arena: usize = gathered + GATHER_BYTES + SLACK_BYTES;

let hashes: usize = 0; // u64 per distinct pHash, in order of appearance
let confirmHashes: usize = 0; // u64 per class: its dHash
let firstEqual: usize = 0; // u32 per item: first item with the same two hashes
let classFirst: usize = 0; // u32 per class: its first item
let classNext: usize = 0; // u32 per class: the next class with the same pHash, or NONE
let classHead: usize = 0; // u32 per distinct pHash: its last class
let sortedHashes: usize = 0;
let sortedIds: usize = 0;
let starts: usize = 0; // u32 per bucket and one more
let sortedConfirm: usize = 0; // u64 per sorted hash: the dHash of its class when it has only one
let pairs: usize = 0;

const NONE: u32 = 0xffffffff;

let itemCount: u32 = 0;
let hashCount: u32 = 0;
let pairEnd: usize = 0;
/** Not 0 once the host has asked to stop. */
let state: i32 = 0;

/** Takes the pairs out of [pairs, pairs + sizeBytes); anything but 0 ends the search. */
declare function drain(sizeBytes: u32): i32;

let maxDistance: u64 = 0;
let maxConfirmDistance: u64 = 64;

// The block that is being joined.
let blockEnd: usize = blockTable; // in the table: those before this one
let blockShift: u64 = 0;
let blockKeyMask: u64 = 0;

/** Lays out the memory for `count` items and buckets of at most `maxWidth` bits; the address of the pHash area, or 0 when there is no memory. */
export function reserve(count: u32, maxWidth: u32): usize {
  const n = count as usize;
  itemCount = count;
  hashes = arena;
  confirmHashes = hashes + n * 8;
  firstEqual = confirmHashes + n * 8;
  classFirst = firstEqual + n * 4;
  classNext = classFirst + n * 4;
  classHead = classNext + n * 4;
  sortedHashes = (classHead + n * 4 + 15) & ~15;
  sortedIds = sortedHashes + n * 8 + SLACK_BYTES;
  sortedConfirm = (sortedIds + n * 4 + 15) & ~15;
  starts = sortedConfirm + n * 8;
  pairs = starts + (((1 as usize) << maxWidth) + 2) * 4;
  // collapse keeps its table of slots where the sorted hashes and the buckets come to lie.
  const table = sortedHashes + (tableSize(count) as usize) * 4;
  pairs = ((pairs > table ? pairs : table) + 15) & ~15;
  pairEnd = pairs;
  const pages = ((pairs + BUFFER_BYTES + 65535) >>> 16) as i32;
  const more = pages - memory.size();
  return more <= 0 || memory.grow(more) >= 0 ? hashes : 0;
}

export function confirmArea(): usize {
  return confirmHashes;
}
export function firstEqualArea(): usize {
  return firstEqual;
}
export function bitOrderArea(): usize {
  return bitOrder;
}
export function pairArea(): usize {
  return pairs;
}

function tableSize(count: u32): u32 {
  let size: u32 = 16;
  while (size < count + (count >> 1)) size <<= 1;
  return size;
}

// The finaliser of splitmix64 (Steele, Lea and Flood, 2014).
function mix(value: u64): u64 {
  let x = value;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

/** Makes one class of all items with the same two hashes, and one entry of all classes with the same pHash; the number of entries. */
export function collapse(): u32 {
  const slots = sortedHashes;
  const size = tableSize(itemCount);
  const wrap = size - 1;
  memory.fill(slots, 0xff, (size as usize) << 2);
  let classes: u32 = 0;
  for (let i: u32 = 0; i < itemCount; i++) {
    const p = load<u64>(hashes + ((i as usize) << 3));
    const d = load<u64>(confirmHashes + ((i as usize) << 3));
    let slot = (mix(p ^ mix(d)) as u32) & wrap;
    while (true) {
      const at = slots + ((slot as usize) << 2);
      const c = load<u32>(at);
      if (c == NONE) {
        store<u32>(at, classes);
        // A class never overtakes the item it came from, so both arrays shrink in place.
        store<u64>(hashes + ((classes as usize) << 3), p);
        store<u64>(confirmHashes + ((classes as usize) << 3), d);
        store<u32>(classFirst + ((classes as usize) << 2), i);
        store<u32>(firstEqual + ((i as usize) << 2), i);
        classes++;
        break;
      }
      if (load<u64>(hashes + ((c as usize) << 3)) == p && load<u64>(confirmHashes + ((c as usize) << 3)) == d) {
        store<u32>(firstEqual + ((i as usize) << 2), load<u32>(classFirst + ((c as usize) << 2)));
        break;
      }
      slot = (slot + 1) & wrap;
    }
  }
  memory.fill(slots, 0xff, (size as usize) << 2);
  let entries: u32 = 0;
  for (let c: u32 = 0; c < classes; c++) {
    const p = load<u64>(hashes + ((c as usize) << 3));
    let slot = (mix(p) as u32) & wrap;
    while (true) {
      const at = slots + ((slot as usize) << 2);
      const entry = load<u32>(at);
      if (entry == NONE) {
        store<u32>(at, entries);
        store<u64>(hashes + ((entries as usize) << 3), p);
        store<u32>(classHead + ((entries as usize) << 2), c);
        store<u32>(classNext + ((c as usize) << 2), NONE);
        entries++;
        break;
      }
      if (load<u64>(hashes + ((entry as usize) << 3)) == p) {
        const head = classHead + ((entry as usize) << 2);
        store<u32>(classNext + ((c as usize) << 2), load<u32>(head));
        store<u32>(head, c);
        break;
      }
      slot = (slot + 1) & wrap;
    }
  }
  hashCount = entries;
  return entries;
}

/** Moves bit `order[k]` of every hash to place k; distances stay what they are. */
export function permute(): void {
  memory.fill(byteTable, 0, 8 * 256 * 8);
  for (let k: u32 = 0; k < 64; k++) {
    const from = load<u8>(bitOrder + (k as usize)) as u32;
    const table = byteTable + (((from >> 3) as usize) << 11);
    const bit: u32 = 1 << (from & 7);
    for (let value: u32 = 0; value < 256; value++) {
      if ((value & bit) == 0) continue;
      const at = table + ((value as usize) << 3);
      store<u64>(at, load<u64>(at) | ((1 as u64) << (k as u64)));
    }
  }
  const end = hashes + ((hashCount as usize) << 3);
  for (let p = hashes; p < end; p += 8) {
    let x = load<u64>(p);
    let y: u64 = 0;
    for (let table = byteTable; table < byteTable + 8 * 256 * 8; table += 2048) {
      y |= load<u64>(table + (((x & 255) as usize) << 3));
      x >>= 8;
    }
    store<u64>(p, y);
  }
}

/** What counts as near; both inclusive. */
export function limits(distance: u32, confirmDistance: u32): void {
  maxDistance = distance as u64;
  maxConfirmDistance = confirmDistance as u64;
}

/** Block `index` takes `width` bits from bit `shift` on and finds pairs that differ there in at most `radius` bits. */
export function defineBlock(index: u32, shift: u32, width: u32, radius: u32): void {
  const at = blockTable + ((index as usize) << 4);
  store<u64>(at, (((1 as u64) << (width as u64)) - 1) << (shift as u64));
  store<u64>(at, radius as u64, 8);
}

function pushPair(a: u32, b: u32, distance: u64): void {
  store<u32>(pairEnd, a < b ? a : b);
  store<u32>(pairEnd, a < b ? b : a, 4);
  store<u32>(pairEnd, distance as u32, 8);
  pairEnd += PAIR_BYTES;
  if (pairEnd == pairs + BUFFER_BYTES) flush();
}

/** Hands over the pairs that wait in the buffer. */
export function flush(): i32 {
  if (state == 0 && pairEnd != pairs) state = drain((pairEnd - pairs) as u32);
  pairEnd = pairs;
  return state;
}

/** Pairs of classes with equal pHashes; the join itself meets distinct ones only. Not 0 when the host has asked to stop. */
export function joinEqual(): i32 {
  for (let entry: usize = 0; entry < (hashCount as usize); entry++) {
    // Laid side by side where the sorted hashes come to lie later: a long list is met many times over.
    let c = load<u32>(classHead + (entry << 2));
    let end = sortedHashes;
    let firsts = sortedIds;
    for (; c != NONE; c = load<u32>(classNext + ((c as usize) << 2))) {
      store<u64>(end, load<u64>(confirmHashes + ((c as usize) << 3)));
      store<u32>(firsts, load<u32>(classFirst + ((c as usize) << 2)));
      end += 8;
      firsts += 4;
    }
    for (let at = sortedHashes; at + 8 < end; at += 8) {
      const confirm = load<u64>(at);
      for (let p = at + 8; p < end; p += 8) {
        if (popcnt(confirm ^ load<u64>(p)) > maxConfirmDistance) continue;
        pushPair(
          load<u32>(sortedIds + ((at - sortedHashes) >>> 1)),
          load<u32>(sortedIds + ((p - sortedHashes) >>> 1)),
          0,
        );
      }
      if (state != 0) return state;
    }
  }
  return state;
}

/** Pairs all classes of one distinct hash with all of another; `a` and `b` are what sortedIds holds. */
function emit(a: u32, confirmA: u64, b: u32, confirmB: u64, distance: u64): void {
  if (a & SEVERAL) {
    let c = load<u32>(classHead + (((a ^ SEVERAL) as usize) << 2));
    for (; c != NONE; c = load<u32>(classNext + ((c as usize) << 2))) {
      emit(
        b,
        confirmB,
        load<u32>(classFirst + ((c as usize) << 2)),
        load<u64>(confirmHashes + ((c as usize) << 3)),
        distance,
      );
    }
  } else if (b & SEVERAL) {
    emit(b, confirmB, a, confirmA, distance);
  } else if (popcnt(confirmA ^ confirmB) <= maxConfirmDistance) {
    pushPair(a, b, distance);
  }
}

/** The sorted hash at `at` is near the one at `otherAt`, which is a sorted hash or a gathered copy of one. */
function hit(at: usize, otherAt: usize): void {
  const other = load<u64>(otherAt);
  const difference = load<u64>(at) ^ other;
  for (let block = blockTable; block < blockEnd; block += 16) {
    if (popcnt(difference & load<u64>(block)) <= load<u64>(block, 8)) return;
  }
  let place = otherAt;
  if (otherAt < arena) {
    // Its place follows from its key, because values are distinct; only small buckets are copied.
    const key = ((other >> blockShift) & blockKeyMask) as usize;
    place = sortedHashes + ((load<u32>(starts + (key << 2)) as usize) << 3);
    while (load<u64>(place) != other) place += 8;
  }
  const toConfirm = sortedConfirm - sortedHashes;
  emit(
    load<u32>(sortedIds + ((at - sortedHashes) >>> 1)),
    load<u64>(at + toConfirm),
    load<u32>(sortedIds + ((place - sortedHashes) >>> 1)),
    load<u64>(place + toConfirm),
    popcnt(difference),
  );
}

// Kept out of the loop, whose registers it would take.
function hitsAmong(at: usize, from: usize, end: usize): void {
  const a = load<u64>(at);
  for (let p = from; p < end; p += 8) if (popcnt(a ^ load<u64>(p)) <= maxDistance) hit(at, p);
}

/** Every sorted hash in [from, to) against every hash in [others, end). */
function scan(from: usize, to: usize, others: usize, end: usize): void {
  // Negative for a hit, so that eight tests end in one branch.
  const limit = (maxDistance as i64) + 1;
  const end8 = others + ((end - others) & ~63);
  for (let at = from; at < to && state == 0; at += 8) {
    const a = load<u64>(at);
    let p = others;
    for (; p < end8; p += 64) {
      const any =
        ((popcnt(a ^ load<u64>(p)) as i64) - limit) |
        ((popcnt(a ^ load<u64>(p, 8)) as i64) - limit) |
        ((popcnt(a ^ load<u64>(p, 16)) as i64) - limit) |
        ((popcnt(a ^ load<u64>(p, 24)) as i64) - limit) |
        ((popcnt(a ^ load<u64>(p, 32)) as i64) - limit) |
        ((popcnt(a ^ load<u64>(p, 40)) as i64) - limit) |
        ((popcnt(a ^ load<u64>(p, 48)) as i64) - limit) |
        ((popcnt(a ^ load<u64>(p, 56)) as i64) - limit);
      if (any < 0) hitsAmong(at, p, p + 64);
    }
    for (; p < end; p += 8) if ((popcnt(a ^ load<u64>(p)) as i64) < limit) hit(at, p);
  }
}

function sortByKey(width: u32): void {
  const buckets = (1 as usize) << (width as usize);
  memory.fill(starts, 0, (buckets + 2) << 2);
  const end = hashes + ((hashCount as usize) << 3);
  for (let p = hashes; p < end; p += 8) {
    const at = starts + ((((load<u64>(p) >> blockShift) & blockKeyMask) as usize) << 2);
    store<u32>(at, load<u32>(at, 8) + 1, 8);
  }
  for (let q: usize = 0; q < buckets; q++) {
    const at = starts + (q << 2);
    store<u32>(at, load<u32>(at, 8) + load<u32>(at, 4), 8);
  }
  // Now starts[q + 1] is where bucket q begins; filling moves it to where the bucket ends.
  let entry: usize = 0;
  for (let p = hashes; p < end; p += 8) {
    const x = load<u64>(p);
    const at = starts + ((((x >> blockShift) & blockKeyMask) as usize) << 2);
    const place = load<u32>(at, 4);
    store<u32>(at, place + 1, 4);
    store<u64>(sortedHashes + ((place as usize) << 3), x);
    const c = load<u32>(classHead + (entry << 2)) as usize;
    const one = load<u32>(classNext + (c << 2)) == NONE;
    store<u32>(sortedIds + ((place as usize) << 2), one ? load<u32>(classFirst + (c << 2)) : (entry as u32) | SEVERAL);
    store<u64>(sortedConfirm + ((place as usize) << 3), load<u64>(confirmHashes + (c << 3)));
    entry++;
  }
}

let maskCount: u32 = 0;

function addMasks(mask: u32, belowBit: u32, more: u32): void {
  store<u32>(maskTable + ((maskCount as usize) << 2), mask);
  maskCount++;
  if (more == 0) return;
  for (let bit: u32 = 0; bit < belowBit; bit++) addMasks(mask | (1 << bit), bit, more - 1);
}

/** Masks of 1 to `radius` bits, grouped by their highest bit. */
function listMasks(width: u32, radius: u32): void {
  maskCount = 0;
  for (let top: u32 = 0; top < width; top++) {
    store<u32>(maskGroups + ((top as usize) << 2), maskCount);
    if (radius > 0) addMasks(1 << top, top, radius - 1);
  }
  store<u32>(maskGroups + ((width as usize) << 2), maskCount);
}

/** Joins one block; 0, or 1 when there are more pairs than allowed, or 2 when memory ran out. */
export function join(index: u32, shift: u32, width: u32, radius: u32): i32 {
  blockEnd = blockTable + ((index as usize) << 4);
  blockShift = shift as u64;
  blockKeyMask = ((1 as u64) << (width as u64)) - 1;
  sortByKey(width);
  listMasks(width, radius);
  const buckets: u32 = 1 << width;
  for (let q: u32 = 0; q < buckets; q++) {
    const range = load<u64>(starts + ((q as usize) << 2));
    const first = range as u32;
    const last = (range >> 32) as u32;
    if (first == last) continue;
    const from = sortedHashes + ((first as usize) << 3);
    const to = sortedHashes + ((last as usize) << 3);
    for (let at = from; at < to; at += 8) scan(at, at + 8, at + 8, to);
    let fill = gathered;
    for (let top: u32 = 0; top < width; top++) {
      // A mask whose highest bit is not set in q leads to a later bucket: each two buckets meet once.
      if ((q >> top) & 1) continue;
      const groups = maskGroups + ((top as usize) << 2);
      const maskEnd = maskTable + ((load<u32>(groups, 4) as usize) << 2);
      for (let m = maskTable + ((load<u32>(groups) as usize) << 2); m < maskEnd; m += 4) {
        const other = load<u64>(starts + (((q ^ load<u32>(m)) as usize) << 2));
        const count = ((other >> 32) as u32) - (other as u32);
        const source = sortedHashes + ((other as u32 as usize) << 3);
        if (count > 8) {
          if (count > GATHER_MAX_ITEMS) {
            scan(from, to, source, source + ((count as usize) << 3));
            continue;
          }
          for (let offset: usize = 64; offset < (count as usize) << 3; offset += 16) {
            v128.store(fill + offset, v128.load(source + offset));
          }
        }
        // Eight are copied whatever the count is: cheaper than asking.
        v128.store(fill, v128.load(source));
        v128.store(fill, v128.load(source, 16), 16);
        v128.store(fill, v128.load(source, 32), 32);
        v128.store(fill, v128.load(source, 48), 48);
        fill += (count as usize) << 3;
        if (fill >= gathered + GATHER_BYTES - SLACK_BYTES) {
          scan(from, to, gathered, fill);
          fill = gathered;
        }
      }
    }
    if (fill != gathered) scan(from, to, gathered, fill);
    if (state != 0) return state;
  }
  return state;
}
