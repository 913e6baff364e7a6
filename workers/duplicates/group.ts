/** The task: near-duplicates found and grouped around those that stay, where it keeps nobody waiting. */

import type { TaskInput, TaskOutput } from '../tasks.ts';
import { clusterDuplicates, type DuplicateCandidates } from './clusters.ts';
import { clusterCrowd } from './crowd.ts';
import { findNearDuplicates } from './near-duplicates.ts';

/** More pairs than this are not held: they take about 25 bytes each, and a worker process has its memory budget. */
const MAX_PAIRS = 10_000_000;

const SHA256_BYTES = 32;

/**
 * Says for each candidate which other one it nearly repeats.
 * @throws AppError as `findNearDuplicates` does
 */
export async function groupNearDuplicates(
  input: TaskInput<'group-near-duplicates'>,
): Promise<TaskOutput<'group-near-duplicates'>> {
  const candidates = candidatesOf(input);
  const near = await findNearDuplicates(input, MAX_PAIRS);
  return near.pairs === null ? clusterCrowd(candidates, input, near.firstEqual) : clusterDuplicates(candidates, near);
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
