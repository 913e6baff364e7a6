/**
 * The crawl as a script that one would write by hand: two threads that share nothing each fetch, hash, store, decode and
 * measure; this thread only inserts rows. The same decoders, the same durability, nothing of the rest: no ledger, no
 * politeness, no consent, no address guard, no isolation, no resuming.
 */

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import SqliteDatabase from 'better-sqlite3';
import { serveHost } from '../harness/host.ts';
import type { StraightBatch } from './straight-crawl-thread.ts';

const THREADS = 2;

const SCHEMA = `
CREATE TABLE images (
  id INTEGER PRIMARY KEY, sha256 BLOB NOT NULL, size_bytes INTEGER, format TEXT, width INTEGER, height INTEGER,
  integrity TEXT, brightness_p1 REAL, brightness_p5 REAL, brightness_p50 REAL, brightness_p95 REAL, brightness_p99 REAL,
  brightness REAL, contrast REAL, entropy REAL, colourfulness REAL, sharpness REAL, sharpness_half REAL,
  dominant_colour INTEGER, d_hash_high INTEGER, d_hash_low INTEGER, p_hash_high INTEGER, p_hash_low INTEGER,
  url TEXT, created_at INTEGER) STRICT;
CREATE UNIQUE INDEX images_by_content ON images (sha256);`;

let threads: Worker[] = [];
let insertAll: ((batch: StraightBatch) => void) | null = null;
let finished: (() => void) | null = null;
let running = 0;

function openDatabases(folder: string): (batch: StraightBatch) => void {
  const database = new SqliteDatabase(join(folder, 'images.db'));
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = FULL');
  database.exec(SCHEMA);
  const insert = database.prepare(`INSERT OR IGNORE INTO images VALUES (NULL, ${Array(24).fill('?').join(', ')})`);
  const cache = new SqliteDatabase(join(folder, 'thumbnails.db'));
  cache.pragma('journal_mode = WAL');
  cache.pragma('synchronous = OFF');
  cache.exec('CREATE TABLE thumbnails (image_id INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT');
  const put = cache.prepare('INSERT OR REPLACE INTO thumbnails VALUES (?, ?)');
  const insertRows = database.transaction((batch: StraightBatch) =>
    batch.map(({ row }) => Number(insert.run(...row).lastInsertRowid)),
  );
  const putAll = cache.transaction((batch: StraightBatch, ids: readonly number[]) => {
    for (const [index, { thumbnail }] of batch.entries()) if (thumbnail !== null) put.run(ids[index], thumbnail);
  });
  return (batch) => putAll(batch, insertRows(batch));
}

const functions = {
  open: (folder: string) => {
    mkdirSync(join(folder, 'staging'), { recursive: true });
    insertAll = openDatabases(folder);
    const entry = new URL('./straight-crawl-thread.ts', import.meta.url);
    threads = Array.from({ length: THREADS }, () => new Worker(entry, { workerData: { folder } }));
    for (const thread of threads) {
      thread.on('error', (error) => {
        throw error;
      });
      thread.on('message', (batch: StraightBatch | 'done') => {
        if (batch !== 'done') insertAll?.(batch);
        else if (--running === 0) finished?.();
      });
    }
  },
  crawl: async (addresses: readonly string[]) => {
    const next = new Int32Array(new SharedArrayBuffer(4));
    running = threads.length;
    const done = new Promise<void>((resolve) => {
      finished = resolve;
    });
    for (const thread of threads) thread.postMessage({ addresses, next });
    await done;
  },
};

export type StraightCrawl = typeof functions;

serveHost(functions);
