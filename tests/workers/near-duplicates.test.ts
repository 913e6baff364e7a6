import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createWorkerPool } from '../../core/workers/worker-pool.ts';
import { createRandom } from '../web/random.ts';
import { rssOf } from './pools.ts';

const MIB = 1024 * 1024;

test('the frames of a film, all near each other, are grouped within the memory of a worker process', async (t) => {
  const count = 12_000;
  const others = 1_000;
  const random = createRandom(12);
  const pHashes = new Uint32Array(2 * (count + others));
  for (let half = 2 * count; half < pHashes.length; half++) pHashes[half] = Math.floor(random() * 2 ** 32);
  for (let frame = 0; frame < count; frame++) {
    // The first is the one that all are within four bits of, as it is the largest.
    for (let flips = frame === 0 ? 0 : 4; flips > 0; flips--) {
      const bit = Math.floor(random() * 64);
      pHashes[2 * frame + (bit >> 5)]! ^= 1 << (bit & 31);
    }
  }
  const length = count + others;
  const sha256s = new Uint8Array(32 * length);
  const view = new DataView(sha256s.buffer);
  for (let index = 0; index < length; index++) view.setUint32(32 * index, index);
  const pool = createWorkerPool({ processes: 1 });
  t.after(() => pool.close());
  let peakBytes = 0;
  const watch = setInterval(() => {
    for (const { pid } of pool.status().processes) peakBytes = Math.max(peakBytes, rssOf(pid ?? 0));
  }, 10);
  t.after(() => clearInterval(watch));
  const { keeperOf, distances } = await pool.run('group-near-duplicates', {
    pHashes,
    dHashes: new Uint32Array(2 * length),
    maxDistance: 8,
    maxConfirmDistance: 10,
    areasPx: Float64Array.from({ length }, (_, index) => length - index),
    sizesBytes: new Float64Array(length),
    sha256s,
    isProtected: new Uint8Array(length),
  });
  assert.equal(pool.status().restarts, 0);
  assert.ok(keeperOf.subarray(1, count).every((keeper) => keeper === 0));
  assert.ok(distances.subarray(1, count).every((distance) => distance <= 4));
  assert.deepEqual([keeperOf[0], distances[0]], [-1, 0]);
  assert.ok(keeperOf.subarray(count).every((keeper) => keeper === -1));
  assert.ok(peakBytes < 600 * MIB, `the process took ${Math.round(peakBytes / MIB)} MiB`);
});
