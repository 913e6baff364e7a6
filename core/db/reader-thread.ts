/** The thread behind DatabaseReader: one read-only connection, one statement at a time. */

import { parentPort, workerData } from 'node:worker_threads';
import SqliteDatabase from 'better-sqlite3';
import { configureConnection } from './database.ts';

const { path } = workerData as { path: string };
const connection = new SqliteDatabase(path, { readonly: true });
configureConnection(connection, true);

parentPort?.on('message', ({ id, sql, parameters }: { id: number; sql: string; parameters: unknown[] }) => {
  try {
    parentPort?.postMessage({ id, rows: connection.prepare(sql).all(...parameters) });
  } catch (error) {
    parentPort?.postMessage({ id, error: String(error) });
  }
});
