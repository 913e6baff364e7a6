import type { Database } from '../db/database.ts';
import type { DatabaseReader, Parameter } from '../db/reader.ts';
import { Repository } from '../db/repository.ts';

/** Up to so many samples are read here: starting a reader thread takes longer. */
export const READ_HERE = 500;

/** What of samples decides what is staged. */
export interface DragFacts {
  /** Equal while the samples, what is written of them, and their order are the same. */
  readonly stamp: string;
  readonly bytes: number;
}

/** What is dragged of a dataset. */
export class DragRepository extends Repository {
  readonly #reader: DatabaseReader;

  constructor(database: Database, ownerId: string, reader: DatabaseReader) {
    super(database, ownerId);
    this.#reader = reader;
  }

  /** Those of the ids that are samples of the dataset, in the order of exports: by label and hash. */
  async ordered(datasetId: number, ids: readonly number[]): Promise<readonly number[]> {
    const { sql, parameters } = this.orderedQuery(datasetId, ids);
    const [row] = await this.#rows<{ ids: string }>(sql, parameters, ids.length);
    return JSON.parse(row?.ids ?? '[]') as number[];
  }

  /** One row, `ids` in JSON. The cross join has SQLite look the ids up, instead of going through the whole dataset for each. */
  orderedQuery(datasetId: number, ids: readonly number[]): { sql: string; parameters: Parameter[] } {
    return {
      sql: `SELECT json_group_array(id ORDER BY label, sha256) AS ids FROM (
         SELECT DISTINCT s.id, coalesce(l.name, '') AS label, i.sha256 FROM json_each(?) wanted
         CROSS JOIN samples s ON s.id = wanted.value JOIN images i ON i.id = s.image_id
         LEFT JOIN labels l ON l.id = s.label_id
         WHERE s.dataset_id = ? AND s.owner_id = ?)`,
      parameters: [JSON.stringify(ids), datasetId, this.ownerId],
    };
  }

  async facts(ids: readonly number[]): Promise<DragFacts> {
    const [row] = await this.#rows<DragFacts>(
      `SELECT coalesce(group_concat(concat_ws(',', s.id, s.updated_at, s.status, s.label_id, s.split,
           (SELECT max(o.id) FROM origins o WHERE o.sample_id = s.id)), ';' ORDER BY wanted.key), '') AS stamp,
         coalesce(sum(s.size_bytes), 0) AS bytes
       FROM json_each(?) wanted CROSS JOIN samples s ON s.id = wanted.value`,
      [JSON.stringify(ids)],
      ids.length,
    );
    return row ?? { stamp: '', bytes: 0 };
  }

  async #rows<Row>(sql: string, parameters: readonly Parameter[], samples: number): Promise<Row[]> {
    if (samples > READ_HERE) return this.#reader.all<Row>(sql, parameters, 'scan');
    return this.database.prepare<Parameter[], Row>(sql).all(...parameters);
  }
}
