/** Holds jobs while the disk is too full, on hosts that stay open, and lets them go on when there is space again. */

import type { Holds } from './holds.ts';

const EVERY_MS = 5_000;
/** So much more than the floor must be free before jobs go on: what they write at once would stop them again. */
const LEAST_MARGIN_BYTES = 64 * 1024 * 1024;

export interface DiskWatchOptions {
  readonly holds: Holds;
  /** Of the disk that holds the library. Rejects while that is away. */
  readonly freeBytes: () => Promise<number>;
  /** What is to stay free. */
  readonly floorBytes: () => number;
  /** Whether a person wants this; otherwise a job that the full disk stopped is paused. */
  readonly isOn: () => boolean;
  /** Milliseconds between two looks. Default: 5,000. */
  readonly everyMs?: number;
}

export interface DiskWatch {
  /** Looks at once, which it answers after, and then again and again until `stop`. */
  readonly start: () => Promise<void>;
  /** A job found the disk full. @returns whether jobs are held until there is space; never before `start` */
  readonly onFull: () => Promise<boolean>;
  readonly stop: () => void;
}

export function createDiskWatch(options: DiskWatchOptions): DiskWatch {
  const { holds, freeBytes, floorBytes, isOn, everyMs = EVERY_MS } = options;
  let timer: NodeJS.Timeout | null = null;

  /** @param isFull a job could not write; another disk may be the full one, then nothing here is short */
  const look = async (isFull: boolean): Promise<boolean> => {
    const free = isOn() ? await freeBytes() : Number.POSITIVE_INFINITY;
    // It may have been stopped while the disk was asked.
    if (timer === null) return false;
    const floor = floorBytes();
    const enough = isFull || holds.reasons.includes('disk') ? floor + marginBytes(floor) : floor;
    holds.setDisk(free < enough);
    return free < enough;
  };
  // What cannot be asked holds nothing: jobs meet a disk that is away themselves.
  const lookAgain = () =>
    look(false).then(
      () => undefined,
      () => undefined,
    );

  return {
    start: () => {
      timer ??= setInterval(lookAgain, everyMs).unref();
      return lookAgain();
    },
    onFull: () => look(true),
    stop: () => {
      if (timer !== null) clearInterval(timer);
      timer = null;
    },
  };
}

function marginBytes(floor: number): number {
  return Math.max(LEAST_MARGIN_BYTES, floor / 8);
}
