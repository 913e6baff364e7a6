/** What a data directory holds, read from outside, and what must be true of it after any crash. */

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import type { JobCounts } from '../../shared/contract/jobs.ts';

/** Opens a copy of the ledger with its log, or the journal of its very first write, so that the original's recovery is left to the product. */
export function readLedger<T>(dataDirectory: string, read: (database: SqliteDatabase.Database) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'pixcrawler-ledger-'));
  const copy = join(folder, 'copy.db');
  try {
    for (const suffix of ['', '-wal', '-journal']) {
      const file = join(dataDirectory, `pixcrawler.db${suffix}`);
      if (existsSync(file)) copyFileSync(file, copy + suffix);
    }
    const database = new SqliteDatabase(copy);
    try {
      return read(database);
    } finally {
      database.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Whether it has tables yet. */
export function isLaidOut(database: SqliteDatabase.Database): boolean {
  return (database.pragma('user_version', { simple: true }) as number) > 0;
}

/** A sample without what may differ between two runs (ids and times). */
export interface SampleFact {
  readonly sha256: string;
  readonly status: string;
  readonly reasons: string;
  readonly label: string | null;
  readonly keeper: string | null;
  readonly origins: readonly string[];
}

/** Every sample of the library by content, in a fixed order. */
export function sampleFacts(dataDirectory: string): SampleFact[] {
  return readLedger(dataDirectory, (database) => {
    const rows = database
      .prepare<[], Omit<SampleFact, 'origins'> & { id: number }>(
        `SELECT s.id, lower(hex(i.sha256)) AS sha256, s.status, s.reasons, l.name AS label,
           (SELECT lower(hex(ki.sha256)) FROM samples k JOIN images ki ON ki.id = k.image_id WHERE k.id = s.keeper_id)
             AS keeper
         FROM samples s JOIN images i ON i.id = s.image_id LEFT JOIN labels l ON l.id = s.label_id
         ORDER BY s.dataset_id, i.sha256`,
      )
      .all();
    const origins = database
      .prepare<[number], string>('SELECT image_url FROM origins WHERE sample_id = ? ORDER BY image_url')
      .pluck();
    return rows.map(({ id, ...row }) => ({ ...row, origins: origins.all(id) }));
  });
}

export interface JobFact {
  readonly id: number;
  readonly kind: string;
  readonly state: string;
  readonly counts: JobCounts;
  readonly reasons: Readonly<Record<string, number>>;
}

export function jobFacts(dataDirectory: string): JobFact[] {
  return readLedger(dataDirectory, (database) => {
    if (!isLaidOut(database)) return [];
    const rows = database
      .prepare<[], { id: number; kind: string; state: string; counts: string; reasons: string }>(
        'SELECT id, kind, state, counts, reasons FROM jobs ORDER BY id',
      )
      .all();
    return rows.map((row) => ({
      ...row,
      counts: JSON.parse(row.counts) as JobCounts,
      reasons: JSON.parse(row.reasons) as Record<string, number>,
    }));
  });
}

/** Every discovered image has ended in exactly one way. */
export function assertCountsAddUp({ counts }: Pick<JobFact, 'counts'>, what: string): void {
  const { accepted, quarantined, duplicates, refused, failed } = counts;
  assert.equal(
    counts.discovered,
    accepted + quarantined + duplicates + refused + failed,
    `${what}: discovered is not the sum of what became of it: ${JSON.stringify(counts)}`,
  );
}

/** The stored counts of a job against its rows: they are written in the same transactions. */
export function assertCountsAreTrue(dataDirectory: string, what: string): void {
  readLedger(dataDirectory, (database) => {
    if (!isLaidOut(database)) return;
    const jobs = database
      .prepare<[], { id: number; counts: string }>(
        `SELECT id, counts FROM jobs WHERE kind IN ('crawl', 'import') ORDER BY id`,
      )
      .all();
    const stateCount = database
      .prepare<[number, string], number>(
        `SELECT count(*) FROM requests WHERE job_id = ? AND kind IN ('image', 'file') AND state IN (SELECT value FROM json_each(?))`,
      )
      .pluck();
    for (const { id, counts: text } of jobs) {
      const counts = JSON.parse(text) as JobCounts;
      const rows = (...states: string[]): number => stateCount.get(id, JSON.stringify(states)) ?? 0;
      const expected = {
        discovered: rows('waiting', 'done', 'duplicate', 'failed', 'refused'),
        kept: rows('done'),
        duplicates: rows('duplicate'),
        failed: rows('failed'),
        refused: rows('refused'),
      };
      const stored = {
        discovered: counts.discovered,
        kept: counts.accepted + counts.quarantined,
        duplicates: counts.duplicates,
        failed: counts.failed,
        refused: counts.refused,
      };
      assert.deepEqual(stored, expected, `${what}: the counts of job ${id} are not those of its rows`);
    }
    const counted = database.prepare<[], number>(`SELECT coalesce(sum(count), 0) FROM counters WHERE facet = 'total'`);
    const samples = database.prepare<[], number>('SELECT count(*) FROM samples').pluck().get();
    assert.equal(counted.pluck().get(), samples, `${what}: the dataset's counters are not those of its rows`);
  });
}

/** SQLite's own checks. */
export function assertDatabaseIsSound(dataDirectory: string, what: string): void {
  readLedger(dataDirectory, (database) => {
    assert.equal(database.pragma('integrity_check', { simple: true }), 'ok', `${what}: integrity_check`);
    assert.deepEqual(database.pragma('foreign_key_check'), [], `${what}: foreign_key_check`);
  });
}

/** Names of the stored blobs. @throws AssertionError for anything else among them */
export function storedBlobs(dataDirectory: string): Set<string> {
  const root = join(dataDirectory, 'blobs');
  const names = new Set<string>();
  if (!existsSync(root)) return names;
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    if (entry.isDirectory()) continue;
    assert.match(entry.name, /^[0-9a-f]{64}$/, `${join(entry.parentPath, entry.name)} is no blob`);
    names.add(entry.name);
  }
  return names;
}

function imageRows(dataDirectory: string): Map<string, number> {
  return readLedger(dataDirectory, (database) => {
    if (!isLaidOut(database)) return new Map();
    const rows = database
      .prepare<[], { sha256: string; size: number }>(
        'SELECT lower(hex(sha256)) AS sha256, size_bytes AS size FROM images',
      )
      .all();
    return new Map(rows.map(({ sha256, size }) => [sha256, size]));
  });
}

function blobPath(dataDirectory: string, sha256: string): string {
  return join(dataDirectory, 'blobs', sha256.slice(0, 2), sha256.slice(2, 4), sha256);
}

/** Holds at any instant, also before recovery: what the ledger names is stored, whole. */
export function assertNoRowWithoutBlob(dataDirectory: string, what: string): void {
  for (const [sha256, sizeBytes] of imageRows(dataDirectory)) {
    const path = blobPath(dataDirectory, sha256);
    assert.ok(existsSync(path), `${what}: the ledger names ${sha256}, but it is not stored`);
    assert.equal(statSync(path).size, sizeBytes, `${what}: ${sha256} is stored in part`);
  }
}

/** Holds after a library has been opened and closed again: nothing is left of what was under way. */
export function assertNothingIsLeftOver(dataDirectory: string, what: string): void {
  const rows = imageRows(dataDirectory);
  const orphans = [...storedBlobs(dataDirectory)].filter((sha256) => !rows.has(sha256));
  assert.deepEqual(orphans, [], `${what}: blobs without a row`);
  assert.deepEqual(readdirSync(join(dataDirectory, 'staging')), [], `${what}: staging is not empty`);
}

/** Re-hashes every blob. */
export function assertBlobsAreTrue(dataDirectory: string): void {
  for (const sha256 of storedBlobs(dataDirectory)) {
    const found = createHash('sha256')
      .update(readFileSync(blobPath(dataDirectory, sha256)))
      .digest('hex');
    assert.equal(found, sha256, 'the bytes of a blob are not those of its name');
  }
}

/** All of the above, for a library at rest whose jobs have ended. */
export function assertSoundAtRest(dataDirectory: string, what: string): void {
  assertDatabaseIsSound(dataDirectory, what);
  assertNoRowWithoutBlob(dataDirectory, what);
  assertNothingIsLeftOver(dataDirectory, what);
  assertBlobsAreTrue(dataDirectory);
  assertCountsAreTrue(dataDirectory, what);
  for (const job of jobFacts(dataDirectory)) {
    if (job.kind === 'crawl' || job.kind === 'import') assertCountsAddUp(job, `${what}, job ${job.id}`);
  }
}

/** Addresses that have ended, and sites whose robots.txt has been heard: none of them may be asked again. */
export function settledAddresses(dataDirectory: string): Set<string> {
  return readLedger(dataDirectory, (database) => {
    if (!isLaidOut(database)) return new Set();
    const settled = database
      .prepare<[], string>(`SELECT url FROM requests WHERE state <> 'waiting' AND url LIKE 'http%'`)
      .pluck()
      .all();
    const heard = database.prepare<[], string>('SELECT site FROM hosts WHERE consent IS NOT NULL').pluck().all();
    return new Set([...settled, ...heard.map((site) => `${site}/robots.txt`)]);
  });
}

export function poisonedAddresses(dataDirectory: string): string[] {
  return readLedger(dataDirectory, (database) =>
    database.prepare<[], string>(`SELECT url FROM requests WHERE reason IN ('poisoned', 'deadline')`).pluck().all(),
  );
}

export interface Verdict {
  readonly url: string;
  readonly state: string;
  readonly reason: string | null;
  /** Of its sample; null when none was made. */
  readonly status: string | null;
  readonly reasons: string | null;
  readonly format: string | null;
}

/** What became of every image and file of the first job, in the order of their addresses. */
export function verdicts(dataDirectory: string): Verdict[] {
  return readLedger(dataDirectory, (database) =>
    database
      .prepare<[], Verdict>(
        `SELECT r.url, r.state, r.reason, s.status, s.reasons, i.format FROM requests r
         LEFT JOIN images i ON i.id = r.image_id LEFT JOIN samples s ON s.image_id = i.id
         WHERE r.job_id = 1 AND r.kind IN ('image', 'file') ORDER BY r.url`,
      )
      .all(),
  );
}
