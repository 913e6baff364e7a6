/** Copies the samples of a dataset to another: rows are copied, bytes are shared. */

import type { Database } from '../db/database.ts';
import type { DatabaseReader } from '../db/reader.ts';
import { Repository } from '../db/repository.ts';
import { SampleTextRepository } from '../samples/sample-text-repository.ts';
import { CounterRepository } from './counter-repository.ts';
import { CounterChanges, type Facet } from './counters.ts';

/** Samples of one transaction. */
const CHUNK = 250;

/** Columns that the copy has of its own. */
const OWN_COLUMNS: ReadonlySet<string> = new Set(['id', 'dataset_id', 'label_id', 'keeper_id', 'job_id']);

/** What a copied sample counts for, by facet; each statement takes the ids after which and up to which. */
const COUNTED: Readonly<Record<Facet, string>> = {
  total: `SELECT '' AS value, count(*) AS count FROM samples WHERE id > ? AND id <= ?`,
  bytes: `SELECT '' AS value, coalesce(sum(size_bytes), 0) AS count FROM samples WHERE id > ? AND id <= ?`,
  status: 'SELECT status AS value, count(*) AS count FROM samples WHERE id > ? AND id <= ? GROUP BY 1',
  label: `SELECT cast(label_id AS TEXT) AS value, count(*) AS count FROM samples
          WHERE id > ? AND id <= ? AND label_id IS NOT NULL GROUP BY 1`,
  split: `SELECT split AS value, count(*) AS count FROM samples
          WHERE id > ? AND id <= ? AND split IS NOT NULL GROUP BY 1`,
  format: 'SELECT format AS value, count(*) AS count FROM samples WHERE id > ? AND id <= ? GROUP BY 1',
  reason: `SELECT reason AS value, count(*) AS count FROM sample_reasons WHERE sample_id > ? AND sample_id <= ? GROUP BY 1`,
  source: 'SELECT source AS value, count(*) AS count FROM samples WHERE id > ? AND id <= ? GROUP BY 1',
  licence: `SELECT coalesce(licence, '') AS value, count(*) AS count FROM samples WHERE id > ? AND id <= ? GROUP BY 1`,
};

export class DatasetCopyRepository extends Repository {
  readonly #reader: DatabaseReader;
  readonly #texts: SampleTextRepository;
  readonly #counters: CounterRepository;

  constructor(database: Database, ownerId: string, reader: DatabaseReader) {
    super(database, ownerId);
    this.#reader = reader;
    this.#texts = new SampleTextRepository(database, ownerId);
    this.#counters = new CounterRepository(database, ownerId);
  }

