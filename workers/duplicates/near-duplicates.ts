/** The near-duplicates task: all pairs of 64-bit hashes within a Hamming distance, exact. */

import { readFile } from 'node:fs/promises';
import { AppError } from '../../shared/errors.ts';
import type { NearPairs } from './clusters.ts';
import { MAX_BLOCK_WIDTH, orderBits, planBlocks, sampleHashes } from './join-plan.ts';

/** Largest distance that is searched; beyond it unrelated pictures match. */
const MAX_DISTANCE = 16;

const MAX_ITEMS = 20_000_000;
const HASH_BITS = 64;
const PAIR_BYTES = 12;

/** What the WebAssembly module offers; described in workers/wasm/near-duplicates.ts. Addresses are signed 32-bit. */
interface JoinModule {
  readonly memory: { readonly buffer: ArrayBuffer };
  reserve(count: number, maxWidth: number): number;
  confirmArea(): number;
  firstEqualArea(): number;
  bitOrderArea(): number;
  pairArea(): number;
  flush(): number;
  collapse(): number;
  permute(): void;
  limits(distance: number, confirmDistance: number): void;
  defineBlock(index: number, shift: number, width: number, radius: number): void;
  joinEqual(): number;
  join(index: number, shift: number, width: number, radius: number): number;
}

/** The part of the WebAssembly interface that is used here; Node's type package leaves it to the DOM library. */
declare const WebAssembly: {
  compile(bytes: Uint8Array): Promise<object>;
  instantiate(module: object, imports: object): Promise<{ readonly exports: unknown }>;
};

let compiled: Promise<object> | undefined;

/** Reads the module from beside this file (bundled) or from dist/ (run from source). */
async function loadModule(): Promise<object> {
  for (const place of ['./near-duplicates.wasm', '../../dist/near-duplicates.wasm']) {
    const bytes = await readFile(new URL(place, import.meta.url)).catch(() => null);
    if (bytes !== null) return WebAssembly.compile(bytes);
  }
  throw new AppError('internal', 'Expected near-duplicates.wasm in dist/; it is not there. Run `npm run build`.');
}

export interface NearDuplicateSearch {
  /** Two unsigned 32-bit halves per hash: high, low, high, low, … */
  readonly pHashes: Uint32Array;
  readonly dHashes: Uint32Array;
  /** Inclusive, 0 to 16, on pHash. */
  readonly maxDistance: number;
  /** Inclusive, on dHash, as confirmation; 64 switches it off. */
  readonly maxConfirmDistance: number;
}

function checkInput(input: NearDuplicateSearch): void {
  const { pHashes, dHashes, maxDistance, maxConfirmDistance } = input;
  const wrong = (expected: string, came: unknown): never => {
    throw new AppError('bad-request', `Expected ${expected}; got ${String(came)}.`);
  };
  if (pHashes.length % 2 !== 0) wrong('two 32-bit halves for each pHash', `${pHashes.length} halves`);
  if (dHashes.length !== pHashes.length)
    wrong(`${pHashes.length} halves of dHashes, as many as of pHashes`, dHashes.length);
  if (pHashes.length > 2 * MAX_ITEMS) throw tooMany(pHashes.length / 2);
  if (!Number.isInteger(maxDistance) || maxDistance < 0 || maxDistance > MAX_DISTANCE) {
    wrong(`maxDistance to be a whole number of bits from 0 to ${MAX_DISTANCE}`, maxDistance);
  }
  if (!Number.isInteger(maxConfirmDistance) || maxConfirmDistance < 0 || maxConfirmDistance > HASH_BITS) {
    wrong(`maxConfirmDistance to be a whole number of bits from 0 to ${HASH_BITS}`, maxConfirmDistance);
  }
}

/**
 * Finds every pair whose pHash distance is at most `maxDistance` and whose dHash distance is at most
 * `maxConfirmDistance`.
 *
 * Items with the same two hashes (the same pHash alone when `maxConfirmDistance` is 64) are one to this search:
 * `firstEqual` names the first of them for each, and pairs are given between first ones only. So 100,000 blank
 * pictures cost 100,000 numbers, not five thousand million pairs, and nothing is lost: equal items have equal distances.
 *
 * Peak memory is about 60 bytes an item and 12 bytes a pair besides the input.
 *
 * @param maxPairs the search ends beyond them, and `pairs` is null
 * @throws AppError `bad-request` for lengths or distances out of range, `payload-too-large` for more items than fit into
 *   memory
 */
export async function findNearDuplicates(
  input: NearDuplicateSearch,
  maxPairs: number,
): Promise<NearPairs | { readonly pairs: null; readonly firstEqual: Uint32Array }> {
  checkInput(input);
  const { pHashes, dHashes, maxDistance, maxConfirmDistance } = input;
  const count = pHashes.length / 2;
  if (count === 0) return { pairs: [], firstEqual: new Uint32Array(0) };

  compiled ??= loadModule();
  // A failed load is tried again by the next call.
  compiled.catch(() => {
    compiled = undefined;
  });
  const pairs: Uint32Array[] = [];
  let pairCount = 0;
  const drain = (sizeBytes: number): number => {
    pairCount += sizeBytes / PAIR_BYTES;
    if (pairCount > maxPairs) return 1;
    pairs.push(view(join.pairArea(), sizeBytes / Uint32Array.BYTES_PER_ELEMENT).slice());
    return 0;
  };
  const instance = await WebAssembly.instantiate(await compiled, { 'near-duplicates': { drain } });
  const join = instance.exports as JoinModule;
  const view = (address: number, length: number): Uint32Array =>
    new Uint32Array(join.memory.buffer, address >>> 0, length);

  const hashArea = join.reserve(count, MAX_BLOCK_WIDTH);
  if (hashArea === 0) throw tooMany(count);
  view(hashArea, 2 * count).set(pHashes);
  // Left at zero when switched off: then it tells nothing apart and confirms everything.
  if (maxConfirmDistance < HASH_BITS) view(join.confirmArea(), 2 * count).set(dHashes);

  const distinct = join.collapse();
  const blocks = planBlocks(distinct, maxDistance);
  if (blocks.length > 1) {
    const order = orderBits(sampleHashes(view(hashArea, 2 * distinct)), blocks, distinct);
    new Uint8Array(join.memory.buffer, join.bitOrderArea() >>> 0, HASH_BITS).set(order);
    join.permute();
  }
  join.limits(maxDistance, maxConfirmDistance);
  let stopped = join.joinEqual() !== 0;
  let shift = 0;
  blocks.forEach(({ width, radius }, index) => {
    join.defineBlock(index, shift, width, radius);
    stopped ||= join.join(index, shift, width, radius) !== 0;
    shift += width;
  });
  stopped ||= join.flush() !== 0;
  return { pairs: stopped ? null : pairs, firstEqual: view(join.firstEqualArea(), count).slice() };
}

function tooMany(count: number): AppError {
  return new AppError('payload-too-large', `Expected images whose hashes fit into memory; got ${count}.`, {
    details: { count },
  });
}
