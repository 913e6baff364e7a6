/** Opens a library: lock, database, store. Whatever the first page does not need is loaded later, by `core.ts`. */

import { toAppError } from '../shared/errors.ts';
import { Database } from './db/database.ts';
import { type Log, openLog } from './log.ts';
import { SampleRepository } from './samples/sample-repository.ts';
import { type DataDirectory, openDataDirectory } from './store/data-directory.ts';
import { lockDataDirectory, type OwnerAddress } from './store/lock.ts';

/** Everything on the desktop belongs to this owner. */
const LOCAL_OWNER = 'local';

export interface Library {
  readonly ownerId: string;
  readonly directory: DataDirectory;
  readonly log: Log;
  readonly database: Database;
  readonly samples: SampleRepository;
  /** Tells other programs of this user where the library's owner answers; null when it no longer does. */
  publishAddress(reachable: OwnerAddress | null): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens the library in a data directory for this process alone.
 * @throws AppError `in-use`, `unavailable`, `bad-request`, `conflict`; see `openDataDirectory` and `lockDataDirectory`
 */
export async function openLibrary(dataDirectory: string, create: 'if-new' | 'never' = 'if-new'): Promise<Library> {
  try {
    return await open(dataDirectory, create);
  } catch (error) {
    throw toAppError(error);
  }
}

async function open(dataDirectory: string, create: 'if-new' | 'never'): Promise<Library> {
  const directory = await openDataDirectory(dataDirectory, { create });
  const lock = await lockDataDirectory(directory);
  const closing: (() => unknown)[] = [() => lock.release()];
  const close = async () => {
    while (closing.length > 0) await closing.pop()?.();
  };
  try {
    const log = openLog(directory.logsPath);
    const database = await Database.open({
      path: directory.databasePath,
      backupDirectory: directory.backupsPath,
      onSlow: log.slow,
    });
    closing.push(() => database.close());
    return {
      ownerId: LOCAL_OWNER,
      directory,
      log,
      database,
      samples: new SampleRepository(database, LOCAL_OWNER),
      publishAddress: (reachable) => lock.updateAddress(reachable),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
