import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import SqliteDatabase from 'better-sqlite3';
import { CounterRepository } from '../datasets/counter-repository.ts';
import { DatasetRepository } from '../datasets/dataset-repository.ts';
import { Database } from './database.ts';
import { MIGRATIONS } from './migrations/index.ts';

let folder: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pixcrawler-migrations-'));
});

after(() => rm(folder, { recursive: true, force: true }));

/** A library as the command line left it before there was an interface. */
function olderLibrary(path: string): void {
  const connection = new SqliteDatabase(path);
  for (const sql of MIGRATIONS.slice(0, 2)) connection.exec(sql);
  connection.pragma('user_version = 2');
  connection.exec(`
    INSERT INTO projects (owner_id, name, created_at, updated_at) VALUES ('local', 'Default', 0, 0);
    INSERT INTO datasets (owner_id, project_id, name, created_at, updated_at) VALUES ('local', 1, 'old', 0, 0);
    INSERT INTO labels (owner_id, dataset_id, name) VALUES ('local', 1, 'cat');
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9)
    INSERT INTO images (owner_id, sha256, size_bytes, format, width, height, orientation, frames, channels, bit_depth,
      colour_space, has_alpha, has_icc_profile, integrity, brightness_p1, brightness_p5, brightness_p50, brightness_p95,
      brightness_p99, brightness, contrast, entropy, colourfulness, sharpness, sharpness_half, dominant_colour, d_hash_high,
      d_hash_low, p_hash_high, p_hash_low, created_at)
    SELECT 'local', randomblob(32), 1000 * i, 'png', 300, 100 * i, 1, 1, 3, 8, 'srgb', 0, 0, 'ok', 1, 2, 3, 4, 5, 60 + i, 7, 5,
      9, 100 * i, 11, 12, 13, 14, 15, 16, i FROM n;
    INSERT INTO samples (owner_id, dataset_id, image_id, label_id, status, decided_by, reasons, caption, name, created_at,
      updated_at)
    SELECT 'local', 1, id, 1, 'accepted', 'rules', '', 'A curlew', 'photo_' || id || '.png', id, id FROM images ORDER BY id;
    INSERT INTO origins (owner_id, sample_id, source, page_url, image_url, licence, consent, fetched_at)
    SELECT 'local', id, CASE WHEN id > 3 THEN 'web' ELSE 'folder' END,
      CASE WHEN id > 3 THEN 'https://birds.example/na%C3%AFve/' || id END, 'x' || id, CASE WHEN id > 6 THEN 'CC0 1.0' END, '{}', 1
    FROM samples;
    INSERT INTO origins (owner_id, sample_id, source, page_url, image_url, licence, consent, fetched_at)
    SELECT 'local', id, 'openverse', 'https://second.example/' || id, 'y' || id, 'CC BY 4.0', '{}', 2 FROM samples;
    INSERT INTO counters VALUES (1, 'total', '', 9), (1, 'bytes', '', 45000), (1, 'status', 'accepted', 9),
      (1, 'label', '1', 9), (1, 'format', 'png', 9), (1, 'source', 'web', 6), (1, 'source', 'folder', 3),
      (1, 'source', 'openverse', 9), (1, 'licence', 'unknown', 6), (1, 'licence', 'CC0 1.0', 3), (1, 'licence', 'CC BY 4.0', 9);`);
  connection.close();
}

test('an older library is backed up, and its samples get what browsing needs', async () => {
  const path = join(folder, 'older.db');
  olderLibrary(path);
  const database = await Database.open({ path, backupDirectory: join(folder, 'backups') });
  try {
    assert.equal(database.pragma('user_version'), MIGRATIONS.length);
    assert.equal(
      (await readdir(join(folder, 'backups'))).filter((name) => name.endsWith('.db')).length,
      MIGRATIONS.length - 2,
    );
    const columns = `format, short_side, aspect_ratio, size_bytes, sharpness, brightness, contrast, entropy, source, licence,
      tags, judged_at`;
    const row = (id: number) =>
      Object.values(database.prepare<[number], object>(`SELECT ${columns} FROM samples WHERE id = ?`).get(id) ?? {});
    assert.deepEqual(row(1), ['png', 100, 3, 1_000, 100, 61, 7, 5, 'folder', null, '', null]);
    assert.deepEqual(row(9), ['png', 300, 3, 9_000, 900, 69, 7, 5, 'web', 'CC0 1.0', '', null]);
    const found = (words: string) =>
      database
        .prepare<[string], { id: number }>('SELECT rowid AS id FROM sample_text WHERE sample_text MATCH ?')
        .all(words).length;
    assert.deepEqual(
      ['curlew', '"photo 7 png"', 'naive', 'second', '"birds example"', 'https'].map(found),
      [9, 1, 6, 9, 6, 0],
    );
    const { sql, parameters } = new CounterRepository(database, 'local').driftQuery(1);
    assert.deepEqual(database.prepare(sql).get(...parameters), { wrong: 0 });
    const { byLicence } = await new DatasetRepository(database, 'local').stats(1);
    assert.deepEqual(byLicence, { unknown: 6, 'CC0 1.0': 3 });
    assert.equal(await database.integrityCheck(), 'ok');
    await database.write(() => database.prepare('DELETE FROM samples WHERE id = 7').run());
    assert.deepEqual([found('"photo 7 png"'), found('curlew')], [0, 8], 'words go with their sample');
    assert.equal(await database.integrityCheck(), 'ok');
  } finally {
    await database.close();
  }
});
