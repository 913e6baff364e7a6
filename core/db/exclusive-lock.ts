import Database from 'better-sqlite3';

/** Held until `release`, or until the process ends in whatever way. */
export interface ExclusiveLock {
  release(): void;
}

/** Keeps held connections reachable: one that is collected would give its lock back unseen. */
const held = new Set<Database.Database>();

/**
 * Takes an operating system lock that excludes every other process and every other call in this one. The lock is
 * SQLite's own EXCLUSIVE file lock, so the system gives it back even after SIGKILL, and there is no stale lock to break.
 *
 * Invariant: nothing but this function may open the file. On POSIX systems any `close` of it inside the owning process
 * would drop the lock.
 *
 * @param path the lock file; made when missing, its folder must exist
 * @returns undefined when somebody else holds it
 */
export function tryExclusiveLock(path: string): ExclusiveLock | undefined {
  const database = new Database(path, { timeout: 0 });
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if ((error as { code?: string }).code?.startsWith('SQLITE_BUSY')) return undefined;
    throw error;
  }
  held.add(database);
  return {
    release() {
      if (!held.delete(database)) return;
      database.exec('ROLLBACK');
      database.close();
    },
  };
}
