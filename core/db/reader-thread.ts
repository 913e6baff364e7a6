/** A thread behind DatabaseReader: one read-only connection, one statement at a time. */

import { parentPort, workerData } from 'node:worker_threads';
import SqliteDatabase from 'better-sqlite3';
import { unreachable } from '../../shared/errors.ts';
import { configureConnection } from './database.ts';

export interface Question {
  readonly sql: string;
  readonly parameters: readonly unknown[];
  /** Rows as objects, as lists of columns, or as the number in their first column. */
  readonly as: 'rows' | 'tuples' | 'numbers';
  readonly sort?: 'ascending' | 'descending';
  readonly from?: number;
  readonly to?: number;
  readonly every?: number;
}

export type Answer = { readonly rows: unknown[] } | { readonly error: string };

const { path } = workerData as { path: string };
const connection = new SqliteDatabase(path, { readonly: true });
configureConnection(connection, true);

function answer({ sql, parameters, as, sort, from, to, every }: Question): unknown[] {
  const statement = connection.prepare(sql);
  switch (as) {
    case 'rows':
      return statement.all(...parameters);
    case 'tuples':
      return statement.raw().all(...parameters);
    case 'numbers': {
      const numbers = statement.pluck().all(...parameters) as number[];
      return thinned((sort === undefined ? numbers : sorted(numbers, sort)).slice(from, to), every);
    }
    default:
      return unreachable(as);
  }
}

/** Typed arrays sort numbers several times quicker than lists do. */
function sorted(numbers: readonly number[], direction: 'ascending' | 'descending'): number[] {
  const ordered = Float64Array.from(numbers).sort();
  return Array.from(direction === 'ascending' ? ordered : ordered.reverse());
}

function thinned(numbers: number[], every: number | undefined): number[] {
  if (every === undefined) return numbers;
  const kept = [numbers.length];
  for (let at = every - 1; at < numbers.length; at += every) kept.push(numbers[at] as number);
  return kept;
}

parentPort?.on('message', (question: Question) => {
  try {
    parentPort?.postMessage({ rows: answer(question) } satisfies Answer);
  } catch (error) {
    parentPort?.postMessage({ error: String(error) } satisfies Answer);
  }
});
