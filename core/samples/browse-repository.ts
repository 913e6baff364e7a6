/** Pages, places and ids of a filtered and sorted dataset. */

import type { SampleFilter, SampleSort, SampleSummary, SingleFilter } from '../../shared/contract/samples.ts';
import { AppError } from '../../shared/errors.ts';
import type { Database } from '../db/database.ts';
import type { DatabaseReader, Parameter, ReaderQuery } from '../db/reader.ts';
import { Repository } from '../db/repository.ts';
import { orderBy, placeAfter, SORT_KEY, type Where, whereOf } from '../db/sample-query.ts';
import { asSampleFilter, narrowingsOf } from './sample-filter.ts';
import type { SampleRepository } from './sample-repository.ts';

/** A page that is not full after so many is quicker found by a scan. */
const PROBED = 4_000;
const CURSOR = /^([a-zA-Z]+)([+-])([1-9][0-9]{0,15})$/;

interface Place {
  readonly key: Parameter;
  readonly id: number;
}

/** A query of ids in order, and of those that match where it gives others too. */
interface OrderedIds {
  readonly query: ReaderQuery;
  readonly options: { readonly among?: Omit<ReaderQuery, 'match'> };
}

export class BrowseRepository extends Repository {
  readonly #reader: DatabaseReader;
  readonly #samples: SampleRepository;
  readonly #probed: number;

  /** @param probed samples that are looked at in the order of a sort before the dataset is scanned */
  constructor(database: Database, ownerId: string, reader: DatabaseReader, samples: SampleRepository, probed = PROBED) {
    super(database, ownerId);
    this.#reader = reader;
    this.#samples = samples;
    this.#probed = probed;
  }

  /**
   * A page of the grid. Takes milliseconds where an index has the order; other pages come from a reader's thread.
   * @param after what `next` of the page before was; null at the start
   * @throws AppError `not-found` when there is no such dataset, `bad-request` when `after` is not one of this sort
   */
  async page(
    filter: SampleFilter,
    sort: SampleSort,
    after: string | null,
    limit: number,
  ): Promise<{ items: SampleSummary[]; next: string | null }> {
    this.#samples.requireDataset(filter.datasetId);
    const place = after === null ? null : this.#placeOf(filter.datasetId, sort, after);
    const ids = await this.#pageIds(filter, sort, place, limit);
    const last = ids.at(-1);
    return {
      items: this.#samples.byIds(ids),
      next: ids.length < limit || last === undefined ? null : cursorOf(sort, last),
    };
  }

  /**
   * A page in the order samples were added, by the last id seen.
   * @throws AppError `not-found` when there is no such dataset
   */
  async pageAfter(filter: SingleFilter, afterId: number, limit: number): Promise<SampleSummary[]> {
    const facets = [filter.status, filter.label, filter.reason].filter((value) => value !== undefined);
    if (facets.length <= 1) return this.#samples.page(filter, afterId, limit);
    this.#samples.requireDataset(filter.datasetId);
    const place = { key: afterId, id: afterId };
    return this.#samples.byIds(
      await this.#pageIds(asSampleFilter(filter), { by: 'added', direction: 'ascending' }, place, limit),
    );
  }

  async #pageIds(filter: SampleFilter, sort: SampleSort, place: Place | null, limit: number): Promise<number[]> {
    const served = servedPage(filter, sort, place, limit);
    if (served !== null) {
      return this.database
        .prepare<Parameter[], { id: number }>(served.sql)
        .all(...served.parameters)
        .map((row) => row.id);
    }
    const probe = probePage(filter, sort, place, limit, this.#probed);
    const [found] = await this.#reader.rows<{ ids: string; looked: number }>(probe, 'page');
    const ids = JSON.parse(found?.ids ?? '[]') as number[];
    if (ids.length === limit || (found?.looked ?? 0) < this.#probed) return ids;
    return this.#reader.numbers(scanPage(filter, sort, place, limit), 'scan');
  }

  /**
   * How many match, and what to pass as `after` for each page of `pageSize`.
   * @throws AppError `not-found` when there is no such dataset
   */
  async index(
    filter: SampleFilter,
    sort: SampleSort,
    pageSize: number,
  ): Promise<{ count: number; anchors: (string | null)[] }> {
    this.#samples.requireDataset(filter.datasetId);
    const ordered = orderedIds(filter, sort);
    const [count = 0, ...ends] = await this.#reader.numbers(ordered.query, 'scan', {
      ...ordered.options,
      every: pageSize,
    });
    const pages = Math.ceil(count / pageSize);
    if (pages === 0) return { count, anchors: [] };
    return { count, anchors: [null, ...ends.slice(0, pages - 1).map((id) => cursorOf(sort, id))] };
  }

  /**
   * Ids of the samples that match, in order.
   * @param limit Infinity without one
   * @throws AppError `not-found` when there is no such dataset
   */
  async ids(filter: SampleFilter, sort: SampleSort, offset: number, limit: number): Promise<number[]> {
    this.#samples.requireDataset(filter.datasetId);
    const { query, options } = orderedIds(filter, sort);
    return this.#reader.numbers(query, 'scan', { ...options, from: offset, to: offset + limit });
  }

  #placeOf(datasetId: number, sort: SampleSort, cursor: string): Place {
    const [, by, sign, id] = CURSOR.exec(cursor) ?? [];
    const row =
      by === sort.by && sign === signOf(sort)
        ? this.database
            .prepare<[number, number], Place>(
              `SELECT ${SORT_KEY[sort.by].sql} AS key, s.id FROM samples s WHERE s.id = ? AND s.dataset_id = ?`,
            )
            .get(Number(id), datasetId)
        : undefined;
    if (row === undefined) {
      const shown = JSON.stringify(cursor.slice(0, 40));
      throw new AppError(
        'bad-request',
        `Expected after to be a cursor of this dataset and sort, as a page or an index gave it; got ${shown}. Begin again with null.`,
      );
    }
    return row;
  }
}

