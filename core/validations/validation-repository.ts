import type { Database } from '../db/database.ts';
import type { DatabaseReader } from '../db/reader.ts';
import { Repository } from '../db/repository.ts';
import { IMAGE_FACT_COLUMNS, type ImageFactRow } from '../images/image-facts.ts';
import type { JudgedSample } from '../samples/sample-judgements.ts';

/** A sample as it is judged now, with what is judged of its image. */
export interface ValidatedRow extends ImageFactRow {
  readonly id: number;
  readonly job_id: number | null;
  readonly status: JudgedSample['status'];
  readonly decided_by: 'rules' | 'user';
  readonly reasons: string;
  readonly keeper_id: number | null;
  readonly keeper_distance: number | null;
}

export class ValidationRepository extends Repository {
  readonly #reader: DatabaseReader;

  constructor(database: Database, ownerId: string, reader: DatabaseReader) {
    super(database, ownerId);
    this.#reader = reader;
  }

  /** A page of a dataset's samples by keyset: `after` is the last id seen, 0 at the start. */
  list(datasetId: number, after: number, limit: number): Promise<ValidatedRow[]> {
    return this.#reader.all<ValidatedRow>(
      `SELECT s.id, s.job_id, s.status, s.decided_by, s.reasons, s.keeper_id, s.keeper_distance, ${IMAGE_FACT_COLUMNS}
       FROM samples s JOIN images i ON i.id = s.image_id WHERE s.dataset_id = ? AND s.id > ? ORDER BY s.id LIMIT ${limit}`,
      [datasetId, after],
    );
  }
}
