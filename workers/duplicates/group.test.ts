import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { groupNearDuplicates } from './group.ts';

function input(rows: readonly { hash: number; area: number; size?: number; sha?: number; isProtected?: boolean }[]) {
  const sha256s = new Uint8Array(rows.length * 32);
  for (const [index, row] of rows.entries()) sha256s[index * 32 + 31] = row.sha ?? index;
  const halves = Uint32Array.from(rows.flatMap((row) => [0, row.hash]));
  return {
    pHashes: halves,
    dHashes: halves,
    maxDistance: 2,
    maxConfirmDistance: 64,
    areasPx: Float64Array.from(rows, (row) => row.area),
    sizesBytes: Float64Array.from(rows, (row) => row.size ?? 1),
    sha256s,
    isProtected: Uint8Array.from(rows, (row) => (row.isProtected === true ? 1 : 0)),
  };
}

describe('groupNearDuplicates', () => {
  test('names the largest as the keeper of those within distance, and no keeper for the others', async () => {
    const rows = [
      { hash: 0b1, area: 10 },
      { hash: 0b11, area: 20 },
      { hash: 0xffff, area: 30 },
      { hash: 0b1, area: 5 },
    ];
    const { keeperOf, distances } = await groupNearDuplicates(input(rows));
    assert.deepEqual([...keeperOf], [1, -1, -1, 1]);
    assert.deepEqual([...distances], [1, 0, 0, 1]);
  });

  test('prefers what a person accepted, then more bytes, then the lower hash', async () => {
    const accepted = await groupNearDuplicates(
      input([
        { hash: 0, area: 9 },
        { hash: 0, area: 1, isProtected: true },
      ]),
    );
    assert.deepEqual([...accepted.keeperOf], [1, -1]);
    const bytes = await groupNearDuplicates(
      input([
        { hash: 0, area: 1, size: 1 },
        { hash: 0, area: 1, size: 2 },
      ]),
    );
    assert.deepEqual([...bytes.keeperOf], [1, -1]);
    const hashes = await groupNearDuplicates(
      input([
        { hash: 0, area: 1, sha: 7 },
        { hash: 0, area: 1, sha: 3 },
      ]),
    );
    assert.deepEqual([...hashes.keeperOf], [1, -1]);
  });

  test('has nothing to say about nothing', async () => {
    assert.equal((await groupNearDuplicates(input([]))).keeperOf.length, 0);
  });
});
