/** The task: near-duplicates found and grouped around those that stay, where it keeps nobody waiting. */

import type { TaskInput, TaskOutput } from '../tasks.ts';
import { clusterDuplicates, type DuplicateCandidates } from './clusters.ts';
import { findNearDuplicates } from './near-duplicates.ts';

const SHA256_BYTES = 32;

/**
 * Says for each candidate which other one it nearly repeats.
 * @throws AppError as `findNearDuplicates` does
 */
export async function groupNearDuplicates(
  input: TaskInput<'group-near-duplicates'>,
): Promise<TaskOutput<'group-near-duplicates'>> {
  const groups = clusterDuplicates(candidatesOf(input), await findNearDuplicates(input));
  const keeperOf = new Int32Array(input.areasPx.length).fill(-1);
  const distances = new Uint8Array(input.areasPx.length);
  for (const { keeper, members } of groups) {
    for (const { index, distance } of members) {
      keeperOf[index] = keeper;
      distances[index] = distance;
    }
  }
  return { keeperOf, distances };
}

function candidatesOf(input: TaskInput<'group-near-duplicates'>): DuplicateCandidates {
  const { areasPx, sizesBytes, isProtected } = input;
  const hashes = Buffer.from(input.sha256s.buffer, input.sha256s.byteOffset, input.sha256s.byteLength);
  return {
    length: areasPx.length,
    isProtected: (index) => isProtected[index] === 1,
    areaPx: (index) => areasPx[index] as number,
    sizeBytes: (index) => sizesBytes[index] as number,
    compareHashes: (left, right) => {
      const at = left * SHA256_BYTES;
      const other = right * SHA256_BYTES;
      return hashes.compare(hashes, other, other + SHA256_BYTES, at, at + SHA256_BYTES);
    },
  };
}
