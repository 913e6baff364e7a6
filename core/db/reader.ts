/** Read-only queries that may take long, on threads of their own, so that fetching and events never wait for them. */

import { existsSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { AppError, toAppError } from '../../shared/errors.ts';
import type { BinCounts, Bins } from './count-bins.ts';
import type { ColumnCounts, CountedColumn } from './count-columns.ts';
import type { Answer, Question } from './reader-thread.ts';
import { statementName } from './statement-name.ts';

function threadEntry(): URL {
  const bundled = new URL('./reader-thread.js', import.meta.url);
  return existsSync(bundled) ? bundled : new URL('./reader-thread.ts', import.meta.url);
}

export type Parameter = string | number | null | Uint8Array;

export interface ReaderQuery {
  readonly sql: string;
  readonly parameters: readonly Parameter[];
  /** A query of FTS5; `text_matches(id)` in the statement then tells the samples that it finds. */
  readonly match?: string;
}

/** A question that is answered with lines of a file. */
export interface LinesQuery extends ReaderQuery {
  /** See `LinesStatement`. */
  readonly order?: ReaderQuery;
}

/**
 * Who goes first: `page` is what a person waits for and takes milliseconds, `scan` what a person waits for and looks at
 * much of a dataset, `bulk` is everything else, and never takes more than one thread.
 */
export type ReaderLane = 'page' | 'scan' | 'bulk';

/** A thread without work gives its memory back after this long; the next question starts another in some 30 ms. */
const IDLE_MS = 1_000;
const THREADS = 2;
/** From so many milliseconds on a read is worth a line in the log, without the time it waited. */
const SLOW_READ_MS = 250;
const LANES: readonly ReaderLane[] = ['page', 'scan', 'bulk'];

interface Waiting {
  readonly question: Question;
  readonly lane: ReaderLane;
  readonly resolve: (rows: unknown[]) => void;
  readonly reject: (error: unknown) => void;
}

interface Thread {
  readonly worker: Worker;
  /** What it is at; null while it rests. */
  busy: Waiting | null;
  idle: NodeJS.Timeout | null;
}

export class DatabaseReader {
  readonly #path: string;
  readonly #onSlow: ((what: string, durationMs: number) => void) | undefined;
  readonly #queues: Readonly<Record<ReaderLane, Waiting[]>> = { page: [], scan: [], bulk: [] };
  readonly #threads: Thread[] = [];

  /** @param onSlow told of each read that took long, by its statement without values */
  constructor(path: string, onSlow?: (what: string, durationMs: number) => void) {
    this.#path = path;
    this.#onSlow = onSlow;
  }

  /** Every row of a read-only statement. The caller pages: an answer is held in memory as a whole. */
  all<Row>(sql: string, parameters: readonly Parameter[] = [], lane: ReaderLane = 'bulk'): Promise<Row[]> {
    return this.#ask<Row>({ sql, parameters, as: 'rows' }, lane);
  }

  /** The same with a row as the list of its columns: for many rows, since names then do not cross the threads. */
  tuples<Row extends readonly unknown[]>(sql: string, parameters: readonly Parameter[] = []): Promise<Row[]> {
    return this.#ask<Row>({ sql, parameters, as: 'tuples' }, 'bulk');
  }

  /** Every row of a query. */
  rows<Row>(query: ReaderQuery, lane: ReaderLane): Promise<Row[]> {
    return this.#ask<Row>({ ...query, as: 'rows' }, lane);
  }

  /** The values of a query's columns counted, all but the last, which says how many rows are like that. */
  async columns(query: ReaderQuery, lane: ReaderLane, columns: readonly CountedColumn[]): Promise<ColumnCounts> {
    const [counts] = await this.#ask<ColumnCounts>({ ...query, as: 'columns', columns }, lane);
    return counts as ColumnCounts;
  }

  /**
   * The first column of a query, a number in each row.
   * @param options `among` keeps those that another statement gives too, in their order; `from` and `to` then cut a part
   *   out; `every` thins them out to the last of each so many, and puts their count before them
   */
  numbers(
    query: ReaderQuery,
    lane: ReaderLane,
    options: Pick<Question, 'among' | 'from' | 'to' | 'every'> = {},
  ): Promise<number[]> {
    return this.#ask<number>({ ...query, as: 'numbers', ...options }, lane);
  }

  /** The numbers in the first column of a query, counted in bins. */
  async bins(query: ReaderQuery, lane: ReaderLane, bins: Bins): Promise<BinCounts> {
    const [counts] = await this.#ask<BinCounts>({ ...query, as: 'bins', bins }, lane);
    return counts as BinCounts;
  }

  /**
   * Writes the first column of every row, a text without line ends, to a new file, a line each: for answers that memory
   * should not hold. A question with an `order` has its lines in that (see `LinesStatement`). All questions are answered from one state of the database, which is let go when the last line is
   * written: meanwhile the write-ahead log grows with what others write.
   * @returns how many lines each question gave
   */
  lines(queries: readonly [LinesQuery, ...LinesQuery[]], path: string): Promise<number[]> {
    const [first, ...more] = queries;
    return this.#ask<number>({ ...first, as: 'lines', into: path, more }, 'bulk');
  }

  #ask<Row>(question: Question, lane: ReaderLane): Promise<Row[]> {
    return new Promise<Row[]>((resolve, reject) => {
      this.#queues[lane].push({ question, lane, resolve: resolve as (rows: unknown[]) => void, reject });
      this.#pump();
    });
  }

  #pump(): void {
    for (;;) {
      const waiting = this.#next();
      if (waiting === undefined) return;
      const thread = this.#threads.find((each) => each.busy === null) ?? this.#start();
      if (thread.idle !== null) clearTimeout(thread.idle);
      thread.busy = waiting;
      thread.worker.ref();
      thread.worker.postMessage(waiting.question);
    }
  }

  /** Takes what goes next out of its queue; undefined while no thread may take anything. */
  #next(): Waiting | undefined {
    if (this.#threads.length === THREADS && this.#threads.every((each) => each.busy !== null)) return undefined;
    const hasBulk = this.#threads.some((each) => each.busy?.lane === 'bulk');
    const lane = LANES.find((each) => this.#queues[each].length > 0 && !(each === 'bulk' && hasBulk));
    return lane === undefined ? undefined : this.#queues[lane].shift();
  }

  #start(): Thread {
    const worker = new Worker(threadEntry(), { workerData: { path: this.#path } });
    const thread: Thread = { worker, busy: null, idle: null };
    worker.on('message', (answer: Answer) => {
      const waiting = thread.busy;
      thread.busy = null;
      if ('error' in answer) waiting?.reject(toAppError(Object.assign(new Error(answer.error), { code: answer.code })));
      else {
        if (waiting !== null && answer.durationMs >= SLOW_READ_MS) {
          this.#onSlow?.(`a ${waiting.lane} read, ${statementName(waiting.question.sql)}`, answer.durationMs);
        }
        waiting?.resolve(answer.rows);
      }
      this.#pump();
      if (thread.busy === null) this.#rest(thread);
    });
    const fail = (error: unknown) => {
      // An error is followed by an exit; by then another thread may answer.
      if (!this.#forget(thread)) return;
      thread.busy?.reject(toAppError(error));
      this.#pump();
    };
    worker.on('error', fail);
    worker.on('exit', () => fail(new Error('The reader thread ended')));
    this.#threads.push(thread);
    return thread;
  }

  /** @returns whether it was one of ours still */
  #forget(thread: Thread): boolean {
    const at = this.#threads.indexOf(thread);
    if (at >= 0) this.#threads.splice(at, 1);
    if (thread.idle !== null) clearTimeout(thread.idle);
    return at >= 0;
  }

  #rest(thread: Thread): void {
    thread.worker.unref();
    thread.idle = setTimeout(() => {
      if (this.#forget(thread)) void thread.worker.terminate();
    }, IDLE_MS).unref();
  }

  /** Ends the threads; whoever still waits for an answer is told `cancelled`. */
  async close(): Promise<void> {
    const closed = new AppError('cancelled', 'The library was closed.');
    const waiting = [
      ...this.#threads.flatMap((thread) => thread.busy ?? []),
      ...LANES.flatMap((lane) => this.#queues[lane].splice(0)),
    ];
    const threads = [...this.#threads];
    for (const thread of threads) this.#forget(thread);
    await Promise.all(threads.map((thread) => thread.worker.terminate()));
    for (const each of waiting) each.reject(closed);
  }
}
