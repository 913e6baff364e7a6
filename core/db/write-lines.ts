/** Rows of statements as lines of a file, for answers that memory should not hold. */

import fs from 'node:fs';
import type SqliteDatabase from 'better-sqlite3';

/** Bytes of lines that are written together. */
const BYTES_AT_ONCE = 256 * 1024;

interface Statement {
  readonly sql: string;
  readonly parameters: readonly unknown[];
}

export interface LinesStatement extends Statement {
  /**
   * Gives the numbers of the rows, from 0 on in the order that the statement gives them, in the order that they are to have
   * as lines. Rows are read quickest where they lie together, and sorting them with their texts takes too much memory; so
   * they are written twice, and for a moment take twice the space.
   */
  readonly order?: Statement;
}

/**
 * Writes the first column of every row, a text without line ends, to a new file, a line each, one statement after another.
 * To be called in a transaction, so that all are of one state.
 * @param path must not be there
 * @returns how many lines each statement gave
 */
export function writeLines(
  connection: SqliteDatabase.Database,
  statements: readonly LinesStatement[],
  path: string,
): number[] {
  const file = fs.openSync(path, 'wx', 0o600);
  try {
    return statements.map((statement) =>
      statement.order === undefined
        ? append(connection, statement, file).length
        : appendInOrder(connection, statement, statement.order, file, `${path}.unsorted`),
    );
  } finally {
    fs.closeSync(file);
  }
}

/** @returns how many bytes each line took, its end included */
function append(connection: SqliteDatabase.Database, { sql, parameters }: Statement, file: number): number[] {
  const sizes: number[] = [];
  let waiting = '';
  const rows = connection
    .prepare(sql)
    .pluck()
    .iterate(...parameters);
  for (const line of rows as IterableIterator<string>) {
    sizes.push(Buffer.byteLength(line) + 1);
    waiting += `${line}\n`;
    if (waiting.length < BYTES_AT_ONCE) continue;
    fs.writeFileSync(file, waiting);
    waiting = '';
  }
  fs.writeFileSync(file, waiting);
  return sizes;
}

function appendInOrder(
  connection: SqliteDatabase.Database,
  statement: Statement,
  order: Statement,
  file: number,
  unsortedPath: string,
): number {
  // One of a reading that was given up may be there.
  const unsorted = fs.openSync(unsortedPath, 'w+', 0o600);
  try {
    const sizes = append(connection, statement, unsorted);
    const numbers = connection
      .prepare(order.sql)
      .pluck()
      .all(...order.parameters) as number[];
    if (numbers.length !== sizes.length) {
      throw new Error(`Expected the order of ${sizes.length} lines, got that of ${numbers.length}.`);
    }
    copyInOrder(unsorted, sizes, numbers, file);
    return sizes.length;
  } finally {
    fs.closeSync(unsorted);
    fs.rmSync(unsortedPath, { force: true });
  }
}

function copyInOrder(from: number, sizes: readonly number[], numbers: readonly number[], to: number): void {
  const offsets = new Float64Array(sizes.length);
  for (let at = 1; at < offsets.length; at++) offsets[at] = (offsets[at - 1] as number) + (sizes[at - 1] as number);
  const longest = sizes.reduce((most, size) => Math.max(most, size), 0);
  const buffer = Buffer.allocUnsafe(BYTES_AT_ONCE + longest);
  let filled = 0;
  for (const number of numbers) {
    const size = sizes[number] as number;
    for (let read = 0; read < size; ) {
      const more = fs.readSync(from, buffer, filled + read, size - read, (offsets[number] as number) + read);
      if (more === 0) throw new Error('A file of lines is shorter than what was written to it.');
      read += more;
    }
    filled += size;
    if (filled < BYTES_AT_ONCE) continue;
    fs.writeFileSync(to, buffer.subarray(0, filled));
    filled = 0;
  }
  fs.writeFileSync(to, buffer.subarray(0, filled));
}
