/** The images of a dataset that are compared with each other, in columns: a million of them take under 100 MB. */

import type { TaskInput } from '../../workers/tasks.ts';
import type { Judgement } from '../samples/sample-judgements.ts';

/** One row as the database gives it. */
export interface CandidateRow {
  readonly id: number;
  readonly jobId: number | null;
  readonly status: 'accepted' | 'quarantined' | 'rejected';
  readonly decidedBy: 'rules' | 'user';
  /** Comma-separated findings. */
  readonly reasons: string;
  readonly keeperId: number | null;
  readonly keeperDistance: number | null;
  readonly pHashHigh: number;
  readonly pHashLow: number;
  readonly dHashHigh: number;
  readonly dHashLow: number;
  readonly width: number;
  readonly height: number;
  readonly sizeBytes: number;
  /** Lower-case hex. */
  readonly sha256: string;
}

const NEAR_DUPLICATE = 'near-duplicate';

const HASH_BYTES = 32;
const IS_USERS = 1;
const IS_REPEAT = 2;
const IS_QUARANTINED = 4;
/** A distance that is none. */
const NO_DISTANCE = 255;

export class CandidateTable {
  #length = 0;
  #ids = new Float64Array(1024);
  /** 0 for none. */
  #jobIds = new Float64Array(1024);
  #keeperIds = new Float64Array(1024);
  #distances = new Uint8Array(1024);
  #flags = new Uint8Array(1024);
  #areas = new Float64Array(1024);
  #sizes = new Float64Array(1024);
  #hashes = Buffer.alloc(1024 * HASH_BYTES);
  #pHashes = new Uint32Array(2048);
  #dHashes = new Uint32Array(2048);

  get length(): number {
    return this.#length;
  }

  /** What a worker needs to group them. */
  columns(): Pick<
    TaskInput<'group-near-duplicates'>,
    'pHashes' | 'dHashes' | 'areasPx' | 'sizesBytes' | 'sha256s' | 'isProtected'
  > {
    const length = this.#length;
    return {
      pHashes: this.#pHashes.slice(0, length * 2),
      dHashes: this.#dHashes.slice(0, length * 2),
      areasPx: this.#areas.slice(0, length),
      sizesBytes: this.#sizes.slice(0, length),
      sha256s: new Uint8Array(this.#hashes.subarray(0, length * HASH_BYTES)),
      isProtected: this.#flags.slice(0, length).map((flags) => flags & IS_USERS),
    };
  }

  /**
   * Takes a row in, unless another rule quarantines it, a person set it aside, or it is rejected: a blurred picture is
   * not what a sharp one should be dropped for.
   */
  add(row: CandidateRow): void {
    const isUsers = row.decidedBy === 'user';
    if (isUsers ? row.status !== 'accepted' : row.reasons !== '' && row.reasons !== NEAR_DUPLICATE) return;
    if (row.status === 'rejected') return;
    if (this.#length === this.#ids.length) this.#grow();
    const index = this.#length++;
    this.#ids[index] = row.id;
    this.#jobIds[index] = row.jobId ?? 0;
    this.#keeperIds[index] = row.keeperId ?? 0;
    this.#distances[index] = row.keeperDistance ?? NO_DISTANCE;
    this.#flags[index] =
      (isUsers ? IS_USERS : 0) |
      (row.reasons === NEAR_DUPLICATE ? IS_REPEAT : 0) |
      (row.status === 'quarantined' ? IS_QUARANTINED : 0);
    this.#areas[index] = row.width * row.height;
    this.#sizes[index] = row.sizeBytes;
    this.#hashes.write(row.sha256, index * HASH_BYTES, 'hex');
    this.#pHashes[index * 2] = row.pHashHigh;
    this.#pHashes[index * 2 + 1] = row.pHashLow;
    this.#dHashes[index * 2] = row.dHashHigh;
    this.#dHashes[index * 2 + 1] = row.dHashLow;
  }

  #grow(): void {
    const larger = <T extends Float64Array | Uint8Array | Uint32Array>(from: T, into: T): T => {
      into.set(from);
      return into;
    };
    const size = this.#ids.length * 2;
    this.#ids = larger(this.#ids, new Float64Array(size));
    this.#jobIds = larger(this.#jobIds, new Float64Array(size));
    this.#keeperIds = larger(this.#keeperIds, new Float64Array(size));
    this.#distances = larger(this.#distances, new Uint8Array(size));
    this.#flags = larger(this.#flags, new Uint8Array(size));
    this.#areas = larger(this.#areas, new Float64Array(size));
    this.#sizes = larger(this.#sizes, new Float64Array(size));
    this.#hashes = larger(this.#hashes, Buffer.alloc(size * HASH_BYTES));
    this.#pHashes = larger(this.#pHashes, new Uint32Array(size * 2));
    this.#dHashes = larger(this.#dHashes, new Uint32Array(size * 2));
  }

  idOf(index: number): number {
    return this.#ids[index] as number;
  }

  isProtected(index: number): boolean {
    return ((this.#flags[index] as number) & IS_USERS) !== 0;
  }

  /** Whether a candidate's row says something else than that its keeper is this one; 0 when it has none. */
  isChanged(index: number, keeperId: number, distance: number): boolean {
    const wanted = keeperId === 0 ? 0 : IS_REPEAT | IS_QUARANTINED;
    if (((this.#flags[index] as number) & (IS_REPEAT | IS_QUARANTINED)) !== wanted) return true;
    if (this.#keeperIds[index] !== keeperId) return true;
    return this.#distances[index] !== (keeperId === 0 ? NO_DISTANCE : distance);
  }

  /** What a candidate's row says, and what it should say when its keeper is this one; 0 when it has none. */
  judgement(index: number, keeperId: number, distance: number): Judgement {
    const flags = this.#flags[index] as number;
    const jobId = this.#jobIds[index] as number;
    const before = this.#keeperIds[index] as number;
    const distanceBefore = this.#distances[index] as number;
    return {
      sample: {
        id: this.idOf(index),
        jobId: jobId === 0 ? null : jobId,
        status: (flags & IS_QUARANTINED) === 0 ? 'accepted' : 'quarantined',
        reasons: (flags & IS_REPEAT) === 0 ? [] : [NEAR_DUPLICATE],
        keeperId: before === 0 ? null : before,
        keeperDistance: distanceBefore === NO_DISTANCE ? null : distanceBefore,
      },
      reasons: keeperId === 0 ? [] : [NEAR_DUPLICATE],
      keeperId: keeperId === 0 ? null : keeperId,
      keeperDistance: keeperId === 0 ? null : distance,
    };
  }
}
