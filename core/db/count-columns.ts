/** Counts the values of several columns at once from grouped rows, where they are read: few numbers then cross a thread. */

export type ColumnValue = string | number | null;

/** Grouped rows: a value for each column, then how many rows are like that. */
export type GroupedRow = readonly [...ColumnValue[], number];

export interface CountedColumn {
  /** Values of which one is wanted; null when any will do. */
  readonly chosen: readonly ColumnValue[] | null;
  /** Whether its text is a comma-separated list, each of which is a value. */
  readonly isList: boolean;
}

export interface ColumnCounts {
  /** Rows that have a wanted value in every column. */
  readonly count: number;
  /** For each column its values with the rows that have a wanted value in every other one. */
  readonly values: readonly (readonly (readonly [value: ColumnValue, count: number])[])[];
}

class Column {
  readonly #isList: boolean;
  readonly #chosen: ReadonlySet<ColumnValue> | null;
  readonly #lists = new Map<ColumnValue, readonly ColumnValue[]>();
  readonly counts = new Map<ColumnValue, number>();

  constructor({ chosen, isList }: CountedColumn) {
    this.#isList = isList;
    this.#chosen = chosen === null ? null : new Set(chosen);
  }

  passes(stored: ColumnValue): boolean {
    const chosen = this.#chosen;
    if (chosen === null) return true;
    return this.#isList ? this.#parts(stored).some((value) => chosen.has(value)) : chosen.has(stored);
  }

  add(stored: ColumnValue, count: number): void {
    if (this.#isList) for (const value of this.#parts(stored)) this.#addOne(value, count);
    else this.#addOne(stored, count);
  }

  #addOne(value: ColumnValue, count: number): void {
    this.counts.set(value, (this.counts.get(value) ?? 0) + count);
  }

  #parts(stored: ColumnValue): readonly ColumnValue[] {
    const known = this.#lists.get(stored);
    if (known !== undefined) return known;
    const parts = stored === null || stored === '' ? [] : String(stored).split(',');
    this.#lists.set(stored, parts);
    return parts;
  }
}

/** A row that fails in no column counts for all of them; one that fails in one column counts for that one alone. */
export function countColumns(rows: readonly GroupedRow[], counted: readonly CountedColumn[]): ColumnCounts {
  const columns = counted.map((column) => new Column(column));
  const { length } = columns;
  let total = 0;
  // Plain loops: there may be many thousand rows, and nothing here may take longer than reading them.
  for (const row of rows) {
    const rowCount = row[length] as number;
    let failed = -1;
    let failures = 0;
    for (let index = 0; index < length && failures < 2; index++) {
      if ((columns[index] as Column).passes(row[index] as ColumnValue)) continue;
      failed = index;
      failures++;
    }
    if (failures === 0) {
      total += rowCount;
      for (let index = 0; index < length; index++) (columns[index] as Column).add(row[index] as ColumnValue, rowCount);
    } else if (failures === 1) {
      (columns[failed] as Column).add(row[failed] as ColumnValue, rowCount);
    }
  }
  return { count: total, values: columns.map((column) => [...column.counts]) };
}
