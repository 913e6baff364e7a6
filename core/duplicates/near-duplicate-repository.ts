/** What the search for near-duplicates reads of a dataset, and the groups it leaves. */

import type { Database } from '../db/database.ts';
import type { DatabaseReader } from '../db/reader.ts';
import { Repository } from '../db/repository.ts';
import type { CandidateRow } from './candidate-table.ts';

const READ_PAGE = 5_000;

/** The columns of a candidate, in the order of the statement. */
type CandidateTuple = readonly [
  id: number,
  jobId: number | null,
  status: CandidateRow['status'],
  decidedBy: CandidateRow['decidedBy'],
  reasons: string,
  keeperId: number | null,
  keeperDistance: number | null,
  pHashHigh: number,
  pHashLow: number,
  dHashHigh: number,
  dHashLow: number,
  width: number,
  height: number,
  sizeBytes: number,
  sha256: string,
];

function toRow(tuple: CandidateTuple): CandidateRow {
  return {
    id: tuple[0],
    jobId: tuple[1],
    status: tuple[2],
    decidedBy: tuple[3],
    reasons: tuple[4],
    keeperId: tuple[5],
    keeperDistance: tuple[6],
    pHashHigh: tuple[7],
    pHashLow: tuple[8],
    dHashHigh: tuple[9],
    dHashLow: tuple[10],
    width: tuple[11],
    height: tuple[12],
    sizeBytes: tuple[13],
    sha256: tuple[14],
  };
}

/** How many samples are set aside for a keeper. */
export type GroupSize = readonly [keeperId: number, count: number];

export class NearDuplicateRepository extends Repository {
  readonly #reader: DatabaseReader;

  constructor(database: Database, ownerId: string, reader: DatabaseReader) {
    super(database, ownerId);
    this.#reader = reader;
  }

  /** Reads every sample of a dataset with the hashes of its image, by id; `use` gets one after the other and keeps none. */
  async readCandidates(datasetId: number, use: (row: CandidateRow) => void): Promise<void> {
    let after = 0;
    for (;;) {
      const rows = await this.#reader.tuples<CandidateTuple>(
        `SELECT s.id, s.job_id, s.status, s.decided_by, s.reasons, s.keeper_id, s.keeper_distance, i.p_hash_high,
                i.p_hash_low, i.d_hash_high, i.d_hash_low, i.width, i.height, i.size_bytes, lower(hex(i.sha256))
         FROM samples s JOIN images i ON i.id = s.image_id
         WHERE s.dataset_id = ? AND s.id > ? ORDER BY s.id LIMIT ${READ_PAGE}`,
        [datasetId, after],
      );
      for (const tuple of rows) use(toRow(tuple));
      after = rows.at(-1)?.[0] ?? after;
      if (rows.length < READ_PAGE) return;
    }
  }

  /** Groups as the samples are now, those that a person set aside among them. */
  countMembers(datasetId: number): Promise<GroupSize[]> {
    return this.#reader.tuples<GroupSize>(
      `SELECT s.keeper_id, count(*) FROM samples s JOIN samples k ON k.id = s.keeper_id
       WHERE s.dataset_id = ? AND s.keeper_id IS NOT NULL GROUP BY s.keeper_id`,
      [datasetId],
    );
  }

  /** Groups as they are stored. */
  listGroups(datasetId: number): Promise<{ keeperId: number; count: number }[]> {
    return this.#reader.all<{ keeperId: number; count: number }>(
      'SELECT keeper_id AS keeperId, member_count AS count FROM duplicate_groups WHERE dataset_id = ?',
      [datasetId],
    );
  }

  /** Removes the groups of some keepers and stores the size of those of others. Call inside `database.write`. */
  saveGroups(datasetId: number, gone: readonly number[], changed: readonly GroupSize[]): void {
    const remove = this.database.prepare('DELETE FROM duplicate_groups WHERE keeper_id = ?');
    const upsert = this.database.prepare(
      `INSERT INTO duplicate_groups (owner_id, dataset_id, keeper_id, member_count, created_at) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (keeper_id) DO UPDATE SET member_count = excluded.member_count`,
    );
    for (const keeperId of gone) remove.run(keeperId);
    for (const [keeperId, count] of changed) upsert.run(this.ownerId, datasetId, keeperId, count, Date.now());
  }
}
