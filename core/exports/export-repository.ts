import type { Database } from '../db/database.ts';
import type { DatabaseReader, LinesQuery, Parameter, ReaderQuery } from '../db/reader.ts';
import { Repository } from '../db/repository.ts';

/** An image as a line of JSON; `parseSample` takes it apart. */
const LINE = `json_object('sha256', lower(hex(i.sha256)), 'label', l.name, 'split', s.split, 'status', s.status,
  'reasons', s.reasons, 'width', i.width, 'height', i.height, 'format', s.format, 'bytes', s.size_bytes,
  'caption', s.caption, 'name', s.name, 'tags', s.tags, 'origins', json((
    SELECT json_group_array(json_object('source', source, 'pageUrl', page_url, 'imageUrl', image_url, 'licence', licence,
      'creator', creator, 'attribution', attribution, 'consent', json(consent), 'fetchedAt', fetched_at,
      'httpStatus', http_status))
    FROM (SELECT * FROM origins WHERE sample_id = s.id ORDER BY id))))`;

/** Both names and hashes are compared by their bytes. */
const EXPORT_ORDER = 'ORDER BY l.name, i.sha256';

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
    return this.#reader.numbers(this.#select('s.id', EXPORT_ORDER, datasetId, ...withStatus(statuses)), 'bulk');
  }

  /**
   * Two questions whose rows are texts of JSON: the dataset with its labels, no row when it is gone; then its samples of
   * these statuses, by label and hash, so that the same dataset gives the same bytes.
   */
  content(datasetId: number, statuses: readonly string[]): readonly [ReaderQuery, LinesQuery] {
    return this.#content(datasetId, ...withStatus(statuses));
  }

  /** The same with those of these samples that the dataset has. */
  contentOf(datasetId: number, ids: readonly number[]): readonly [ReaderQuery, LinesQuery] {
    return this.#content(datasetId, ...withId(ids));
  }

  /**
   * What `contentOf` asks for, answered at once on the core's own connection: for few samples, since starting a thread
   * takes longer than reading them.
   */
  contentHere(datasetId: number, ids: readonly number[]): readonly [readonly string[], readonly string[]] {
    const samples = this.#select(LINE, EXPORT_ORDER, datasetId, ...withId(ids));
    return [this.#textsHere(this.#dataset(datasetId)), this.#textsHere(samples)];
  }

  #textsHere({ sql, parameters }: ReaderQuery): string[] {
    return this.database
      .prepare<Parameter[], string>(sql)
      .pluck()
      .all(...parameters);
  }

  #dataset(datasetId: number): ReaderQuery {
    return {
      sql: `SELECT json_object('name', d.name, 'labels', json((
              SELECT json_group_array(name ORDER BY name) FROM labels WHERE dataset_id = d.id)))
            FROM datasets d WHERE d.id = ? AND d.owner_id = ? AND d.trashed_at IS NULL`,
      parameters: [datasetId, this.ownerId],
    };
  }

  #content(datasetId: number, condition: string, parameters: readonly Parameter[]): readonly [ReaderQuery, LinesQuery] {
    // Rows lie by id, and so do, about, those of their images and origins: by hash, each would be looked up elsewhere.
    const lines = this.#select(LINE, 'ORDER BY s.id', datasetId, condition, parameters);
    const number = 'row_number() OVER (ORDER BY s.id) - 1';
    const order = this.#select(number, EXPORT_ORDER, datasetId, condition, parameters);
    return [this.#dataset(datasetId), { ...lines, order }];
  }

  #select(
    what: string,
    order: string,
    datasetId: number,
    condition: string,
    parameters: readonly Parameter[],
  ): ReaderQuery {
    return {
      sql: `SELECT ${what} FROM samples s JOIN images i ON i.id = s.image_id LEFT JOIN labels l ON l.id = s.label_id
            WHERE s.dataset_id = ? AND s.owner_id = ? AND ${condition} ${order}`,
      parameters: [datasetId, this.ownerId, ...parameters],
    };
  }
}

/** The sign keeps SQLite from an index by status, in which rows lie in no useful order. */
function withStatus(statuses: readonly string[]): [string, readonly Parameter[]] {
  return ['+s.status IN (SELECT value FROM json_each(?))', [JSON.stringify(statuses)]];
}

function withId(ids: readonly number[]): [string, readonly Parameter[]] {
  return ['s.id IN (SELECT value FROM json_each(?))', [JSON.stringify(ids)]];
}
