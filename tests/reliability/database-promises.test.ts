/** What every connection is set to, the write-ahead log's bound, backups, and newer schemas (G3.1, G3.7, G3.8, G3.9). */

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import SqliteDatabase from 'better-sqlite3';
import { Database } from '../../core/db/database.ts';
import { DatabaseReader } from '../../core/db/reader.ts';
import { draw, encode } from '../web/draw.ts';
import { sampleFacts } from './library-oracle.ts';
import { runCli, temporaryFolder } from './product.ts';

const WAL_LIMIT_BYTES = 64 * 1024 * 1024;

async function openDatabase(folder: string): Promise<Database> {
  return Database.open({ path: join(folder, 'pixcrawler.db'), backupDirectory: join(folder, 'backups') });
}

async function fillLibrary(folder: string, count: number): Promise<string> {
  const source = join(folder, 'images');
  const dataDirectory = join(folder, 'data');
  mkdirSync(source);
  for (let index = 0; index < count; index++) {
    writeFileSync(join(source, `${index}.jpg`), (await encode(draw(9_000 + index, 160, 140), 'jpeg')).bytes);
  }
  await runCli(dataDirectory, ['import', 'kept', '--create', source]);
  return dataDirectory;
}

test('every connection is durable, checked and patient', async (context) => {
  const folder = await temporaryFolder(context, 'connections');
  const database = await openDatabase(folder);
  context.after(() => database.close());
  const reader = new DatabaseReader(database.path);
  context.after(() => reader.close());
  const ofReader = async (pragma: string): Promise<unknown> => {
    const [row] = await reader.all<Record<string, unknown>>(`PRAGMA ${pragma}`);
    return Object.values(row ?? {})[0];
  };
  const connections = { writer: async (pragma: string) => database.pragma(pragma), reader: ofReader };
  for (const [name, read] of Object.entries(connections)) {
    assert.equal(await read('journal_mode'), 'wal', name);
    assert.equal(await read('synchronous'), 2, name);
    assert.equal(await read('foreign_keys'), 1, name);
    assert.ok(Number(await read('busy_timeout')) >= 5_000, name);
  }
  // A reader never truncates the log, so only the writer has a limit for it.
  assert.equal(database.pragma('journal_size_limit'), WAL_LIMIT_BYTES);
  await assert.rejects(reader.all('DELETE FROM settings'), /readonly|Something failed/);
  // Writing the first time is when the library's own default would set in.
  await database.write(() => database.prepare(`INSERT INTO settings VALUES ('local', 'a', 'b')`).run());
  assert.equal(database.pragma('synchronous'), 2);
});

test('the write-ahead log stays bounded while others read', async (context) => {
  const folder = await temporaryFolder(context, 'wal');
  const database = await openDatabase(folder);
  context.after(() => database.close());
  const readers = Array.from({ length: 4 }, () => new DatabaseReader(database.path));
  context.after(() => Promise.all(readers.map((reader) => reader.close())));
  const text = 'x'.repeat(4_000);
  let writing = true;
  let reads = 0;
  const reading = readers.map(async (reader) => {
    while (writing) {
      await reader.all('SELECT name, length(value) FROM settings ORDER BY name DESC LIMIT 500');
      reads++;
    }
  });
  let largestBytes = 0;
  // 160 MB in all: without checkpoints the log would hold every one of them.
  for (let round = 0; round < 400; round++) {
    await database.write(() => {
      for (let index = 0; index < 100; index++) {
        database
          .prepare('INSERT OR REPLACE INTO settings VALUES (?, ?, ?)')
          .run('local', `s${(round * 100 + index) % 5_000}`, text);
      }
    });
    largestBytes = Math.max(largestBytes, statSync(`${database.path}-wal`).size);
  }
  writing = false;
  await Promise.all(reading);
  assert.ok(reads > 10, `only ${reads} reads went on beside`);
  assert.ok(largestBytes <= WAL_LIMIT_BYTES, `the log grew to ${largestBytes >> 20} MiB`);
});

