import { readFile, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '../../shared/errors.ts';
import { type ExclusiveLock, tryExclusiveLock } from '../db/exclusive-lock.ts';
import type { DataDirectory } from './data-directory.ts';
import { writeFileAtomically } from './durable-file.ts';

/** Who has a data directory open, for the message to whoever else wants it. */
interface LockOwner {
  readonly pid: number;
  readonly host: string;
  /** ISO 8601. */
  readonly startedAt: string;
  /** Where the owner answers requests; null while it does not. */
  readonly address: string | null;
}

/** One owner per data directory, until `release` or the end of the process. */
export interface DataDirectoryLock {
  readonly owner: LockOwner;
  /** Publishes where this process can be reached; null when it no longer can. */
  updateAddress(address: string | null): Promise<void>;
  release(): Promise<void>;
}

/** An owner writes its name a moment after it has the lock; so long a second one waits before it looks again. */
const SECOND_LOOK_MS = 150;

/**
 * Makes this process the owner of a data directory.
 *
 * @throws AppError `in-use` with `details.owner` (a LockOwner, or null when unknown) when another process, or another
 *   part of this one, owns it
 */
export async function lockDataDirectory(
  directory: DataDirectory,
  address: string | null = null,
): Promise<DataDirectoryLock> {
  let lock = tryExclusiveLock(directory.lockPath);
  if (lock === undefined) {
    await sleep(SECOND_LOOK_MS);
    lock = tryExclusiveLock(directory.lockPath);
  }
  if (lock === undefined) throw inUse(directory, await readOwner(directory.ownerPath));
  return claim(directory, lock, address);
}

async function claim(
  directory: DataDirectory,
  lock: ExclusiveLock,
  address: string | null,
): Promise<DataDirectoryLock> {
  let owner: LockOwner = { pid: process.pid, host: hostname(), startedAt: new Date().toISOString(), address };
  const publish = () => writeFileAtomically(directory.ownerPath, `${JSON.stringify(owner)}\n`, false);
  try {
    await publish();
  } catch (error) {
    lock.release();
    throw error;
  }
  return {
    get owner() {
      return owner;
    },
    async updateAddress(next) {
      owner = { ...owner, address: next };
      await publish();
    },
    async release() {
      // The name goes before the lock does: a later owner's name must not be removed.
      await rm(directory.ownerPath, { force: true });
      lock.release();
    },
  };
}

function inUse(directory: DataDirectory, owner: LockOwner | null): AppError {
  const who =
    owner === null
      ? 'another PixCrawler'
      : `another PixCrawler (process ${owner.pid} on ${owner.host}, started ${owner.startedAt}${
          owner.address === null ? '' : `, reachable at ${owner.address}`
        })`;
  const remedy = owner?.address == null ? 'End it and try again' : 'Use that one, or end it and try again';
  return new AppError(
    'in-use',
    `The data directory ${directory.root} is open in ${who}. ${remedy}, or name another data directory.`,
    {
      details: { path: directory.root, owner },
    },
  );
}

async function readOwner(path: string): Promise<LockOwner | null> {
  try {
    const { pid, host, startedAt, address } = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>;
    if (typeof pid !== 'number' || typeof host !== 'string' || typeof startedAt !== 'string') return null;
    return { pid, host, startedAt, address: typeof address === 'string' ? address : null };
  } catch {
    return null;
  }
}