  /** The last sample of the source whose image the copy has; 0 when it has none. */
  async lastCopied(sourceId: number, targetId: number): Promise<number> {
    const [row] = await this.#reader.all<{ id: number }>(
      `SELECT coalesce(max(s.id), 0) AS id FROM samples t
       JOIN samples s ON s.image_id = t.image_id AND s.dataset_id = ? WHERE t.dataset_id = ?`,
      [sourceId, targetId],
    );
    return row?.id ?? 0;
  }

  /**
   * Copies the next samples after one, with all that belongs to them. Call inside `database.write`.
   * @returns the last sample that was copied, and how many were; null when none was left
   */
  copySamples(sourceId: number, targetId: number, after: number): { lastId: number; count: number } | null {
    const ids = this.database
      .prepare<[number, number, number], { id: number }>(
        'SELECT id FROM samples WHERE dataset_id = ? AND id > ? ORDER BY id LIMIT ?',
      )
      .all(sourceId, after, CHUNK);
    const lastId = ids.at(-1)?.id;
    if (lastId === undefined) return null;
    const newest = this.database.prepare<[], { id: number }>('SELECT coalesce(max(id), 0) AS id FROM samples');
    const before = newest.get()?.id ?? 0;
    const columns = this.#columns('samples').filter((column) => !OWN_COLUMNS.has(column));
    this.database
      .prepare(
        `INSERT OR IGNORE INTO labels (owner_id, dataset_id, name)
         SELECT owner_id, ?, name FROM labels WHERE dataset_id = ?`,
      )
      .run(targetId, sourceId);
    this.database
      .prepare(
        `INSERT OR IGNORE INTO samples (dataset_id, label_id, ${columns.join(', ')})
         SELECT ?, (SELECT t.id FROM labels f JOIN labels t ON t.name = f.name AND t.dataset_id = ? WHERE f.id = s.label_id),
           ${columns.map((column) => `s.${column}`).join(', ')}
         FROM samples s WHERE s.dataset_id = ? AND s.id > ? AND s.id <= ? ORDER BY s.id`,
      )
      .run(targetId, targetId, sourceId, after, lastId);
    const last = newest.get()?.id ?? 0;
    this.#copyReasonsAndOrigins(sourceId, targetId, before);
    for (let sampleId = before + 1; sampleId <= last; sampleId++) this.#texts.refresh(sampleId);
    this.#count(targetId, before, last);
    return { lastId, count: last - before };
  }

  #copyReasonsAndOrigins(sourceId: number, targetId: number, before: number): void {
    const pairs = 'samples t JOIN samples s ON s.image_id = t.image_id AND s.dataset_id = ?';
    this.database
      .prepare(
        `INSERT INTO sample_reasons (dataset_id, reason, sample_id)
         SELECT ?, r.reason, t.id FROM ${pairs} JOIN sample_reasons r ON r.sample_id = s.id
         WHERE t.dataset_id = ? AND t.id > ?`,
      )
      .run(targetId, sourceId, targetId, before);
    const columns = this.#columns('origins').filter((column) => !['id', 'sample_id', 'job_id'].includes(column));
    this.database
      .prepare(
        `INSERT INTO origins (sample_id, ${columns.join(', ')})
         SELECT t.id, ${columns.map((column) => `o.${column}`).join(', ')}
         FROM ${pairs} JOIN origins o ON o.sample_id = s.id WHERE t.dataset_id = ? AND t.id > ? ORDER BY o.id`,
      )
      .run(sourceId, targetId, before);
  }

  #count(datasetId: number, afterId: number, lastId: number): void {
    const counters = new CounterChanges();
    for (const [facet, sql] of Object.entries(COUNTED) as [Facet, string][]) {
      const rows = this.database.prepare<[number, number], { value: string; count: number }>(sql).all(afterId, lastId);
      for (const { value, count } of rows) counters.add(datasetId, facet, value, count);
    }
    this.#counters.apply(counters);
  }

  /** As the schema has them now: what is added to it later is copied too. */
  #columns(table: 'samples' | 'origins'): string[] {
    return this.database
      .prepare<[string], { name: string }>('SELECT name FROM pragma_table_info(?)')
      .all(table)
      .map(({ name }) => name);
  }

  /**
   * Near-duplicates of the copy get keepers of the copy, a group at a time. Call inside `database.write`.
   * @returns the last group; null after the last
   */
  copyGroup(sourceId: number, targetId: number, after: number): number | null {
    const group = this.database
      .prepare<[number, number], { id: number; keeperId: number; memberCount: number }>(
        `SELECT id, keeper_id AS keeperId, member_count AS memberCount FROM duplicate_groups
         WHERE dataset_id = ? AND id > ? ORDER BY id LIMIT 1`,
      )
      .get(sourceId, after);
    if (group === undefined) return null;
    const keeper = this.database
      .prepare<[number, number], { id: number }>(
        'SELECT t.id FROM samples s JOIN samples t ON t.image_id = s.image_id AND t.dataset_id = ? WHERE s.id = ?',
      )
      .get(targetId, group.keeperId);
    if (keeper === undefined) return group.id;
    this.database
      .prepare(
        `UPDATE samples SET keeper_id = ? WHERE dataset_id = ? AND image_id IN
           (SELECT image_id FROM samples WHERE keeper_id = ? AND dataset_id = ?)`,
      )
      .run(keeper.id, targetId, group.keeperId, sourceId);
    this.database
      .prepare(
        `INSERT OR IGNORE INTO duplicate_groups (owner_id, dataset_id, keeper_id, member_count, created_at)
         VALUES (?, ?, ?, ?, ?)`,
      )
      .run(this.ownerId, targetId, keeper.id, group.memberCount, Date.now());
    return group.id;
  }
}
