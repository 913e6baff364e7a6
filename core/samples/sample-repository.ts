import type { Origin, Sample, SampleFilter, SampleSummary, SingleFilter } from '../../shared/contract/samples.ts';
import { AppError } from '../../shared/errors.ts';
import type { ImageFormat, SampleStatus, Split } from '../../shared/vocabulary.ts';
import type { Parameter, ReaderQuery } from '../db/reader.ts';
import { Repository } from '../db/repository.ts';
import { whereOf } from '../db/sample-query.ts';
import type { ImageTable } from '../db/schema.ts';
import { asSampleFilter, narrowingsOf } from './sample-filter.ts';
import { parseTags } from './stored-tags.ts';

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
  dominantColour: number;
  caption: string | null;
  tags: string;
  name: string | null;
  createdAt: number;
}

interface OriginRow extends Omit<Origin, 'consent'> {
  sampleId: number;
  consent: string;
}

/** The image of a sample as it is stored, and what else its details tell. */
export interface SampleImage extends ImageTable {
  readonly keeper_id: number | null;
  readonly judged_at: number | null;
  readonly source: string;
}

const COLUMNS = `s.id, s.dataset_id AS datasetId, lower(hex(i.sha256)) AS sha256, l.name AS label, s.split, s.status,
  s.decided_by AS decidedBy, s.reasons, s.keeper_distance AS keeperDistance,
  (SELECT lower(hex(ki.sha256)) FROM samples k JOIN images ki ON ki.id = k.image_id WHERE k.id = s.keeper_id) AS keeperSha256,
  i.width, i.height, s.format, s.size_bytes AS bytes, i.dominant_colour AS dominantColour, s.caption, s.tags, s.name,
  s.created_at AS createdAt`;
const JOINS = 'JOIN images i ON i.id = s.image_id LEFT JOIN labels l ON l.id = s.label_id';

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
    dominantColour: row.dominantColour,
    caption: row.caption,
    tags: parseTags(row.tags),
    name: row.name,
    createdAt: row.createdAt,
  };
}

export class SampleRepository extends Repository {
  /** @throws AppError `not-found` when the owner has no such dataset, or it is in the trash */
  requireDataset(id: number): void {
    const row = this.database
      .prepare<[number, string], { id: number }>(
        'SELECT id FROM datasets WHERE id = ? AND owner_id = ? AND trashed_at IS NULL',
      )
      .get(id, this.ownerId);
    if (row === undefined) throw new AppError('not-found', `There is no dataset with id ${id}.`);
  }

  /**
   * A page in the order samples were added, by keyset: `after` is the last id seen, 0 at the start. Quick with one facet
   * at most; see `BrowseRepository` for others.
   * @throws AppError `not-found` when there is no such dataset
   */
  page(filter: SingleFilter, after: number, limit: number): SampleSummary[] {
    this.requireDataset(filter.datasetId);
    const { reason, ...others } = filter;
    const where = whereOf(asSampleFilter(others));
    const [from, key, parameters]: [string, string, Parameter[]] =
      reason === undefined
        ? ['samples s', 's.id', []]
        : [
            'sample_reasons r JOIN samples s ON r.dataset_id = ? AND r.reason = ? AND s.id = r.sample_id',
            'r.sample_id',
            [filter.datasetId, reason],
          ];
    return this.database
      .prepare<Parameter[], SampleRow>(
        `SELECT ${COLUMNS} FROM ${from} ${JOINS} WHERE ${where.sql} AND ${key} > ? ORDER BY ${key} LIMIT ?`,
      )
      .all(...parameters, ...where.parameters, after, limit)
      .map(toSummary);
  }

  /** Samples in the order of the ids; ids that are gone are left out. */
  byIds(ids: readonly number[]): SampleSummary[] {
    return this.database
      .prepare<[string, string], SampleRow>(
        `SELECT ${COLUMNS} FROM json_each(?) wanted CROSS JOIN samples s ON s.id = wanted.value ${JOINS}
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
        `SELECT ${COLUMNS} FROM samples s ${JOINS} JOIN datasets d ON d.id = s.dataset_id
         WHERE s.id = ? AND s.owner_id = ? AND d.trashed_at IS NULL`,
      )
      .get(id, this.ownerId);
    if (row === undefined) throw missing(id);
    return this.withOrigins([toSummary(row)])[0] as Sample;
  }

  /** All that is stored of a sample's image. @throws AppError `not-found` */
  getImage(id: number): SampleImage {
    const row = this.database
      .prepare<[number], SampleImage>(
        'SELECT i.*, s.keeper_id, s.judged_at, s.source FROM samples s JOIN images i ON i.id = s.image_id WHERE s.id = ?',
      )
      .get(id);
    if (row === undefined) throw missing(id);
    return row;
  }

  /** Samples of a dataset, from its counter. @throws AppError `not-found` when there is no such dataset */
  count(datasetId: number): number {
    this.requireDataset(datasetId);
    const { sql, parameters } = counterOf(datasetId, 'total', '');
    return this.database.prepare<unknown[], { count: number }>(sql).get(...parameters)?.count ?? 0;
  }

  /**
   * How many samples match; from counters where one facet answers, else counted by the caller's reader.
   * @throws AppError `not-found` when there is no such dataset
   */
  countQuery(filter: SampleFilter): ReaderQuery {
    this.requireDataset(filter.datasetId);
    const { datasetId, statuses = [], reasons = [] } = filter;
    const narrowings = narrowingsOf(filter);
    if (narrowings.size === 0) return counterOf(datasetId, 'total', '');
    if (narrowings.size === 1 && statuses.length === 1) return counterOf(datasetId, 'status', statuses[0] ?? '');
    if (narrowings.size === 1 && reasons.length === 1) return counterOf(datasetId, 'reason', reasons[0] ?? '');
    const where = whereOf(filter);
    return {
      ...where,
      sql: `SELECT count(*) AS count FROM samples s INDEXED BY samples_facets WHERE ${where.sql}`,
    };
  }
}

function missing(id: number): AppError {
  return new AppError('not-found', `There is no sample with id ${id}.`);
}

function counterOf(datasetId: number, facet: string, value: string): { sql: string; parameters: Parameter[] } {
  return {
    sql: 'SELECT coalesce(sum(count), 0) AS count FROM counters WHERE dataset_id = ? AND facet = ? AND value = ?',
    parameters: [datasetId, facet, value],
  };
}
