import { Repository } from '../db/repository.ts';
import type { CounterChanges, Facet } from './counters.ts';

/** Value and count of each facet, from the rows. */
const RECOUNT: Readonly<Record<Facet, string>> = {
  total: `SELECT '', count(*) FROM samples WHERE dataset_id = ? HAVING count(*) > 0`,
  bytes: `SELECT '', sum(size_bytes) FROM samples WHERE dataset_id = ? HAVING count(*) > 0`,
  status: 'SELECT status, count(*) FROM samples WHERE dataset_id = ? GROUP BY 1',
  label: `SELECT cast(label_id AS TEXT), count(*) FROM samples WHERE dataset_id = ? AND label_id IS NOT NULL GROUP BY 1`,
  split: 'SELECT split, count(*) FROM samples WHERE dataset_id = ? AND split IS NOT NULL GROUP BY 1',
  format: 'SELECT format, count(*) FROM samples WHERE dataset_id = ? GROUP BY 1',
  reason: 'SELECT reason, count(*) FROM sample_reasons WHERE dataset_id = ? GROUP BY 1',
  source: 'SELECT source, count(*) FROM samples WHERE dataset_id = ? GROUP BY 1',
  licence: `SELECT coalesce(licence, ''), count(*) FROM samples WHERE dataset_id = ? GROUP BY 1`,
};

/** The counters that every writer of samples changes along with them. */
export class CounterRepository extends Repository {
  /** Writes changes and empties them. Call inside `database.write`. */
  apply(changes: CounterChanges): void {
    const upsert = this.database.prepare<[number, string, string, number]>(
      `INSERT INTO counters (dataset_id, facet, value, count) VALUES (?, ?, ?, ?)
       ON CONFLICT (dataset_id, facet, value) DO UPDATE SET count = count + excluded.count`,
    );
    for (const change of changes.values()) {
      if (change.count !== 0) upsert.run(change.datasetId, change.facet, change.value, change.count);
    }
    changes.clear();
  }

  /** Images and their bytes in all datasets of the owner. For a reader, as there may be many datasets. */
  sizeQuery(): { sql: string; parameters: string[] } {
    return {
      sql: `SELECT coalesce(sum(CASE WHEN c.facet = 'total' THEN c.count END), 0) AS images,
            coalesce(sum(CASE WHEN c.facet = 'bytes' THEN c.count END), 0) AS bytes
     FROM counters c JOIN datasets d ON d.id = c.dataset_id WHERE d.owner_id = ? AND c.facet IN ('total', 'bytes')`,
      parameters: [this.ownerId],
    };
  }

  /** How many counters of a dataset differ from its rows, are missing or too many. May take long: for a reader. */
  driftQuery(datasetId: number): { sql: string; parameters: number[] } {
    const counted = Object.entries(RECOUNT).map(([facet, sql]) => `SELECT '${facet}', * FROM (${sql})`);
    return {
      sql: `WITH counted (facet, value, count) AS (${counted.join(' UNION ALL ')}),
              kept (facet, value, count) AS (SELECT facet, value, count FROM counters WHERE dataset_id = ? AND count <> 0)
            SELECT count(*) AS wrong FROM (
              SELECT facet, value FROM (SELECT * FROM counted EXCEPT SELECT * FROM kept)
              UNION SELECT facet, value FROM (SELECT * FROM kept EXCEPT SELECT * FROM counted))`,
      parameters: Array.from({ length: counted.length + 1 }, () => datasetId),
    };
  }

  /** Makes the counters of datasets anew from their rows. May take long; for repairs. */
  async recount(datasetIds: readonly number[]): Promise<void> {
    for (const id of datasetIds) {
      await this.database.write(() => {
        this.database.prepare('DELETE FROM counters WHERE dataset_id = ?').run(id);
        for (const [facet, sql] of Object.entries(RECOUNT)) {
          this.database
            .prepare(`INSERT INTO counters (dataset_id, facet, value, count) SELECT ?, '${facet}', * FROM (${sql})`)
            .run(id, id);
        }
      });
    }
  }
}
