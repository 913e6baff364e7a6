/**
 * The one door to `pixcrawler.db`: connection settings, migrations with a backup before each, and group commit.
 *
 * Every write of the core goes through `write`, so a raw hot-path statement can never fall into a transaction that a
 * Kysely query holds open across an await, and writes that come together share one fsync.
 */

import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import type { Kysely } from 'kysely';
import { AppError, toAppError } from '../../shared/errors.ts';
import { MIGRATIONS } from './migrations/index.ts';
import { readableUrl } from './readable-url.ts';
import { DatabaseReader } from './reader.ts';
import type { DatabaseSchema } from './schema.ts';

type Statement = SqliteDatabase.Statement<unknown[], unknown>;

interface PendingWrite {
  readonly work: () => unknown;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

interface TransactionHook {
  readonly beforeCommit: () => void;
  readonly mark: () => () => void;
}

const BACKUPS_KEPT = 7;
/** A backup is called so until it is whole and sound. */
const PARTIAL = '.partial';
/** Least time between the starts of two transactions. */
const COMPANY_MS = 5;
/** Above this many milliseconds a transaction is worth a line in the log. */
const SLOW_TRANSACTION_MS = 50;

/** Sets and proves what every connection of ours needs. */
export function configureConnection(connection: SqliteDatabase.Database, readonly: boolean): void {
  if (!readonly) {
    connection.pragma('journal_mode = WAL');
    connection.pragma('journal_size_limit = 67108864');
  }
  // The library's build sets NORMAL for WAL, which loses acknowledged commits on power loss.
  connection.pragma('synchronous = FULL');
  connection.pragma('foreign_keys = ON');
  connection.pragma('busy_timeout = 5000');
  connection.pragma('cache_size = -65536');
  connection.pragma('temp_store = MEMORY');
}

export interface DatabaseOptions {
  readonly path: string;
  readonly backupDirectory: string;
  readonly onSlow?: (what: string, durationMs: number) => void;
}

export class Database {
  readonly path: string;
  readonly #connection: SqliteDatabase.Database;
  readonly #statements = new Map<string, Statement>();
  readonly #options: DatabaseOptions;
  #pending: PendingWrite[] = [];
  #flushScheduled = false;
  #flushedAtMs = 0;
  #lastBatchSize = 0;
  readonly #hooks = new Set<TransactionHook>();
  #kysely: Promise<Kysely<DatabaseSchema>> | null = null;
  #backup: Promise<string> | null = null;
  #changesAtOpen = 0;

  private constructor(connection: SqliteDatabase.Database, options: DatabaseOptions) {
    this.#connection = connection;
    this.#options = options;
    this.path = options.path;
  }

  /**
   * Opens or makes the database and brings its schema up to date.
   * @throws AppError `conflict` when a newer PixCrawler wrote it; it is left untouched then
   */
  static async open(options: DatabaseOptions): Promise<Database> {
    mkdirSync(dirname(options.path), { recursive: true });
    const connection = new SqliteDatabase(options.path);
    try {
      const version = connection.pragma('user_version', { simple: true }) as number;
      if (version > MIGRATIONS.length) {
        throw new AppError(
          'conflict',
          `The library was written by a newer PixCrawler (schema ${version}; this one knows ${MIGRATIONS.length}). Install the newer version to open it.`,
        );
      }
      configureConnection(connection, false);
      connection.function('readable_url', { deterministic: true }, (url) =>
        typeof url === 'string' ? readableUrl(url) : null,
      );
      const database = new Database(connection, options);
      await database.#migrate(version);
      database.#changesAtOpen = database.#changes();
      return database;
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  async #migrate(from: number): Promise<void> {
    for (let version = from; version < MIGRATIONS.length; version++) {
      // A new one has nothing to lose, and must not count as the backup of its first day.
      if (from > 0) await this.backup(`before-schema-${version + 1}`);
      this.#connection.transaction(() => {
        this.#connection.exec(MIGRATIONS[version] ?? '');
        this.#connection.pragma(`user_version = ${version + 1}`);
      })();
    }
  }

