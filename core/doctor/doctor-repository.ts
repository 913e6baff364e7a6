/** What the doctor holds against the store and the counters: reads that look at whole tables, on a reader. */

import { CounterRepository } from '../datasets/counter-repository.ts';
import type { Database } from '../db/database.ts';
import type { DatabaseReader } from '../db/reader.ts';
import { Repository } from '../db/repository.ts';

const PAGE = 1000;

/** A sample as the doctor names it. */
interface HeldSample {
  readonly sha256: string;
  readonly project: string;
  readonly dataset: string;
  readonly name: string | null;
  /** Address or path of its first origin. */
  readonly from: string | null;
}

/** The store is one for all owners, and so are the images it is held against. */
export class DoctorRepository extends Repository {
  readonly #reader: DatabaseReader;
  readonly #counters: CounterRepository;

  constructor(database: Database, ownerId: string, reader: DatabaseReader) {
    super(database, ownerId);
    this.#reader = reader;
    this.#counters = new CounterRepository(database, ownerId);
  }

  async countImages(): Promise<number> {
    const [row] = await this.#reader.all<{ count: number }>('SELECT count(*) AS count FROM images');
    return row?.count ?? 0;
  }

  /** Hashes of all images in order, a page at a time. */
  async *streamHashes(): AsyncGenerator<readonly string[]> {
    let after: string | null = '';
    while (after !== null) {
      const rows: { sha256: string }[] = await this.#reader.all<{ sha256: string }>(
        `SELECT lower(hex(sha256)) AS sha256 FROM images WHERE sha256 > unhex(?) ORDER BY images.sha256 LIMIT ${PAGE}`,
        [after],
      );
      if (rows.length > 0) yield rows.map((row) => row.sha256);
      after = rows.length < PAGE ? null : (rows.at(-1)?.sha256 ?? null);
    }
  }

  /** Of these hashes, those that an image has. */
  async knownHashes(sha256s: readonly string[]): Promise<ReadonlySet<string>> {
    const rows = await this.#reader.all<{ sha256: string }>(
      'SELECT lower(hex(sha256)) AS sha256 FROM images WHERE sha256 IN (SELECT unhex(value) FROM json_each(?))',
      [JSON.stringify(sha256s)],
    );
    return new Set(rows.map((row) => row.sha256));
  }

  /** Samples of these images, by dataset and then by hash; those of trials and in the trash too. */
  async samplesOf(sha256s: readonly string[]): Promise<HeldSample[]> {
    return this.#reader.all<HeldSample>(
      `SELECT lower(hex(i.sha256)) AS sha256, coalesce(p.trashed_name, p.name) AS project,
         coalesce(d.trashed_name, d.name) AS dataset, s.name,
         (SELECT o.image_url FROM origins o WHERE o.sample_id = s.id ORDER BY o.id LIMIT 1) AS "from"
       FROM images i JOIN samples s ON s.image_id = i.id JOIN datasets d ON d.id = s.dataset_id
         JOIN projects p ON p.id = d.project_id
       WHERE s.owner_id = ? AND i.sha256 IN (SELECT unhex(value) FROM json_each(?))
       ORDER BY project, dataset, i.sha256`,
      [this.ownerId, JSON.stringify(sha256s)],
    );
  }

  /** The owner's images that no dataset has. */
  async countUnused(): Promise<number> {
    const [row] = await this.#reader.all<{ lost: number }>(
      `SELECT count(*) AS lost FROM images i WHERE owner_id = ?
       AND NOT EXISTS (SELECT 1 FROM samples s WHERE s.image_id = i.id)`,
      [this.ownerId],
    );
    return row?.lost ?? 0;
  }

  /** Counters of a dataset that are not what its rows say. */
  async countDrift(datasetId: number): Promise<number> {
    const { sql, parameters } = this.#counters.driftQuery(datasetId);
    const [row] = await this.#reader.all<{ wrong: number }>(sql, parameters);
    return row?.wrong ?? 0;
  }
}
