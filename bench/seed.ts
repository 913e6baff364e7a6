/** Fills a library by plain SQL, in seconds: what measurements at 200,000 and 1,000,000 samples stand on. */

import { join } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import { DatasetRepository } from '../core/datasets/dataset-repository.ts';
import { Database } from '../core/db/database.ts';
import { openDataDirectory } from '../core/store/data-directory.ts';

const OWNER = 'local';
const LABELS = 20;
/** The indexes are made once the rows are there, which is several times quicker. */
const INDEXES = `SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL
  AND tbl_name IN ('images', 'samples', 'sample_reasons', 'origins', 'requests')`;

/** What is inserted, in order; :count rows of each. Spread like a real crawl: nine in ten accepted, twenty labels. */
const ROWS = [
  `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :count)
   INSERT INTO images (owner_id, sha256, size_bytes, format, width, height, orientation, frames, channels, bit_depth,
     colour_space, has_alpha, has_icc_profile, integrity, detail, exif, brightness_p1, brightness_p5, brightness_p50,
     brightness_p95, brightness_p99, brightness, contrast, entropy, colourfulness, sharpness, sharpness_half,
     dominant_colour, d_hash_high, d_hash_low, p_hash_high, p_hash_low, created_at)
   SELECT 'local', randomblob(32), 20000 + abs(random()) % 200000,
     CASE i % 10 WHEN 0 THEN 'png' WHEN 1 THEN 'webp' ELSE 'jpeg' END, 300 + abs(random()) % 1700,
     300 + abs(random()) % 1700, 1, 1, 3, 8, 'srgb', 0, i % 3 = 0, 'ok', NULL, NULL, 4.0, 12.0, 110.5, 230.25, 250.0,
     113.0 + i % 17, 55.5, 7.3, 33.7, 812.9, 1500.1, abs(random()) % 16777216, abs(random()) % 4294967296,
     abs(random()) % 4294967296, abs(random()) % 4294967296, abs(random()) % 4294967296, 1700000000000 + i
   FROM n`,
  `INSERT INTO samples (owner_id, dataset_id, image_id, label_id, split, status, decided_by, reasons, name, job_id,
     created_at, updated_at)
   SELECT 'local', 1, id, 1 + id % :labels, CASE id % 5 WHEN 0 THEN 'validation' ELSE 'train' END,
     CASE WHEN id % 50 = 7 THEN 'rejected' WHEN id % 25 IN (3, 11) THEN 'quarantined' ELSE 'accepted' END,
     CASE WHEN id % 50 = 7 THEN 'user' ELSE 'rules' END,
     CASE id % 25 WHEN 3 THEN 'too-small' WHEN 11 THEN 'blurred' ELSE '' END,
     'picture-' || id || '.jpg', 1, created_at, created_at
   FROM images`,
  `INSERT INTO sample_reasons (dataset_id, reason, sample_id)
   SELECT dataset_id, reasons, id FROM samples WHERE reasons <> ''`,
  `INSERT INTO origins (owner_id, sample_id, job_id, source, page_url, image_url, licence, creator, attribution, consent,
     http_status, fetched_at)
   SELECT 'local', id, 1, 'web', 'https://site-' || id % 500 || '.example/page/' || id / 20,
     'https://site-' || id % 500 || '.example/images/' || id || '.jpg', CASE id % 4 WHEN 0 THEN 'CC BY 4.0' END, NULL,
     NULL, '{"verdict":"allowed","signals":[]}', 200, created_at
   FROM samples`,
  `INSERT INTO requests (owner_id, job_id, kind, state, url, url_digest, site_id, lane, depth, attempts, http_status,
     image_id, meta, settled_at)
   SELECT 'local', 1, 'image', 'done', image_url, randomblob(16), 1, 1, 0, 1, 200, sample_id, '{"source":"web"}',
     fetched_at
   FROM origins`,
];

/** The tables that rows refer to. */
const FIRST_ROWS = `
  INSERT INTO projects (owner_id, name, created_at, updated_at) VALUES ('local', 'Default', 0, 0);
  INSERT INTO datasets (owner_id, project_id, name, created_at, updated_at) VALUES ('local', 1, 'seeded', 0, 0);
  INSERT INTO hosts (owner_id, site, updated_at) VALUES ('local', 'https://site.example', 0);
  INSERT INTO jobs (owner_id, dataset_id, kind, state, parameters, parameters_digest, progress, counts, reasons,
    created_at, started_at, finished_at)
  VALUES ('local', 1, 'crawl', 'completed', '{}', 'seeded', 100, '{}', '{}', 0, 0, 0);`;

/**
 * Makes a data directory whose dataset 1, `seeded`, holds `count` samples with random hashes and no bytes.
 * @returns the directory
 */
export async function seedLibrary(dataDirectory: string, count: number): Promise<string> {
  const directory = await openDataDirectory(dataDirectory);
  const path = directory.databasePath;
  const backupDirectory = join(dataDirectory, 'backups');
  await (await Database.open({ path, backupDirectory })).close();
  const connection = new SqliteDatabase(path);
  connection.pragma('journal_mode = OFF');
  connection.pragma('synchronous = OFF');
  connection.pragma('foreign_keys = OFF');
  connection.pragma('cache_size = -1000000');
  const indexes = connection.prepare<[], { name: string; sql: string }>(INDEXES).all();
  for (const { name } of indexes) connection.exec(`DROP INDEX ${name}`);
  connection.exec(FIRST_ROWS);
  const label = connection.prepare('INSERT INTO labels (owner_id, dataset_id, name) VALUES (?, 1, ?)');
  for (let index = 0; index < LABELS; index++) label.run(OWNER, `label-${index}`);
  connection.transaction(() => {
    for (const sql of ROWS) {
      const parameters: Record<string, number> = {};
      if (sql.includes(':count')) parameters.count = count;
      if (sql.includes(':labels')) parameters.labels = LABELS;
      connection.prepare(sql).run(parameters);
    }
  })();
  for (const { sql } of indexes) connection.exec(sql);
  connection.pragma('journal_mode = WAL');
  connection.close();
  const database = await Database.open({ path, backupDirectory });
  await new DatasetRepository(database, OWNER).recount([1]);
  await database.close();
  return dataDirectory;
}
