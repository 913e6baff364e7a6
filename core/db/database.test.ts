import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import SqliteDatabase from 'better-sqlite3';
import fc from 'fast-check';
import { Database } from './database.ts';
import { DatabaseReader } from './reader.ts';

let folder: string;
let database: Database;

const path = (): string => join(folder, 'test.db');
const backups = (): string => join(folder, 'backups');
const open = (): Promise<Database> => Database.open({ path: path(), backupDirectory: backups() });

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pixcrawler-database-'));
  database = await open();
});

afterEach(async () => {
  await database.close().catch(() => undefined);
  await rm(folder, { recursive: true, force: true });
});

function set(name: string, value: string): void {
  database.prepare(`INSERT INTO settings (owner_id, name, value) VALUES ('local', ?, ?)`).run(name, value);
}

test('a connection is durable and strict', async () => {
  assert.equal(database.pragma('journal_mode'), 'wal');
  assert.equal(database.pragma('synchronous'), 2, 'FULL: an acknowledged commit survives a power cut');
  assert.equal(database.pragma('foreign_keys'), 1);
  assert.equal(database.pragma('busy_timeout'), 5_000);
  assert.equal(database.pragma('journal_size_limit'), 64 * 1024 * 1024);
  assert.equal(await database.integrityCheck(), 'ok');
});

test('writes happen in their order, and a failing one takes only its own changes back', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.boolean(), { minLength: 1, maxLength: 12 }), async (fails) => {
      await database.write(() => database.prepare('DELETE FROM settings').run());
      const order: number[] = [];
      const results = await Promise.allSettled(
        fails.map((isFailing, index) =>
          database.write(() => {
            order.push(index);
            set(`name-${String(index).padStart(2, '0')}`, 'value');
            if (isFailing) throw new Error(`write ${index}`);
            return index;
          }),
        ),
      );
      assert.deepEqual(
        order,
        fails.map((_, index) => index),
      );
      for (const [index, result] of results.entries()) {
        if (fails[index] === true) {
          assert.equal(result.status, 'rejected');
          assert.match(String((result as PromiseRejectedResult).reason), new RegExp(`write ${index}`));
        } else assert.deepEqual(result, { status: 'fulfilled', value: index });
      }
      const kept = database.prepare<[], { name: string }>('SELECT name FROM settings ORDER BY name').all();
      assert.deepEqual(
        kept.map(({ name }) => Number(name.slice(5))),
        order.filter((index) => fails[index] !== true),
      );
    }),
    { numRuns: 100 },
  );
});

test('writes that come together share one transaction', async () => {
  let commits = 0;
  const unhook = database.onBeforeCommit(() => {
    commits++;
  });
  await Promise.all(Array.from({ length: 50 }, (_, index) => database.write(() => set(`name-${index}`, ''))));
  assert.equal(commits, 1);
  unhook();
  await database.write(() => set('later', ''));
  assert.equal(commits, 1, 'a hook that was taken away is not called');
});

test('what resolves is seen by another connection; a hook writes in the same transaction', async () => {
  let seen = 0;
  database.onBeforeCommit(() => set(`hook-${seen++}`, ''));
  await database.write(() => set('own', ''));
  const other = new SqliteDatabase(path(), { readonly: true });
  assert.deepEqual(other.prepare('SELECT name FROM settings ORDER BY name').pluck().all(), ['hook-0', 'own']);
  other.close();
});

test('a transaction that cannot be committed rejects every write of it and leaves nothing', async () => {
  const unhook = database.onBeforeCommit(() => {
    throw Object.assign(new Error('full'), { code: 'SQLITE_FULL' });
  });
  const results = await Promise.allSettled([
    database.write(() => set('one', '')),
    database.write(() => set('two', '')),
  ]);
  assert.ok(results.every(({ status }) => status === 'rejected'));
  assert.equal((results[0] as PromiseRejectedResult).reason.code, 'disk-full');
  unhook();
  await database.write(() => set('three', ''));
  assert.deepEqual(database.prepare('SELECT name FROM settings').pluck().all(), ['three']);
});

test('closing waits for what was asked for before', async () => {
  const written = database.write(() => set('last', 'value'));
  await database.close();
  await written;
  database = await open();
  assert.deepEqual(database.prepare('SELECT name FROM settings').pluck().all(), ['last']);
});

test('a library of a newer version is left as it is', async () => {
  await database.close();
  const newer = new SqliteDatabase(path());
  newer.pragma('user_version = 999');
  newer.close();
  await assert.rejects(open(), { code: 'conflict', message: /newer/ });
  const same = new SqliteDatabase(path(), { readonly: true });
  assert.equal(same.pragma('user_version', { simple: true }), 999);
  same.close();
});

test('a backup that was not finished counts as none, and goes with the next', async () => {
  await mkdir(backups());
  for (const suffix of ['', '-journal'])
    await writeFile(join(backups(), `pixcrawler-a-daily.db.partial${suffix}`), 'half');
  assert.equal(database.isBackupDue(60_000), true);
  const made = await database.backup('daily');
  assert.deepEqual(await readdir(backups()), [basename(made)]);
});

test('a backup is a sound copy of what was committed, and the newest seven are kept', async () => {
  await database.write(() => set('kept', 'value'));
  assert.equal(database.isBackupDue(0), true);
  const copy = new SqliteDatabase(await database.backup('test'));
  assert.deepEqual(copy.prepare('SELECT name FROM settings').pluck().all(), ['kept']);
  copy.close();
  assert.equal(database.isBackupDue(60_000), false);
  const together = await Promise.all([database.backup('one'), database.backup('two')]);
  assert.equal(together[0], together[1], 'one at a time');
  for (let index = 0; index < 9; index++) await database.backup(`again-${index}`);
  const files = await readdir(backups());
  assert.equal(files.length, 7, 'and nothing beside them');
  assert.ok(files.every((file) => file.endsWith('.db')));
});

test('a reader that rested answers again', async () => {
  const reader = new DatabaseReader(path());
  const one = () => reader.all<{ one: number }>('SELECT 1 AS one');
  assert.deepEqual(await one(), [{ one: 1 }]);
  await new Promise((done) => setTimeout(done, 1_200));
  assert.deepEqual(await one(), [{ one: 1 }]);
  await reader.close();
});

test('the reader answers in order, reports what SQLite says and cannot write', async () => {
  const reader = new DatabaseReader(path());
  await database.write(() => set('a', '1'));
  const answers = await Promise.all(
    [1, 2, 3].map((number) => reader.all('SELECT ? AS number, name FROM settings', [number])),
  );
  assert.deepEqual(
    answers.map((rows) => ({ ...(rows[0] as object) })),
    [1, 2, 3].map((number) => ({ number, name: 'a' })),
  );
  await assert.rejects(reader.all('SELECT nothing FROM nowhere'), { code: 'internal' });
  await assert.rejects(reader.all('DELETE FROM settings'));
  assert.equal((await reader.all('SELECT * FROM settings')).length, 1, 'an error does not end it');
  await reader.close();
});

test('a reader that is closed lets nobody wait', async () => {
  const reader = new DatabaseReader(path());
  const slow = reader.all(
    'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 50000000) SELECT count(*) FROM n',
  );
  await Promise.all([assert.rejects(slow), reader.close()]);
});
