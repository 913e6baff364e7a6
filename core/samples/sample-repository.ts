import type { Origin, Sample, SampleFilter } from '../../shared/contract/samples.ts';
import { AppError } from '../../shared/errors.ts';
import type { ImageFormat, SampleStatus, Split } from '../../shared/vocabulary.ts';
import { Repository } from '../db/repository.ts';

interface SampleRow {
  id: number;
  datasetId: number;
  sha256: string;
  label: string | null;
  split: Split | null;
  status: SampleStatus;
  decidedBy: 'rules' | 'user';
  reasons: string;
  keeperSha256: string | null;
  keeperDistance: number | null;
  width: number;
  height: number;
  format: ImageFormat;
  bytes: number;
  caption: string | null;
  name: string | null;
  createdAt: number;
}

interface OriginRow extends Omit<Origin, 'consent'> {
  sampleId: number;
  consent: string;
}

const COLUMNS = `s.id, s.dataset_id AS datasetId, lower(hex(i.sha256)) AS sha256, l.name AS label, s.split, s.status,
  s.decided_by AS decidedBy, s.reasons, s.keeper_distance AS keeperDistance,
  (SELECT lower(hex(ki.sha256)) FROM samples k JOIN images ki ON ki.id = k.image_id WHERE k.id = s.keeper_id) AS keeperSha256,
  i.width, i.height, i.format, i.size_bytes AS bytes, s.caption, s.name, s.created_at AS createdAt`;
const JOINS = 'JOIN images i ON i.id = s.image_id LEFT JOIN labels l ON l.id = s.label_id';

/** The rows of a grid page: a sample without its origins. */
export type SampleSummary = Omit<Sample, 'origins'>;

/** Field by field: a spread of the rest costs a page a quarter more. */
function toSummary(row: SampleRow): SampleSummary {
  return {
    id: row.id,
    datasetId: row.datasetId,
    sha256: row.sha256,
    label: row.label,
    split: row.split,
    status: row.status,
    decidedBy: row.decidedBy,
    reasons: row.reasons === '' ? [] : row.reasons.split(','),
    keeper: row.keeperSha256 === null ? null : { sha256: row.keeperSha256, distance: row.keeperDistance ?? 0 },
    width: row.width,
    height: row.height,
    format: row.format,
    bytes: row.bytes,
    caption: row.caption,
    name: row.name,
    createdAt: row.createdAt,
  };
}

