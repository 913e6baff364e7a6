/**
 * Filters and sorts as SQL over `samples s`: the one place that turns what a person asks for into conditions, for the
 * repositories that read samples.
 */

import type { SampleFilter, SampleMeasure, SampleSort } from '../../shared/contract/samples.ts';
import { matchQuery } from './match-query.ts';
import type { Parameter } from './reader.ts';

/** Conditions joined by AND, never empty. */
export interface Where {
  readonly sql: string;
  readonly parameters: readonly Parameter[];
  /** What `text_matches` in the conditions stands for; only connections of the reader know that function. */
  readonly match?: string;
}

/** Columns of `samples` by what the contract calls them. */
export const MEASURE_COLUMN: Readonly<Record<SampleMeasure, string>> = {
  shortSide: 's.short_side',
  sizeBytes: 's.size_bytes',
  aspectRatio: 's.aspect_ratio',
  sharpness: 's.sharpness',
  brightness: 's.brightness',
  contrast: 's.contrast',
  entropy: 's.entropy',
  createdAt: 's.created_at',
};

/** What a sort goes by, with the index that has it in order; ids break ties. */
export const SORT_KEY: Readonly<Record<SampleSort['by'], { readonly sql: string; readonly index: string }>> = {
  added: { sql: 's.id', index: 'samples_by_dataset' },
  shortSide: { sql: 's.short_side', index: 'samples_by_short_side' },
  sizeBytes: { sql: 's.size_bytes', index: 'samples_by_size' },
  sharpness: { sql: 's.sharpness', index: 'samples_by_sharpness' },
  brightness: { sql: 's.brightness', index: 'samples_by_brightness' },
  duplicates: {
    sql: '(coalesce(s.keeper_id, s.id) * 2 + (s.keeper_id IS NOT NULL))',
    index: 'samples_by_duplicates',
  },
  name: { sql: `coalesce(s.name, '') COLLATE NOCASE`, index: 'samples_by_name' },
};

/** Ids of all that are set aside for a keeper, and of these keepers: from one small index. */
export const DUPLICATE_IDS = `SELECT id FROM samples INDEXED BY samples_by_keeper WHERE keeper_id IS NOT NULL
  UNION SELECT keeper_id FROM samples INDEXED BY samples_by_keeper WHERE keeper_id IS NOT NULL`;

class Conditions {
  readonly #sql: string[] = [];
  readonly #parameters: Parameter[] = [];

  constructor({ datasetId }: SampleFilter) {
    this.add('s.dataset_id = ?', datasetId);
  }

  add(sql: string, ...parameters: Parameter[]): void {
    this.#sql.push(sql);
    this.#parameters.push(...parameters);
  }

  /** One of the values; '' stands for "none". */
  addOneOf(column: string, values: readonly string[] | undefined): void {
    if (values === undefined || values.length === 0) return;
    const named = values.filter((value) => value !== '');
    const alternatives = [
      ...(named.length > 0 ? [`${column} IN (${named.map(() => '?').join(', ')})`] : []),
      ...(named.length < values.length ? [`${column} IS NULL`] : []),
    ];
    this.add(`(${alternatives.join(' OR ')})`, ...named);
  }

  /** The text comes last: it is looked at where everything else holds. */
  where({ text }: SampleFilter): Where {
    const match = text === undefined ? null : matchQuery(text);
    const parameters = this.#parameters;
    if (match === null) return { sql: this.#sql.join(' AND '), parameters };
    return { sql: [...this.#sql, 'text_matches(s.id)'].join(' AND '), parameters, match };
  }
}

/** Everything of a filter but the facets whose values are counted: job, text, ranges. */
export function whereUncounted(filter: SampleFilter): Where {
  const conditions = new Conditions(filter);
  addUncounted(conditions, filter, undefined);
  return conditions.where(filter);
}

/** Everything of a filter. @param withoutRange a measure whose range is left out */
export function whereOf(filter: SampleFilter, withoutRange?: SampleMeasure): Where {
  const conditions = new Conditions(filter);
  addUncounted(conditions, filter, withoutRange);
  conditions.addOneOf('s.status', filter.statuses);
  conditions.addOneOf('s.split', filter.splits);
  conditions.addOneOf('s.source', filter.sources);
  conditions.addOneOf('s.licence', filter.licences);
  conditions.addOneOf('s.format', filter.formats);
  const { labels = [], reasons = [] } = filter;
  const names = labels.filter((label) => label !== '');
  const ofLabels = 'SELECT id FROM labels WHERE dataset_id = ? AND name IN (SELECT value FROM json_each(?))';
  // With one label the index on labels can be walked in the order of ids.
  if (names.length > 0) {
    const isOne = names.length === 1 && labels.length === 1;
    const orNone = names.length < labels.length ? ' OR s.label_id IS NULL' : '';
    conditions.add(
      isOne ? `s.label_id = (${ofLabels})` : `(s.label_id IN (${ofLabels})${orNone})`,
      filter.datasetId,
      JSON.stringify(names),
    );
  } else if (labels.length > 0) {
    conditions.add('s.label_id IS NULL');
  }
  if (reasons.length > 0) {
    const alternatives = reasons.map(() => `instr(',' || s.reasons || ',', ',' || ? || ',') > 0`);
    conditions.add(`(${alternatives.join(' OR ')})`, ...reasons);
  }
  return conditions.where(filter);
}

function addUncounted(conditions: Conditions, filter: SampleFilter, withoutRange: SampleMeasure | undefined): void {
  if (filter.jobId !== undefined) conditions.add('s.job_id = ?', filter.jobId);
  if (filter.duplicates !== undefined) {
    conditions.add(`s.id ${filter.duplicates === 'grouped' ? 'IN' : 'NOT IN'} (${DUPLICATE_IDS})`);
  }
  for (const [measure, range] of Object.entries(filter.ranges ?? {})) {
    if (measure === withoutRange) continue;
    const column = MEASURE_COLUMN[measure as SampleMeasure];
    if (range?.min !== undefined) conditions.add(`${column} >= ?`, range.min);
    if (range?.max !== undefined) conditions.add(`${column} <= ?`, range.max);
  }
}

/** The part of a page by keyset that says where it begins. */
export function placeAfter(sort: SampleSort, key: Parameter, id: number): Where {
  const sign = sort.direction === 'ascending' ? '>' : '<';
  if (sort.by === 'added') return { sql: `s.id ${sign} ?`, parameters: [id] };
  const { sql } = SORT_KEY[sort.by];
  // SQLite seeks in an index by the first condition; by a row value it does so for plain columns only.
  return { sql: `${sql} ${sign}= ? AND (${sql} ${sign} ? OR s.id ${sign} ?)`, parameters: [key, key, id] };
}

export function orderBy(sort: SampleSort): string {
  const direction = sort.direction === 'ascending' ? 'ASC' : 'DESC';
  return sort.by === 'added' ? `s.id ${direction}` : `${SORT_KEY[sort.by].sql} ${direction}, s.id ${direction}`;
}
