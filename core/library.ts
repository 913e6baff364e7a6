/** Opens a library: lock, database, store. Whatever the first page does not need is loaded later, by `core.ts`. */

import { join } from 'node:path';
import { RequestRepository } from './crawl/request-repository.ts';
import { Database } from './db/database.ts';
import { OpenJournal } from './ingest/open-journal.ts';
import { JobRepository } from './jobs/job-repository.ts';
import { type Log, openLog } from './log.ts';
import { SampleRepository } from './samples/sample-repository.ts';
import type { BlobStore } from './store/blob-store.ts';
import { type DataDirectory, openDataDirectory } from './store/data-directory.ts';
import { FileBlobStore } from './store/file-blob-store.ts';
import { lockDataDirectory } from './store/lock.ts';

/** Everything on the desktop belongs to this owner. */
const LOCAL_OWNER = 'local';

export interface Library {
  readonly ownerId: string;
  readonly directory: DataDirectory;
  readonly log: Log;
  readonly database: Database;
  readonly blobStore: BlobStore;
  /** Blobs between their rename and the commit of their rows, by hash. */
  readonly adoptions: OpenJournal;
  /** Files that a worker has open, by the id of their request. */
  readonly attempts: OpenJournal;
  readonly samples: SampleRepository;
  readonly requests: RequestRepository;
  readonly jobs: JobRepository;
  close(): Promise<void>;
}

/**
 * Opens the library in a data directory for this process alone, and puts right what a core left behind that died.
 * @throws AppError `in-use`, `unavailable`, `bad-request`, `conflict`; see `openDataDirectory` and `lockDataDirectory`
 */
export async function openLibrary(dataDirectory: string): Promise<Library> {
  const directory = await openDataDirectory(dataDirectory);
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
      onSlow: (what, durationMs) => log.write('warning', `slow: ${what}`, { durationMs: Math.round(durationMs) }),
    });
    closing.push(() => database.close());
    const adoptions = new OpenJournal(join(directory.root, 'adoptions.log'));
    closing.push(() => adoptions.close());
    const attempts = new OpenJournal(join(directory.root, 'attempts.log'));
    closing.push(() => attempts.close());
    const library: Library = {
      ownerId: LOCAL_OWNER,
      directory,
      log,
      database,
      blobStore: new FileBlobStore(directory),
      adoptions,
      attempts,
      samples: new SampleRepository(database, LOCAL_OWNER),
      requests: new RequestRepository(database, LOCAL_OWNER),
      jobs: new JobRepository(database, LOCAL_OWNER),
      close,
    };
    await recover(library);
    return library;
  } catch (error) {
    await close();
    throw error;
  }
}

/** Puts right what a core left that died: its jobs, its open files, its half-adopted blobs, its staging. */
async function recover(library: Library): Promise<void> {
  const { adoptions, attempts, blobStore, database, jobs, requests } = library;
  const open = attempts.readLeftOpen();
  if (open.length > 0) {
    await requests.suspectMany(open.map(Number));
    attempts.clear();
  }
  const paused = await jobs.pauseAbandoned();
  const begun = adoptions.readLeftOpen();
  const orphans = begun.filter((sha256) => {
    const row = database
      .prepare<[Buffer], { id: number }>('SELECT id FROM images WHERE sha256 = ? LIMIT 1')
      .get(Buffer.from(sha256, 'hex'));
    return row === undefined;
  });
  if (orphans.length > 0) await blobStore.trashMany(orphans);
  if (begun.length > 0) adoptions.clear();
  await blobStore.clearStaging();
  if (paused > 0 || orphans.length > 0) {
    library.log.write('info', 'A library that was not closed was put right.', { paused, orphans: orphans.length });
  }
}