function signOf(sort: SampleSort): '+' | '-' {
  return sort.direction === 'ascending' ? '+' : '-';
}

/** The sample after which a page begins: its key is read again, since what it goes by never changes. */
function cursorOf(sort: SampleSort, id: number): string {
  return `${sort.by}${signOf(sort)}${id}`;
}

function after(sort: SampleSort, place: Place | null): Where {
  return place === null ? { sql: 'TRUE', parameters: [] } : placeAfter(sort, place.key, place.id);
}

/** A page that one index has in order, so that it costs the same at any size; null for others. */
function servedPage(filter: SampleFilter, sort: SampleSort, place: Place | null, limit: number): ReaderQuery | null {
  const narrowings = [...narrowingsOf(filter)];
  const begins = after(sort, place);
  if (narrowings.length === 1 && narrowings[0] === 'reasons' && filter.reasons?.length === 1 && sort.by === 'added') {
    const direction = sort.direction === 'ascending' ? 'ASC' : 'DESC';
    return {
      sql: `SELECT s.sample_id AS id FROM sample_reasons s WHERE s.dataset_id = ? AND s.reason = ?
            AND ${begins.sql.replace('s.id', 's.sample_id')} ORDER BY s.sample_id ${direction} LIMIT ?`,
      parameters: [filter.datasetId, filter.reasons[0] ?? '', ...begins.parameters, limit],
    };
  }
  const isServed =
    narrowings.length === 0 ||
    (narrowings.length === 1 &&
      sort.by === 'added' &&
      ((narrowings[0] === 'statuses' && filter.statuses?.length === 1) ||
        (narrowings[0] === 'labels' && filter.labels?.length === 1) ||
        narrowings[0] === 'jobId'));
  if (!isServed) return null;
  const where = whereOf(filter);
  return {
    sql: `SELECT s.id FROM samples s WHERE ${where.sql} AND ${begins.sql} ORDER BY ${orderBy(sort)} LIMIT ?`,
    parameters: [...where.parameters, ...begins.parameters, limit],
  };
}

/** Walks the sort's index for a while: enough wherever one in twenty matches. */
function probePage(
  filter: SampleFilter,
  sort: SampleSort,
  place: Place | null,
  limit: number,
  probed: number,
): ReaderQuery {
  const where = whereOf(filter);
  const begins = after(sort, place);
  return {
    sql: `WITH looked AS MATERIALIZED (
            SELECT s.id FROM samples s INDEXED BY ${SORT_KEY[sort.by].index}
            WHERE s.dataset_id = ? AND ${begins.sql} ORDER BY ${orderBy(sort)} LIMIT ${probed})
          SELECT (SELECT count(*) FROM looked) AS looked, (SELECT json_group_array(id) FROM (
            SELECT s.id FROM looked CROSS JOIN samples s ON s.id = looked.id WHERE ${where.sql} LIMIT ?)) AS ids`,
    parameters: [filter.datasetId, ...begins.parameters, ...where.parameters, limit],
    ...textOf(where),
  };
}

/** The first of what matches, from one scan of the index that holds all that filters look at. */
function scanPage(filter: SampleFilter, sort: SampleSort, place: Place | null, limit: number): ReaderQuery {
  const where = whereOf(filter);
  const begins = after(sort, place);
  if (sort.by === 'name') {
    return {
      sql: `SELECT s.id FROM samples s INDEXED BY samples_by_name WHERE s.dataset_id = ? AND ${begins.sql}
            AND +s.id IN (SELECT s.id FROM samples s INDEXED BY samples_facets WHERE ${where.sql})
            ORDER BY ${orderBy(sort)} LIMIT ?`,
      parameters: [filter.datasetId, ...begins.parameters, ...where.parameters, limit],
      ...textOf(where),
    };
  }
  return {
    sql: `SELECT s.id FROM samples s INDEXED BY samples_facets WHERE ${begins.sql.replace('s.id', '+s.id')}
          AND ${where.sql} ORDER BY ${orderBy(sort).replace('s.id', '+s.id')} LIMIT ?`,
    parameters: [...begins.parameters, ...where.parameters, limit],
    ...textOf(where),
  };
}

function textOf({ match }: Where): Pick<ReaderQuery, 'match'> {
  return match === undefined ? {} : { match };
}

/**
 * All that match. Where no index has just these in order, the order of all and the matching ones are read one after the
 * other and brought together: several times quicker than sorting.
 */
function orderedIds(filter: SampleFilter, sort: SampleSort): OrderedIds {
  const served = servedPage(filter, sort, null, -1);
  if (served !== null) return { query: served, options: {} };
  const where = whereOf(filter);
  return {
    query: {
      sql: `SELECT s.id FROM samples s INDEXED BY ${SORT_KEY[sort.by].index} WHERE s.dataset_id = ? ORDER BY ${orderBy(sort)}`,
      parameters: [filter.datasetId],
      ...textOf(where),
    },
    options: {
      among: {
        sql: `SELECT s.id FROM samples s INDEXED BY samples_facets WHERE ${where.sql}`,
        parameters: where.parameters,
      },
    },
  };
}
