/**
 * Groups near-duplicates around keepers: the largest is kept, the rest is set aside with the keeper named. Pure.
 *
 * Star clustering, not connected components: a chain of small changes never joins two pictures that differ, because
 * every member is within the searched distance of its own keeper.
 */

/** What decides which of several near-duplicates is kept, by index: a million candidates need not be objects. */
export interface DuplicateCandidates {
  readonly length: number;
  /** True when a user has accepted or placed it: it is always its own keeper and never anybody's member. */
  isProtected(index: number): boolean;
  areaPx(index: number): number;
  sizeBytes(index: number): number;
  /** Order of the SHA-256 of two candidates, which breaks ties: below 0 when the left one comes first, 0 only for the same. */
  compareHashes(left: number, right: number): number;
}

/** What the search for near-duplicates answers; the indexes are those of the candidates. */
export interface NearPairs {
  /**
   * i < j and their pHash distance, three numbers a pair; between first ones only (see `firstEqual`). In parts of some
   * megabytes, so that millions of pairs are never held twice.
   */
  readonly pairs: readonly Uint32Array[];
  /** Per candidate the first one with the same two hashes; its own index when there is none before. */
  readonly firstEqual: Uint32Array;
}

/** Who nearly repeats whom, by index. */
export interface Stars {
  /** The candidate that stays in place of this one; -1 when this one stays itself. */
  readonly keeperOf: Int32Array;
  /** Hamming distance to the keeper, in bits; 0 where there is none. */
  readonly distances: Uint8Array;
}

/** Everybody stays. */
export function noStars(count: number): Stars {
  return { keeperOf: new Int32Array(count).fill(-1), distances: new Uint8Array(count) };
}

/** Added to the area of a protected candidate: more than any area, and exact beside it. */
const PROTECTED_AREA = 2 ** 52;

/**
 * Sorts indexes of candidates by who is kept: a user's decision, then the larger picture, then the larger file, then
 * the lower hash.
 */
export function sortBestFirst(indexes: Uint32Array, candidates: DuplicateCandidates): void {
  // Nearly all comparisons end here.
  const areas = new Float64Array(candidates.length);
  for (const index of indexes) {
    areas[index] = candidates.areaPx(index) + (candidates.isProtected(index) ? PROTECTED_AREA : 0);
  }
  indexes.sort((left, right) => {
    const area = areas[right]! - areas[left]!;
    if (area !== 0) return area;
    const size = candidates.sizeBytes(right) - candidates.sizeBytes(left);
    return size === 0 ? candidates.compareHashes(left, right) : size;
  });
}

/** Rows of varying length in two arrays: row r is `values[starts[r]] … values[starts[r + 1] - 1]`. */
interface Rows {
  readonly starts: Uint32Array;
  readonly values: Uint32Array;
}

/** Candidates by their first equal one, each row in order of index. */
function classRows(firstEqual: Uint32Array): Rows {
  const starts = new Uint32Array(firstEqual.length + 1);
  for (const first of firstEqual) starts[first + 1]!++;
  for (let row = 0; row < firstEqual.length; row++) starts[row + 1]! += starts[row]!;
  const next = starts.slice(0, -1);
  const values = new Uint32Array(firstEqual.length);
  firstEqual.forEach((first, index) => {
    values[next[first]!++] = index;
  });
  return { starts, values };
}

/** Neighbours of each first one, with their distances beside them. */
function neighbourRows(pairs: readonly Uint32Array[], count: number): Rows & { readonly distances: Uint8Array } {
  const starts = new Uint32Array(count + 1);
  for (const part of pairs) {
    for (let at = 0; at < part.length; at += 3) {
      starts[part[at]! + 1]!++;
      starts[part[at + 1]! + 1]!++;
    }
  }
  for (let row = 0; row < count; row++) starts[row + 1]! += starts[row]!;
  const next = starts.slice(0, -1);
  const values = new Uint32Array(starts[count]!);
  const distances = new Uint8Array(values.length);
  for (const part of pairs) {
    for (let at = 0; at < part.length; at += 3) {
      const left = next[part[at]!]!++;
      const right = next[part[at + 1]!]!++;
      values[left] = part[at + 1]!;
      values[right] = part[at]!;
      distances[left] = part[at + 2]!;
      distances[right] = part[at + 2]!;
    }
  }
  return { starts, values, distances };
}

/**
 * Takes the candidates from the best to the least; each that is still free becomes a keeper and takes all free ones
 * within distance. The same candidates give the same stars in whatever order they come. Time and memory grow with
 * candidates plus pairs.
 */
export function clusterDuplicates(candidates: DuplicateCandidates, near: NearPairs): Stars {
  const { pairs, firstEqual } = near;
  const count = candidates.length;
  const classes = classRows(firstEqual);
  const neighbours = neighbourRows(pairs, count);

  const isRelated = (index: number): boolean => {
    const first = firstEqual[index]!;
    return (
      classes.starts[first + 1]! - classes.starts[first]! > 1 ||
      neighbours.starts[first + 1]! > neighbours.starts[first]!
    );
  };
  const related = new Uint32Array(count);
  let relatedCount = 0;
  for (let index = 0; index < count; index++) if (isRelated(index)) related[relatedCount++] = index;
  const order = related.subarray(0, relatedCount);
  sortBestFirst(order, candidates);

  const { keeperOf, distances } = noStars(count);
  // Per class, so that equal candidates are gone through once: whether all that can be taken has been, and whether a
  // keeper of the class has taken its neighbours.
  const isClassTaken = new Uint8Array(count);
  const isClassSwept = new Uint8Array(count);
  for (const keeper of order) {
    const first = firstEqual[keeper]!;
    if (keeperOf[keeper] !== -1 || isClassSwept[first]) continue;
    isClassSwept[first] = 1;
    const takeClass = (taken: number, distance: number): void => {
      if (isClassTaken[taken]) return;
      isClassTaken[taken] = 1;
      for (let at = classes.starts[taken]!; at < classes.starts[taken + 1]!; at++) {
        const index = classes.values[at]!;
        if (index === keeper || candidates.isProtected(index)) continue;
        keeperOf[index] = keeper;
        distances[index] = distance;
      }
    };
    takeClass(first, 0);
    for (let at = neighbours.starts[first]!; at < neighbours.starts[first + 1]!; at++) {
      takeClass(neighbours.values[at]!, neighbours.distances[at]!);
    }
  }
  return { keeperOf, distances };
}
