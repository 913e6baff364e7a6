/** A thread behind DatabaseReader: one read-only connection, one statement at a time. */

import { parentPort, workerData } from 'node:worker_threads';
import SqliteDatabase from 'better-sqlite3';
import { unreachable } from '../../shared/errors.ts';
import { type Bins, countBins } from './count-bins.ts';
import { type CountedColumn, countColumns, type GroupedRow } from './count-columns.ts';
import { configureConnection } from './database.ts';
import { type LinesStatement, writeLines } from './write-lines.ts';

export interface Question {
  readonly sql: string;
  readonly parameters: readonly unknown[];
  /** Rows as objects, as lists of columns, as the number in their first column; what these count to; or lines of a file. */
  readonly as: 'rows' | 'tuples' | 'numbers' | 'bins' | 'columns' | 'lines';
  readonly among?: { readonly sql: string; readonly parameters: readonly unknown[] };
  readonly from?: number;
  readonly to?: number;
  readonly every?: number;
  readonly bins?: Bins;
  readonly columns?: readonly CountedColumn[];
  /** For lines: the file, which must not be there, the order of the lines, and statements whose lines follow. */
  readonly into?: string;
  readonly order?: LinesStatement['order'];
  readonly more?: readonly LinesStatement[];
  /** A query of FTS5, whose samples `text_matches(id)` tells. */
  readonly match?: string;
}

export type Answer =
  | { readonly rows: unknown[]; readonly durationMs: number }
  | { readonly error: string; readonly code: string | undefined };

const { path } = workerData as { path: string };
const connection = new SqliteDatabase(path, { readonly: true });
configureConnection(connection, true);

/** Samples that hold the words asked for last, by id: many times quicker than a set of SQLite where many do. */
let matching: Uint8Array = new Uint8Array(0);
let matched: { readonly match: string; readonly version: unknown } | null = null;
connection.function('text_matches', (id) => matching[id as number] ?? 0);

function findMatching(match: string): void {
  // It changes with every commit of another connection.
  const version = connection.pragma('data_version', { simple: true });
  if (matched?.match === match && matched.version === version) return;
  const ids = connection
    .prepare('SELECT rowid FROM sample_text WHERE sample_text MATCH ?')
    .pluck()
    .all(match) as number[];
  matching = flagsOf(ids);
  matched = { match, version };
}

function answer(question: Question): unknown[] {
  const { sql, parameters, as, bins, columns = [], match } = question;
  if (match !== undefined) findMatching(match);
  if (as === 'lines') return writeLines(connection, [question, ...(question.more ?? [])], question.into ?? '');
  const statement = connection.prepare(sql);
  switch (as) {
    case 'rows':
      return statement.all(...parameters);
    case 'tuples':
      return statement.raw().all(...parameters);
    case 'numbers':
      return numbersOf(question);
    case 'columns':
      return [countColumns(statement.raw().all(...parameters) as GroupedRow[], columns)];
    case 'bins':
      return [countBins(statement.pluck().all(...parameters) as number[], bins ?? { kind: 'linear', width: 1 })];
    default:
      return unreachable(as);
  }
}

function numbersOf({ sql, parameters, among, from, to, every }: Question): number[] {
  let numbers = connection
    .prepare(sql)
    .pluck()
    .all(...parameters) as number[];
  if (among !== undefined) {
    const allowed = flagsOf(
      connection
        .prepare(among.sql)
        .pluck()
        .all(...among.parameters) as number[],
    );
    numbers = numbers.filter((number) => allowed[number] === 1);
  }
  if (from !== undefined) numbers = numbers.slice(from, to);
  if (every === undefined) return numbers;
  const kept = [numbers.length];
  for (let at = every - 1; at < numbers.length; at += every) kept.push(numbers[at] as number);
  return kept;
}

/** 1 at each of the ids. */
function flagsOf(ids: readonly number[]): Uint8Array {
  let last = 0;
  for (const id of ids) last = Math.max(last, id);
  const flags = new Uint8Array(last + 1);
  for (const id of ids) flags[id] = 1;
  return flags;
}

/** Whatever a question needs is read from one state of the database. */
const answerAtOnce = connection.transaction(answer);

parentPort?.on('message', (question: Question) => {
  const startedMs = performance.now();
  try {
    const rows = answerAtOnce(question);
    parentPort?.postMessage({ rows, durationMs: performance.now() - startedMs } satisfies Answer);
  } catch (error) {
    const { code } = error as { code?: string };
    parentPort?.postMessage({ error: String(error), code } satisfies Answer);
  }
});
