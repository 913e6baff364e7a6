/** Counts beside facet values, and how numbers are spread: one scan of one index each. */

import {
  SAMPLE_FACETS,
  type SampleFacet,
  type SampleFilter,
  type SampleMeasure,
} from '../../shared/contract/samples.ts';
import { LabelRepository } from '../datasets/label-repository.ts';
import type { ColumnValue } from '../db/count-columns.ts';
import type { Database } from '../db/database.ts';
import type { DatabaseReader } from '../db/reader.ts';
import { Repository } from '../db/repository.ts';
import { MEASURE_COLUMN, whereOf, whereUncounted } from '../db/sample-query.ts';
import { binsOf, MEASURE_SCALE } from './histogram-bins.ts';
import { narrowingsOf } from './sample-filter.ts';
import type { SampleRepository } from './sample-repository.ts';

type FacetCounts = Record<SampleFacet, { value: string; count: number }[]>;

interface Histogram {
  readonly bins: { from: number; to: number; count: number }[];
  readonly scale: 'linear' | 'logarithmic' | 'time';
  readonly unit: string;
}

/** What facets count: the column, and what a filter chooses of it. In the order of the index, so that nothing is sorted. */
const COUNTED: readonly {
  readonly facet: SampleFacet;
  readonly column: string;
  readonly choice: (filter: SampleFilter) => readonly string[] | undefined;
}[] = [
  { facet: 'status', column: 's.status', choice: (filter) => filter.statuses },
  { facet: 'reason', column: 's.reasons', choice: (filter) => filter.reasons },
  { facet: 'label', column: 's.label_id', choice: (filter) => filter.labels },
  { facet: 'split', column: 's.split', choice: (filter) => filter.splits },
  { facet: 'format', column: 's.format', choice: (filter) => filter.formats },
  { facet: 'source', column: 's.source', choice: (filter) => filter.sources },
  { facet: 'licence', column: 's.licence', choice: (filter) => filter.licences },
];

export class FacetRepository extends Repository {
  readonly #reader: DatabaseReader;
  readonly #samples: SampleRepository;
  readonly #labels = new LabelRepository(this.database, this.ownerId);

  constructor(database: Database, ownerId: string, reader: DatabaseReader, samples: SampleRepository) {
    super(database, ownerId);
    this.#reader = reader;
    this.#samples = samples;
  }

  /**
   * From counters where nothing narrows, else from one scan.
   * @throws AppError `not-found` when there is no such dataset
   */
  async facets(filter: SampleFilter): Promise<{ count: number; facets: FacetCounts }> {
    this.#samples.requireDataset(filter.datasetId);
    const labels = this.#labels.names(filter.datasetId);
    if (narrowingsOf(filter).size === 0) return this.#kept(filter.datasetId, labels);
    const where = whereUncounted(filter);
    const columns = COUNTED.map(({ column }) => column).join(', ');
    const sql = `SELECT ${columns}, count(*) FROM samples s INDEXED BY samples_facets WHERE ${where.sql} GROUP BY ${columns}`;
    const ids = new Map(Array.from(labels, ([id, name]) => [name, id]));
    const counted = await this.#reader.columns(
      { ...where, sql },
      'scan',
      COUNTED.map(({ facet, choice }) => ({
        chosen: storedChoice(facet, choice(filter), ids),
        isList: facet === 'reason',
      })),
    );
    const counts = new Map<SampleFacet, Map<string, number>>();
    for (const [index, { facet, choice }] of COUNTED.entries()) {
      // What was chosen stays to be seen with a count of 0.
      const values = new Map(choice(filter)?.map((value) => [value, 0]));
      for (const [stored, count] of counted.values[index] ?? []) {
        values.set(facet === 'label' ? (labels.get(Number(stored)) ?? '') : String(stored ?? ''), count);
      }
      counts.set(facet, values);
    }
    return { count: counted.count, facets: ordered(counts) };
  }

  #kept(datasetId: number, labels: ReadonlyMap<number, string>): { count: number; facets: FacetCounts } {
    const counts = new Map(SAMPLE_FACETS.map((facet) => [facet as string, new Map<string, number>()]));
    let total = 0;
    const rows = this.database
      .prepare<[number], { facet: string; value: string; count: number }>(
        'SELECT facet, value, count FROM counters WHERE dataset_id = ? AND count > 0',
      )
      .all(datasetId);
    for (const { facet, value, count } of rows) {
      if (facet === 'total') total = count;
      counts.get(facet)?.set(facet === 'label' ? (labels.get(Number(value)) ?? '') : value, count);
    }
    for (const facet of ['label', 'split'] as const) {
      const values = counts.get(facet) as Map<string, number>;
      const without = total - [...values.values()].reduce((sum, count) => sum + count, 0);
      if (without > 0) values.set('', without);
    }
    return { count: total, facets: ordered(counts as ReadonlyMap<SampleFacet, ReadonlyMap<string, number>>) };
  }

  /** @throws AppError `not-found` when there is no such dataset */
  async histogram(filter: SampleFilter, measure: SampleMeasure): Promise<Histogram> {
    this.#samples.requireDataset(filter.datasetId);
    const scale = MEASURE_SCALE[measure];
    const where = whereOf(filter, measure);
    const sql = `SELECT ${MEASURE_COLUMN[measure]} FROM samples s INDEXED BY samples_facets WHERE ${where.sql}`;
    const counts = await this.#reader.bins({ ...where, sql }, 'scan', scale.bins);
    return { bins: binsOf(scale, counts), scale: scale.kind, unit: scale.unit };
  }
}

/** A choice as the rows have it; null where none was made. Labels that are not there are chosen by no row. */
function storedChoice(
  facet: SampleFacet,
  chosen: readonly string[] | undefined,
  labelIds: ReadonlyMap<string, number>,
): ColumnValue[] | null {
  if (chosen === undefined || chosen.length === 0) return null;
  return chosen.flatMap((value): ColumnValue[] => {
    if (value === '') return [null];
    if (facet !== 'label') return [value];
    const id = labelIds.get(value);
    return id === undefined ? [] : [id];
  });
}

/** Largest first, equal ones by their value. */
function ordered(counts: ReadonlyMap<SampleFacet, ReadonlyMap<string, number>>): FacetCounts {
  return Object.fromEntries(
    SAMPLE_FACETS.map((facet) => [
      facet,
      Array.from(counts.get(facet) ?? [], ([value, count]) => ({ value, count })).sort(
        (a, b) => b.count - a.count || (a.value < b.value ? -1 : 1),
      ),
    ]),
  ) as FacetCounts;
}
