import type { Dataset } from '../../shared/contract/datasets.ts';
import type { Database } from '../db/database.ts';
import type { DatabaseReader } from '../db/reader.ts';
import { Repository } from '../db/repository.ts';

/** Ids held at once. */
const PAGE_SIZE = 100_000;

/** What an export takes of a dataset: the samples of some statuses. */
export class ExportRepository extends Repository {
  readonly #reader: DatabaseReader;

  constructor(database: Database, ownerId: string, reader: DatabaseReader) {
    super(database, ownerId);
    this.#reader = reader;
  }

  async count(datasetId: number, statuses: readonly string[]): Promise<number> {
    const [row] = await this.#reader.all<{ count: number }>(
      'SELECT count(*) AS count FROM samples WHERE dataset_id = ? AND status IN (SELECT value FROM json_each(?))',
      [datasetId, JSON.stringify(statuses)],
    );
    return row?.count ?? 0;
  }

  /** Images, and the bytes of their files. */
  async size(datasetId: number, statuses: readonly string[]): Promise<{ images: number; bytes: number }> {
    const [row] = await this.#reader.all<{ images: number; bytes: number }>(
      `SELECT count(*) AS images, coalesce(sum(i.size_bytes), 0) AS bytes FROM samples s JOIN images i ON i.id = s.image_id
       WHERE s.dataset_id = ? AND s.status IN (SELECT value FROM json_each(?))`,
      [datasetId, JSON.stringify(statuses)],
    );
    return row ?? { images: 0, bytes: 0 };
  }

  /**
   * Sample ids by label and hash, so that the same dataset gives the same bytes. Each page reads the rest of its label to
   * sort it: pages are large, and one text each, so that few are read and none takes much memory.
   */
  async *streamIds(
    dataset: Dataset,
    statuses: readonly string[],
    pageSize = PAGE_SIZE,
  ): AsyncGenerator<readonly number[]> {
    // As SQLite compares names: by code point, where JavaScript compares UTF-16.
    const labels = dataset.labels.toSorted((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)));
    for (const labelId of [null, ...labels.map((label) => label.id)]) {
      let after: string | null = '';
      while (after !== null) {
        const [page]: { ids: string; last: string | null }[] = await this.#reader.all(
          `SELECT json_group_array(id ORDER BY sha256) AS ids, lower(hex(max(sha256))) AS last FROM (
             SELECT s.id, i.sha256 FROM samples s JOIN images i ON i.id = s.image_id
             WHERE s.dataset_id = ? AND s.label_id IS ? AND s.status IN (SELECT value FROM json_each(?))
               AND i.sha256 > unhex(?)
             ORDER BY i.sha256 LIMIT ?)`,
          [dataset.id, labelId, JSON.stringify(statuses), after, pageSize],
        );
        const ids = JSON.parse(page?.ids ?? '[]') as number[];
        if (ids.length > 0) yield ids;
        after = ids.length < pageSize ? null : (page?.last ?? null);
      }
    }
  }
}
