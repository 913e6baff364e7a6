/** Counts beside facet values, and how numbers are spread: one scan of one index each. */

import {
  SAMPLE_FACETS,
  type SampleFacet,
  type SampleFilter,
  type SampleMeasure,
} from '../../shared/contract/samples.ts';
import type { Database } from '../db/database.ts';
import type { DatabaseReader } from '../db/reader.ts';
import { Repository } from '../db/repository.ts';
import { binsOf, MEASURE_SCALE } from './histogram-bins.ts';
import { MEASURE_COLUMN, narrowingsOf, whereOf, whereUncounted } from './sample-filter.ts';
import type { SampleRepository } from './sample-repository.ts';

type FacetCounts = Record<SampleFacet, { value: string; count: number }[]>;

interface Histogram {
  readonly bins: { from: number; to: number; count: number }[];
  readonly scale: 'linear' | 'logarithmic' | 'time';
  readonly unit: string;
}

/** Samples that are alike in all that facets count. */
type Combination = readonly [
  status: string,
  reasons: string,
  labelId: number | null,
  split: string | null,
  format: string,
  source: string,
  licence: string | null,
  count: number,
];

export class FacetRepository extends Repository {
  readonly #reader: DatabaseReader;
  readonly #samples: SampleRepository;

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
    const labels = this.#labels(filter.datasetId);
    if (narrowingsOf(filter).size === 0) return this.#kept(filter.datasetId, labels);
    const where = whereUncounted(filter);
    const sql = `SELECT s.status, s.reasons, s.label_id, s.split, s.format, s.source, s.licence, count(*)
      FROM samples s INDEXED BY samples_facets WHERE ${where.sql} GROUP BY 1, 2, 3, 4, 5, 6, 7`;
    const combinations = await this.#reader.lists<Combination>({ ...where, sql }, 'scan');
    return countCombinations(combinations, filter, labels);
  }

  #labels(datasetId: number): ReadonlyMap<number, string> {
    const rows = this.database
      .prepare<[number], { id: number; name: string }>('SELECT id, name FROM labels WHERE dataset_id = ?')
      .all(datasetId);
    return new Map(rows.map((row) => [row.id, row.name]));
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
    const counts = await this.#reader.counts({ ...where, sql }, 'scan', scale.bins);
    return { bins: binsOf(scale, counts), scale: scale.kind, unit: scale.unit };
  }
}

/**
 * Counts of all facets at once: what passes every facet counts for each; what fails one alone counts for that one, since a
 * facet's own choice does not narrow it.
 */
function countCombinations(
  combinations: readonly Combination[],
  filter: SampleFilter,
  labels: ReadonlyMap<number, string>,
): { count: number; facets: FacetCounts } {
  const chosen: Readonly<Record<SampleFacet, ReadonlySet<string>>> = {
    status: new Set(filter.statuses),
    label: new Set(filter.labels),
    split: new Set(filter.splits),
    reason: new Set(filter.reasons),
    source: new Set(filter.sources),
    licence: new Set(filter.licences),
    format: new Set(filter.formats),
  };
  // What was chosen stays to be seen with a count of 0.
  const counts = new Map(
    SAMPLE_FACETS.map((facet) => [facet, new Map(Array.from(chosen[facet], (value) => [value, 0]))]),
  );
  let total = 0;
  for (const [status, reasons, labelId, split, format, source, licence, count] of combinations) {
    const values: Readonly<Record<SampleFacet, readonly string[]>> = {
      status: [status],
      label: [labelId === null ? '' : (labels.get(labelId) ?? '')],
      split: [split ?? ''],
      reason: reasons === '' ? [] : reasons.split(','),
      source: [source],
      licence: [licence ?? ''],
      format: [format],
    };
    const failed = SAMPLE_FACETS.filter(
      (facet) => chosen[facet].size > 0 && !values[facet].some((value) => chosen[facet].has(value)),
    );
    if (failed.length > 1) continue;
    if (failed.length === 0) total += count;
    for (const facet of failed.length === 0 ? SAMPLE_FACETS : failed) {
      const facetCounts = counts.get(facet) as Map<string, number>;
      for (const value of values[facet]) facetCounts.set(value, (facetCounts.get(value) ?? 0) + count);
    }
  }
  return { count: total, facets: ordered(counts) };
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
