import { rmSync } from 'node:fs';
import Database from 'better-sqlite3';

export interface ThumbnailRow {
  readonly imageId: number;
  /** JPEG bytes. */
  readonly bytes: Uint8Array;
}

/** Rows asked for by one statement; SQLite prepares one plan for it. */
const GET_BATCH = 100;

/**
 * `thumbnails.db`: a cache that can be made again, so it trades durability for speed (WAL, `synchronous=OFF`) and is
 * thrown away, not mended, when it is damaged. It never shares a connection with the ledger.
 */
export class ThumbnailDb {
  readonly #path: string;
  #connection: Connection;

  /** Opens the file, makes it when missing, and makes it anew when it is damaged or has another layout. */
  constructor(path: string) {
    this.#path = path;
    this.#connection = openOrRecreate(path);
  }

  /** Inserts or replaces, in one transaction. */
  putMany(rows: readonly ThumbnailRow[]): void {
    this.#guarded((connection) => connection.putAll(rows), undefined);
  }

  /** In no promised order; ids without a row are left out. */
  getMany(imageIds: readonly number[]): ThumbnailRow[] {
    return this.#guarded((connection) => {
      const rows: ThumbnailRow[] = [];
      for (let start = 0; start < imageIds.length; start += GET_BATCH) {
        const part: (number | null)[] = imageIds.slice(start, start + GET_BATCH);
        while (part.length < GET_BATCH) part.push(null);
        rows.push(...connection.get.all(...part));
      }
      return rows;
    }, []);
  }

  removeMany(imageIds: readonly number[]): void {
    this.#guarded((connection) => connection.removeAll(imageIds), undefined);
  }

  count(): number {
    return this.#guarded((connection) => connection.count.get() ?? 0, 0);
  }

  close(): void {
    this.#connection.database.close();
  }

  /** Damage found in use empties the cache; `whenLost` is then the answer. */
  #guarded<T>(work: (connection: Connection) => T, whenLost: T): T {
    try {
      return work(this.#connection);
    } catch (error) {
      if (!isDamage(error)) throw error;
      this.#connection.database.close();
      this.#connection = recreate(this.#path);
      return whenLost;
    }
  }
}

type Connection = ReturnType<typeof open>;

function open(path: string) {
  const database = new Database(path);
  try {
    database.pragma('journal_mode = WAL');
    database.pragma('synchronous = OFF');
    // A page of thumbnails is read once; what is read again the file cache of the system has.
    database.pragma('cache_size = -2048');
    database.pragma('busy_timeout = 5000');
    database.pragma(`journal_size_limit = ${64 * 1024 * 1024}`);
    database.exec('CREATE TABLE IF NOT EXISTS thumbnails (image_id INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT');
    const placeholders = Array(GET_BATCH).fill('?').join(',');
    const put = database.prepare<[number, Uint8Array]>(
      'INSERT INTO thumbnails (image_id, bytes) VALUES (?, ?) ON CONFLICT DO UPDATE SET bytes = excluded.bytes',
    );
    const remove = database.prepare<[number]>('DELETE FROM thumbnails WHERE image_id = ?');
    return {
      database,
      get: database.prepare<(number | null)[], ThumbnailRow>(
        `SELECT image_id AS imageId, bytes FROM thumbnails WHERE image_id IN (${placeholders})`,
      ),
      count: database.prepare<[], number>('SELECT count(*) FROM thumbnails').pluck(),
      putAll: database.transaction((rows: readonly ThumbnailRow[]) => {
        for (const row of rows) put.run(row.imageId, row.bytes);
      }),
      removeAll: database.transaction((imageIds: readonly number[]) => {
        for (const imageId of imageIds) remove.run(imageId);
      }),
    };
  } catch (error) {
    database.close();
    throw error;
  }
}

function openOrRecreate(path: string): Connection {
  try {
    return open(path);
  } catch (error) {
    if (!isDamage(error)) throw error;
    return recreate(path);
  }
}

function recreate(path: string): Connection {
  for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix, { force: true });
  return open(path);
}

/** A file that is no database, a damaged one, or one whose table has other columns (SQLITE_ERROR on prepare). */
function isDamage(error: unknown): boolean {
  const code = (error as { code?: string } | null)?.code ?? '';
  return code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB' || code === 'SQLITE_ERROR';
}
