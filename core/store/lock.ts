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

/** Where an owner answers, and what lets a program of the same user in. Kept in a file of mode 0600; never in an error. */
export interface OwnerAddress {
  readonly address: string;
  readonly token: string;
}

/** One owner per data directory, until `release` or the end of the process. */
export interface DataDirectoryLock {
  readonly owner: LockOwner;
  /** Publishes where this process can be reached; null when it no longer can. */
  updateAddress(reachable: OwnerAddress | null): Promise<void>;
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
export async function lockDataDirectory(directory: DataDirectory): Promise<DataDirectoryLock> {
  let lock = tryExclusiveLock(directory.lockPath);
  if (lock === undefined) {
    await sleep(SECOND_LOOK_MS);
    lock = tryExclusiveLock(directory.lockPath);
  }
  if (lock === undefined) throw inUse(directory, (await readOwnerFile(directory.ownerPath))?.owner ?? null);
  return claim(directory, lock);
}

async function claim(directory: DataDirectory, lock: ExclusiveLock): Promise<DataDirectoryLock> {
  let owner: LockOwner = { pid: process.pid, host: hostname(), startedAt: new Date().toISOString(), address: null };
  const publish = (token: string | null) =>
    writeFileAtomically(directory.ownerPath, `${JSON.stringify({ ...owner, token })}\n`, false);
  try {
    await publish(null);
  } catch (error) {
    lock.release();
    throw error;
  }
  return {
    get owner() {
      return owner;
    },
    async updateAddress(reachable) {
      owner = { ...owner, address: reachable?.address ?? null };
      await publish(reachable?.token ?? null);
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

/** Where the owner of a data directory can be reached; null when it cannot, or there is none. */
export async function readOwnerAddress(ownerPath: string): Promise<OwnerAddress | null> {
  const file = await readOwnerFile(ownerPath);
  return file?.owner.address == null || file.token === null ? null : { address: file.owner.address, token: file.token };
}

async function readOwnerFile(path: string): Promise<{ owner: LockOwner; token: string | null } | null> {
  try {
    const { pid, host, startedAt, address, token } = JSON.parse(await readFile(path, 'utf8')) as Record<
      string,
      unknown
    >;
    if (typeof pid !== 'number' || typeof host !== 'string' || typeof startedAt !== 'string') return null;
    return {
      owner: { pid, host, startedAt, address: typeof address === 'string' ? address : null },
      token: typeof token === 'string' ? token : null,
    };
  } catch {
    return null;
  }
}