  /** A cached prepared statement; for the hot paths only. */
  prepare<Parameters extends unknown[] = unknown[], Row = unknown>(
    sql: string,
  ): SqliteDatabase.Statement<Parameters, Row> {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#connection.prepare(sql) as Statement;
      this.#statements.set(sql, statement);
    }
    return statement as unknown as SqliteDatabase.Statement<Parameters, Row>;
  }

  /**
   * Runs `work` (synchronous) in a transaction, together with other writes that wait, and resolves once it is durable.
   * When `work` throws, its own changes are undone and only its promise rejects.
   */
  write<T>(work: () => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#pending.push({ work, resolve: resolve as (value: unknown) => void, reject });
      if (this.#flushScheduled) return;
      this.#flushScheduled = true;
      // Where writes come in company each transaction waits a little for more: one fsync then serves many.
      const restedMs = performance.now() - this.#flushedAtMs;
      if (restedMs >= COMPANY_MS || this.#lastBatchSize <= 1) setImmediate(() => this.#flush());
      else setTimeout(() => this.#flush(), COMPANY_MS - restedMs);
    });
  }

  #flush(): void {
    this.#flushScheduled = false;
    const batch = this.#pending;
    this.#pending = [];
    if (batch.length === 0) return;
    this.#lastBatchSize = batch.length;
    const startedMs = performance.now();
    this.#flushedAtMs = startedMs;
    const settle: (() => void)[] = [];
    const only = batch.length === 1;
    const undoAll = this.#mark();
    try {
      this.#connection.exec('BEGIN IMMEDIATE');
      for (const write of batch) {
        if (!only) this.#connection.exec('SAVEPOINT one');
        const undo = only ? undoAll : this.#mark();
        try {
          const value = write.work();
          settle.push(() => write.resolve(value));
          if (!only) this.#connection.exec('RELEASE one');
        } catch (error) {
          // After a failure of the disk SQLite has undone the whole transaction by itself.
          if (only || !this.#connection.inTransaction) throw error;
          undo();
          this.#connection.exec('ROLLBACK TO one');
          this.#connection.exec('RELEASE one');
          settle.push(() => write.reject(error));
        }
      }
      for (const hook of this.#hooks) hook.beforeCommit();
      this.#connection.exec('COMMIT');
    } catch (error) {
      undoAll();
      if (this.#connection.inTransaction) this.#connection.exec('ROLLBACK');
      const failure = only ? error : toAppError(error);
      for (const write of batch) write.reject(failure);
      return;
    }
    const durationMs = performance.now() - startedMs;
    if (durationMs > SLOW_TRANSACTION_MS) this.#options.onSlow?.(`a transaction of ${batch.length} writes`, durationMs);
    for (const done of settle) done();
  }

  /**
   * Runs a hook inside each transaction, after its writes: for totals that many writes of it change.
   * @param mark called before each write; what it returns is called when that write is undone, to undo what it did to
   *   the totals in memory
   * @returns a function that removes the hook
   */
  onBeforeCommit(beforeCommit: () => void, mark: () => () => void = () => () => undefined): () => void {
    const hook = { beforeCommit, mark };
    this.#hooks.add(hook);
    return () => this.#hooks.delete(hook);
  }

  #mark(): () => void {
    const undo = Array.from(this.#hooks, (hook) => hook.mark());
    return () => {
      for (const each of undo) each();
    };
  }

  /** Everything queued before this call is durable when it resolves. */
  async flushed(): Promise<void> {
    await this.write(() => undefined);
  }

  /** The query builder over the same connection, for reads and single statements off the hot path; loaded on first use. */
  query(): Promise<Kysely<DatabaseSchema>> {
    this.#kysely ??= import('./kysely.ts').then(({ createKysely }) => createKysely(this.#connection));
    return this.#kysely;
  }

  /**
   * Copies the live database page by page, checks the copy and keeps the newest seven. While one is being made it is waited
   * for, and no other is begun.
   * @returns its path
   */
  backup(reason: string): Promise<string> {
    this.#backup ??= this.#makeBackup(reason).finally(() => {
      this.#backup = null;
    });
    return this.#backup;
  }

  async #makeBackup(reason: string): Promise<string> {
    const { backupDirectory } = this.#options;
    mkdirSync(backupDirectory, { recursive: true });
    // Those of a program that ended on the way.
    for (const file of readdirSync(backupDirectory)) {
      if (file.includes(PARTIAL)) rmSync(join(backupDirectory, file), { force: true });
    }
    const stamp = new Date().toISOString().replaceAll(/[:.]/g, '-');
    const target = join(backupDirectory, `pixcrawler-${stamp}-${reason}.db`);
    const partial = target + PARTIAL;
    await this.#connection.backup(partial);
    const [verdict] = await readAside(partial, (copy) => copy.all<{ quick_check: string }>('PRAGMA quick_check(1)'));
    // A reader cannot take away what its reading made; nothing was ever written to the copy.
    for (const suffix of ['-wal', '-shm']) rmSync(partial + suffix, { force: true });
    if (verdict?.quick_check !== 'ok') {
      throw new AppError('internal', `The backup ${partial} is not sound: ${verdict?.quick_check ?? 'no answer'}`);
    }
    renameSync(partial, target);
    for (const file of this.#backups().slice(0, -BACKUPS_KEPT)) rmSync(join(backupDirectory, file));
    return target;
  }

  /** Whether a row was changed since the database was opened. */
  get isChanged(): boolean {
    return this.#changes() > this.#changesAtOpen;
  }

  #changes(): number {
    return this.prepare<[], { count: number }>('SELECT total_changes() AS count').get()?.count ?? 0;
  }

  get sizeBytes(): number {
    return Number(this.pragma('page_count')) * Number(this.pragma('page_size'));
  }

  /** Whether the newest backup is older than this, or there is none though there is something to lose. */
  isBackupDue(ageMs: number): boolean {
    const backups = this.#backups();
    const newest = backups.at(-1);
    if (newest === undefined) return true;
    return Date.now() - statSync(join(this.#options.backupDirectory, newest)).mtimeMs > ageMs;
  }

  #backups(): string[] {
    if (!existsSync(this.#options.backupDirectory)) return [];
    return readdirSync(this.#options.backupDirectory)
      .filter((file) => file.startsWith('pixcrawler-') && file.endsWith('.db'))
      .sort();
  }

  /** Reads from the file, at once. @throws when it cannot be read */
  ping(): void {
    this.prepare('SELECT 1 FROM datasets LIMIT 1').get();
  }

  /** `ok`, or what SQLite found wrong. Takes long on a large library, on a thread of its own. */
  async integrityCheck(): Promise<string> {
    await this.flushed();
    return readAside(this.path, async (reader) => {
      const rows = await reader.all<{ integrity_check: string }>('PRAGMA integrity_check');
      const [foreign] = await reader.all<{ count: number }>('SELECT count(*) AS count FROM pragma_foreign_key_check');
      const text = rows.map((row) => row.integrity_check).join('; ');
      const dangling = foreign?.count ?? 0;
      return dangling > 0 ? `${text}; ${dangling} rows refer to missing rows` : text;
    });
  }

  pragma(name: string): unknown {
    return this.#connection.pragma(name, { simple: true });
  }

  /** Writes what is queued, then closes. */
  async close(): Promise<void> {
    await this.flushed();
    this.#statements.clear();
    try {
      this.#connection.pragma('wal_checkpoint(TRUNCATE)');
    } catch {
      // On a full or failing disk the log stays: it is durable, and the next open goes on from it.
    }
    this.#connection.close();
  }
}

/** Reads a database on a thread for that alone: what takes minutes holds up neither the core nor its reader. */
async function readAside<T>(path: string, work: (reader: DatabaseReader) => Promise<T>): Promise<T> {
  const reader = new DatabaseReader(path);
  try {
    return await work(reader);
  } finally {
    await reader.close();
  }
}