test('a backup is a whole library of its own, made while it is written to', async (context) => {
  const folder = await temporaryFolder(context, 'backup');
  const database = await openDatabase(folder);
  context.after(() => database.close());
  const put = (name: string) =>
    database.write(() => database.prepare('INSERT OR REPLACE INTO settings VALUES (?, ?, ?)').run('local', name, 'v'));
  for (let index = 0; index < 200; index++) await put(`before-${index}`);
  const backup = database.backup('test');
  for (let index = 0; index < 50; index++) await put(`beside-${index}`);
  const path = await backup;
  const copy = new SqliteDatabase(path, { readonly: true });
  context.after(() => copy.close());
  assert.equal(copy.pragma('integrity_check', { simple: true }), 'ok');
  assert.deepEqual(copy.pragma('foreign_key_check'), []);
  const count = copy.prepare<[], number>(`SELECT count(*) FROM settings WHERE name LIKE 'before-%'`).pluck().get();
  assert.equal(count, 200);
  assert.equal(copy.pragma('user_version', { simple: true }), database.pragma('user_version'));
  assert.equal(database.isBackupDue(60_000), false);
});

test('commands that end at once back up what they changed, once a day', async (context) => {
  const folder = await temporaryFolder(context, 'daily');
  const dataDirectory = join(folder, 'data');
  const backups = () => {
    const files = readdirSync(join(dataDirectory, 'backups'));
    return files.filter((file) => file.endsWith('.db')).sort();
  };
  const aDayPasses = () => {
    const before = Date.now() / 1_000 - 25 * 60 * 60;
    for (const file of backups()) utimesSync(join(dataDirectory, 'backups', file), before, before);
  };
  await runCli(dataDirectory, ['dataset', 'create', 'first']);
  assert.equal(backups().length, 1);
  const copy = new SqliteDatabase(join(dataDirectory, 'backups', backups()[0] ?? ''), { readonly: true });
  context.after(() => copy.close());
  assert.deepEqual(copy.prepare('SELECT name FROM datasets').pluck().all(), ['first']);
  await runCli(dataDirectory, ['dataset', 'create', 'second']);
  assert.equal(backups().length, 1, 'once a day');
  aDayPasses();
  await runCli(dataDirectory, ['dataset', 'list']);
  assert.equal(backups().length, 1, 'nothing has changed');
  await runCli(dataDirectory, ['dataset', 'create', 'third']);
  assert.equal(backups().length, 2);

  const large = new SqliteDatabase(join(dataDirectory, 'pixcrawler.db'));
  large.prepare(`INSERT INTO settings VALUES ('local', 'large', hex(zeroblob(20000000)))`).run();
  large.close();
  aDayPasses();
  await runCli(dataDirectory, ['dataset', 'create', 'fourth']);
  assert.equal(backups().length, 2, 'nobody waits for a large one after a quick command');
  await runCli(dataDirectory, ['validate', 'fourth'], { exitCodes: [0, 1, 3] });
  assert.equal(backups().length, 3, 'a job is the time for it');
});

test('a library of a newer program is refused and left as it is', async (context) => {
  const folder = await temporaryFolder(context, 'newer');
  const dataDirectory = await fillLibrary(folder, 3);
  const path = join(dataDirectory, 'pixcrawler.db');
  const newer = new SqliteDatabase(path);
  newer.pragma('user_version = 9999');
  newer.pragma('wal_checkpoint(TRUNCATE)');
  newer.close();
  const digest = () => createHash('sha256').update(readFileSync(path)).digest('hex');
  const before = { bytes: digest(), blobs: readdirSync(join(dataDirectory, 'blobs')).sort() };
  const refused = await runCli(dataDirectory, ['dataset', 'list'], { exitCodes: [1, 2] });
  assert.match(refused.stderr, /newer PixCrawler.*9999/s);
  assert.deepEqual({ bytes: digest(), blobs: readdirSync(join(dataDirectory, 'blobs')).sort() }, before);
  assert.equal(sampleFacts(dataDirectory).length, 3);
});
