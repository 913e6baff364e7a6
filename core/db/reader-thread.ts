/** The thread behind DatabaseReader: one read-only connection, one statement at a time. */

import { parentPort, workerData } from 'node:worker_threads';
import SqliteDatabase from 'better-sqlite3';
import { configureConnection } from './database.ts';

const { path } = workerData as { path: string };
const connection = new SqliteDatabase(path, { readonly: true });
configureConnection(connection, true);

interface Question {
  readonly id: number;
  readonly sql: string;
  readonly parameters: readonly unknown[];
  /** Rows as lists of columns. */
  readonly isRaw: boolean;
}

parentPort?.on('message', ({ id, sql, parameters, isRaw }: Question) => {
  try {
    const statement = connection.prepare(sql);
    if (isRaw) statement.raw();
    parentPort?.postMessage({ id, rows: statement.all(...parameters) });
  } catch (error) {
    parentPort?.postMessage({ id, error: String(error) });
  }
});