export class SampleRepository extends Repository {
  #where(filter: SampleFilter): { sql: string; from: string; parameters: (string | number)[] } {
    const conditions = ['s.dataset_id = ?'];
    const parameters: (string | number)[] = [filter.datasetId];
    let from = 'samples s';
    if (filter.reason !== undefined) {
      from = 'sample_reasons r JOIN samples s ON s.id = r.sample_id';
      conditions[0] = 'r.dataset_id = ?';
      conditions.push('r.reason = ?');
      parameters.push(filter.reason);
    }
    if (filter.status !== undefined) {
      conditions.push('s.status = ?');
      parameters.push(filter.status);
    }
    if (filter.label !== undefined) {
      conditions.push('s.label_id = (SELECT id FROM labels WHERE dataset_id = s.dataset_id AND name = ?)');
      parameters.push(filter.label);
    }
    return { sql: conditions.join(' AND '), from, parameters };
  }

  /** @throws AppError `not-found` when the owner has no such dataset */
  #requireDataset(id: number): void {
    const row = this.database
      .prepare<[number, string], { id: number }>('SELECT id FROM datasets WHERE id = ? AND owner_id = ?')
      .get(id, this.ownerId);
    if (row === undefined) throw new AppError('not-found', `There is no dataset with id ${id}.`);
  }

  /**
   * A page in the order samples were added, by keyset: `after` is the last id seen, 0 at the start.
   * @throws AppError `not-found` when there is no such dataset
   */
  page(filter: SampleFilter, after: number, limit: number): SampleSummary[] {
    this.#requireDataset(filter.datasetId);
    const where = this.#where(filter);
    const key = filter.reason === undefined ? 's.id' : 'r.sample_id';
    return this.database
      .prepare<(string | number)[], SampleRow>(
        `SELECT ${COLUMNS} FROM ${where.from} ${JOINS} WHERE ${where.sql} AND ${key} > ? ORDER BY ${key} LIMIT ?`,
      )
      .all(...where.parameters, after, limit)
      .map(toSummary);
  }

  /** Samples in the order of the ids; ids that are gone are left out. */
  byIds(ids: readonly number[]): SampleSummary[] {
    return this.database
      .prepare<[string, string], SampleRow>(
        `SELECT ${COLUMNS} FROM json_each(?) wanted JOIN samples s ON s.id = wanted.value ${JOINS}
         WHERE s.owner_id = ? ORDER BY wanted.key`,
      )
      .all(JSON.stringify(ids), this.ownerId)
      .map(toSummary);
  }

  /** The same samples with where they came from. */
  withOrigins(summaries: readonly SampleSummary[]): Sample[] {
    const origins = new Map<number, Origin[]>();
    const select = this.database.prepare<[string], OriginRow>(
      `SELECT sample_id AS sampleId, source, page_url AS pageUrl, image_url AS imageUrl, licence, creator, attribution,
              consent, fetched_at AS fetchedAt, http_status AS httpStatus
       FROM origins WHERE sample_id IN (SELECT value FROM json_each(?)) ORDER BY id`,
    );
    for (const row of select.all(JSON.stringify(summaries.map((summary) => summary.id)))) {
      const { sampleId, consent, ...rest } = row;
      const list = origins.get(sampleId) ?? [];
      list.push({ ...rest, consent: JSON.parse(consent) as Origin['consent'] });
      origins.set(sampleId, list);
    }
    return summaries.map((summary) => ({ ...summary, origins: origins.get(summary.id) ?? [] }));
  }

  /** @throws AppError `not-found` */
  get(id: number): Sample {
    const row = this.database
      .prepare<[number, string], SampleRow>(
        `SELECT ${COLUMNS} FROM samples s ${JOINS} WHERE s.id = ? AND s.owner_id = ?`,
      )
      .get(id, this.ownerId);
    if (row === undefined) throw new AppError('not-found', `There is no sample with id ${id}.`);
    return this.withOrigins([toSummary(row)])[0] as Sample;
  }

  /** Samples of a dataset, from its counter. @throws AppError `not-found` when there is no such dataset */
  count(datasetId: number): number {
    this.#requireDataset(datasetId);
    const { sql, parameters } = this.#counter(datasetId, 'total', '');
    return this.database.prepare<unknown[], { count: number }>(sql).get(...parameters)?.count ?? 0;
  }

  /**
   * How many samples match; from counters where one facet answers, else counted by the caller's reader.
   * @throws AppError `not-found` when there is no such dataset
   */
  countQuery(filter: SampleFilter): { sql: string; parameters: (string | number)[] } {
    this.#requireDataset(filter.datasetId);
    const facets = [filter.status, filter.label, filter.reason].filter((value) => value !== undefined);
    if (facets.length === 0) return this.#counter(filter.datasetId, 'total', '');
    if (facets.length === 1 && filter.status !== undefined) {
      return this.#counter(filter.datasetId, 'status', filter.status);
    }
    if (facets.length === 1 && filter.reason !== undefined) {
      return this.#counter(filter.datasetId, 'reason', filter.reason);
    }
    const where = this.#where(filter);
    return { sql: `SELECT count(*) AS count FROM ${where.from} WHERE ${where.sql}`, parameters: where.parameters };
  }

  #counter(datasetId: number, facet: string, value: string): { sql: string; parameters: (string | number)[] } {
    return {
      sql: 'SELECT coalesce(sum(count), 0) AS count FROM counters WHERE dataset_id = ? AND facet = ? AND value = ?',
      parameters: [datasetId, facet, value],
    };
  }
}
