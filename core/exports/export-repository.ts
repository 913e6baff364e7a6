import type { Database } from '../db/database.ts';
import type { DatabaseReader, Parameter, ReaderQuery } from '../db/reader.ts';
import { Repository } from '../db/repository.ts';

/** An image as a line of JSON; `parseSample` takes it apart. */
const LINE = `json_object('sha256', lower(hex(i.sha256)), 'label', l.name, 'split', s.split, 'status', s.status,
  'reasons', s.reasons, 'width', i.width, 'height', i.height, 'format', s.format, 'bytes', s.size_bytes,
  'caption', s.caption, 'name', s.name, 'tags', s.tags, 'origins', json((
    SELECT json_group_array(json_object('source', source, 'pageUrl', page_url, 'imageUrl', image_url, 'licence', licence,
      'creator', creator, 'attribution', attribution, 'consent', json(consent), 'fetchedAt', fetched_at,
      'httpStatus', http_status) ORDER BY id)
    FROM origins WHERE sample_id = s.id)))`;

/** What an export takes of a dataset: the samples of some statuses. */
export class ExportRepository extends Repository {
  readonly #reader: DatabaseReader;

  constructor(database: Database, ownerId: string, reader: DatabaseReader) {
    super(database, ownerId);
    this.#reader = reader;
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

  /** The ids of an export in its order. */
  ids(datasetId: number, statuses: readonly string[]): Promise<number[]> {
    return this.#reader.numbers(this.#ordered(datasetId, ...withStatus(statuses)), 'bulk');
  }

  /**
   * Two questions whose rows are texts of JSON: the dataset with its labels, no row when it is gone; then its samples of
   * these statuses, by label and hash, so that the same dataset gives the same bytes.
   */
  content(datasetId: number, statuses: readonly string[]): readonly [ReaderQuery, ReaderQuery] {
    return this.#content(datasetId, ...withStatus(statuses));
  }

  /** The same with those of these samples that the dataset has. */
  contentOf(datasetId: number, ids: readonly number[]): readonly [ReaderQuery, ReaderQuery] {
    return this.#content(datasetId, 's.id IN (SELECT value FROM json_each(?))', [JSON.stringify(ids)]);
  }

  /**
   * What `contentOf` asks for, answered at once on the core's own connection: for few samples, since starting a thread
   * takes longer than reading them.
   */
  contentHere(datasetId: number, ids: readonly number[]): readonly [readonly string[], readonly string[]] {
    const [dataset, samples] = this.contentOf(datasetId, ids);
    return [this.#textsHere(dataset), this.#textsHere(samples)];
  }

  #textsHere({ sql, parameters }: ReaderQuery): string[] {
    return this.database
      .prepare<Parameter[], string>(sql)
      .pluck()
      .all(...parameters);
  }

  #content(
    datasetId: number,
    condition: string,
    parameters: readonly Parameter[],
  ): readonly [ReaderQuery, ReaderQuery] {
    const wanted = this.#ordered(datasetId, condition, parameters);
    return [
      {
        sql: `SELECT json_object('name', d.name, 'labels', json((
                SELECT json_group_array(name ORDER BY name) FROM labels WHERE dataset_id = d.id)))
              FROM datasets d WHERE d.id = ? AND d.owner_id = ? AND d.trashed_at IS NULL`,
        parameters: [datasetId, this.ownerId],
      },
      {
        // Sorted before the texts are made, which would not fit into memory; a CROSS JOIN keeps the order of its left side.
        sql: `WITH wanted (id) AS (${wanted.sql} LIMIT -1)
              SELECT ${LINE} FROM wanted CROSS JOIN samples s ON s.id = wanted.id CROSS JOIN images i ON i.id = s.image_id
              LEFT JOIN labels l ON l.id = s.label_id`,
        parameters: wanted.parameters,
      },
    ];
  }

  #ordered(datasetId: number, condition: string, parameters: readonly Parameter[]): ReaderQuery {
    return {
      sql: `SELECT s.id FROM samples s JOIN images i ON i.id = s.image_id LEFT JOIN labels l ON l.id = s.label_id
            WHERE s.dataset_id = ? AND s.owner_id = ? AND ${condition} ORDER BY l.name, i.sha256`,
      parameters: [datasetId, this.ownerId, ...parameters],
    };
  }
}

function withStatus(statuses: readonly string[]): [string, readonly Parameter[]] {
  return ['s.status IN (SELECT value FROM json_each(?))', [JSON.stringify(statuses)]];
}
