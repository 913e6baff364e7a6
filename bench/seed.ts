/** Fills a library by plain SQL, in seconds: what measurements at 200,000 and 1,000,000 samples and the interface stand on. */

import { join } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import { CounterRepository } from '../core/datasets/counter-repository.ts';
import { Database } from '../core/db/database.ts';
import { readableUrl } from '../core/db/readable-url.ts';
import { openDataDirectory } from '../core/store/data-directory.ts';
import { ThumbnailStore } from '../core/store/thumbnail-store.ts';
import { type JobCounts, NO_COUNTS } from '../shared/contract/jobs.ts';
import { drawLooks, type Look } from './seed-looks.ts';
import { LABELS, LOOKS_TABLE, ROWS } from './seed-rows.ts';

const OWNER = 'local';
const LOOKS = 320;
const JOBS = 6;
const THUMBNAIL_CHUNK = 5_000;
/** The samples have arrived over so long a time, until now. */
const SPAN_MS = 400 * 86_400_000;
/** The indexes are made once the rows are there, which is several times quicker. */
const INDEXES = `SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL
  AND tbl_name IN ('images', 'samples', 'sample_reasons', 'origins', 'requests')`;

/** The tables that rows refer to. */
const FIRST_ROWS = `
  INSERT INTO projects (owner_id, name, created_at, updated_at) VALUES ('local', 'Default', 0, 0);
  INSERT INTO datasets (owner_id, project_id, name, created_at, updated_at) VALUES ('local', 1, 'seeded', 0, 0);
  INSERT INTO hosts (owner_id, site, updated_at) VALUES ('local', 'https://site.example', 0);`;

interface SeedOptions {
  /** Whether `thumbnails.db` is filled, some 3 KB a sample. Default true. */
  readonly thumbnails?: boolean;
  readonly onProgress?: (text: string) => void;
}

/**
 * Makes a data directory whose dataset 1, `seeded`, holds `count` samples: rows and thumbnails as crawls would have left
 * them, but no originals.
 * @returns the directory
 */
export async function seedLibrary(dataDirectory: string, count: number, options: SeedOptions = {}): Promise<string> {
  const { thumbnails = true, onProgress = () => undefined } = options;
  const directory = await openDataDirectory(dataDirectory);
  const path = directory.databasePath;
  const backupDirectory = join(dataDirectory, 'backups');
  await (await Database.open({ path, backupDirectory })).close();
  onProgress(`drawing ${LOOKS} pictures`);
  const looks = await drawLooks(LOOKS);
  onProgress(`writing ${count.toLocaleString('en')} samples`);
  fillDatabase(path, count, looks);
  if (thumbnails) {
    onProgress('writing thumbnails');
    fillThumbnails(directory.thumbnailsPath, count, looks);
  }
  onProgress('counting');
  const database = await Database.open({ path, backupDirectory });
  await new CounterRepository(database, OWNER).recount([1]);
  await database.close();
  return dataDirectory;
}

function fillDatabase(path: string, count: number, looks: readonly Look[]): void {
  const connection = new SqliteDatabase(path);
  connection.function('readable_url', { deterministic: true }, (url) =>
    typeof url === 'string' ? readableUrl(url) : null,
  );
  connection.pragma('journal_mode = OFF');
  connection.pragma('synchronous = OFF');
  connection.pragma('foreign_keys = OFF');
  connection.pragma('cache_size = -1000000');
  connection.pragma('temp_store = MEMORY');
  const indexes = connection.prepare<[], { name: string; sql: string }>(INDEXES).all();
  for (const { name } of indexes) connection.exec(`DROP INDEX ${name}`);
  connection.exec(FIRST_ROWS);
  const label = connection.prepare('INSERT INTO labels (owner_id, dataset_id, name) VALUES (?, 1, ?)');
  for (const name of LABELS) label.run(OWNER, name);
  insertLooks(connection, looks);
  const known: Readonly<Record<string, number>> = {
    count,
    looks: looks.length,
    labels: LABELS.length,
    jobs: JOBS,
    now: Date.now(),
    span: SPAN_MS,
  };
  connection.transaction(() => {
    for (const sql of ROWS) {
      const names = [...sql.matchAll(/:([a-z]+)/g)].map(([, name]) => name as string).filter((name) => name in known);
      connection.prepare(sql).run(Object.fromEntries(names.map((name) => [name, BigInt(known[name] ?? 0)])));
    }
  })();
  for (const { sql } of indexes) connection.exec(sql);
  insertJobs(connection);
  connection.pragma('journal_mode = WAL');
  connection.close();
}

function insertLooks(connection: SqliteDatabase.Database, looks: readonly Look[]): void {
  connection.exec(LOOKS_TABLE);
  const insert = connection.prepare(`INSERT INTO looks VALUES (${Array(16).fill('?').join(', ')})`);
  for (const [index, { width, height, measurements: m, findings }] of looks.entries()) {
    insert.run(
      index,
      width,
      height,
      m.brightnessP1,
      m.brightnessP5,
      m.brightnessP50,
      m.brightnessP95,
      m.brightnessP99,
      m.brightness,
      m.contrast,
      m.entropy,
      m.colourfulness,
      m.sharpness,
      m.sharpnessHalf,
      m.dominantColour,
      findings,
    );
  }
}

/** Crawls that ended, each with the counts of what it brought. */
function insertJobs(connection: SqliteDatabase.Database): void {
  const brought = connection
    .prepare<
      [],
      { id: number; accepted: number; total: number; near: number; bytes: number; first: number; last: number }
    >(
      `SELECT job_id AS id, sum(status = 'accepted') AS accepted, count(*) AS total, count(keeper_id) AS near,
         sum(size_bytes) AS bytes, min(created_at) AS first, max(created_at) AS last FROM samples GROUP BY job_id`,
    )
    .all();
  const insert = connection.prepare(
    `INSERT INTO jobs (id, owner_id, dataset_id, kind, state, parameters, parameters_digest, progress, counts, reasons,
       created_at, started_at, finished_at, active_ms)
     VALUES (?, ?, 1, 'crawl', 'completed', ?, ?, 100, ?, '{}', ?, ?, ?, ?)`,
  );
  for (const { id, accepted, total, near, bytes, first, last } of brought) {
    const counts: JobCounts = {
      ...NO_COUNTS,
      discovered: total,
      fetched: total,
      accepted,
      quarantined: total - accepted,
      nearDuplicates: near,
      bytes,
    };
    const parameters = { datasetId: 1, sources: [{ source: `https://site-${id}.example/birds` }] };
    insert.run(
      id,
      OWNER,
      JSON.stringify(parameters),
      `seeded ${id}`,
      JSON.stringify(counts),
      first,
      first,
      last,
      last - first,
    );
  }
}

function fillThumbnails(path: string, count: number, looks: readonly Look[]): void {
  const store = new ThumbnailStore(path);
  try {
    for (let first = 1; first <= count; first += THUMBNAIL_CHUNK) {
      store.putMany(
        Array.from({ length: Math.min(THUMBNAIL_CHUNK, count + 1 - first) }, (_each, index) => {
          const imageId = first + index;
          // Repeats show what their keeper shows.
          const shown = imageId % 100 > 96 ? imageId - (imageId % 100) + 96 : imageId;
          const look = looks[Number(((BigInt(shown) * 2_654_435_761n) & 0xffff_ffffn) % BigInt(looks.length))] as Look;
          return { imageId, bytes: look.thumbnail };
        }),
      );
    }
  } finally {
    store.close();
  }
}
