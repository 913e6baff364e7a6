/** Read-only queries that may take long, on a thread of their own, so that fetching and events never wait for them. */

import { existsSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { AppError, toAppError } from '../../shared/errors.ts';

type Answer = { readonly id: number; readonly rows: unknown[] } | { readonly id: number; readonly error: string };

function threadEntry(): URL {
  const bundled = new URL('./reader-thread.js', import.meta.url);
  return existsSync(bundled) ? bundled : new URL('./reader-thread.ts', import.meta.url);
}

type Parameter = string | number | null | Uint8Array;

/** A thread without work gives its memory back after this long; the next question starts another in some 30 ms. */
const IDLE_MS = 1_000;

export class DatabaseReader {
  readonly #path: string;
  readonly #waiting = new Map<number, { resolve: (rows: unknown[]) => void; reject: (error: unknown) => void }>();
  #worker: Worker | null = null;
  #idle: NodeJS.Timeout | null = null;
  #nextId = 1;

  constructor(path: string) {
    this.#path = path;
  }

  /** Every row of a read-only statement. The caller pages: an answer is held in memory as a whole. */
  all<Row>(sql: string, parameters: readonly Parameter[] = []): Promise<Row[]> {
    return this.#ask<Row>(sql, parameters, false);
  }

  /** The same with a row as the list of its columns: for many rows, since names then do not cross the threads. */
  tuples<Row extends readonly unknown[]>(sql: string, parameters: readonly Parameter[] = []): Promise<Row[]> {
    return this.#ask<Row>(sql, parameters, true);
  }

  #ask<Row>(sql: string, parameters: readonly Parameter[], isRaw: boolean): Promise<Row[]> {
    if (this.#idle !== null) clearTimeout(this.#idle);
    const worker = this.#start();
    const id = this.#nextId++;
    return new Promise<Row[]>((resolve, reject) => {
      this.#waiting.set(id, { resolve: resolve as (rows: unknown[]) => void, reject });
      worker.ref();
      worker.postMessage({ id, sql, parameters, isRaw });
    });
  }

  #start(): Worker {
    if (this.#worker !== null) return this.#worker;
    const worker = new Worker(threadEntry(), { workerData: { path: this.#path } });
    worker.on('message', (answer: Answer) => {
      const waiting = this.#waiting.get(answer.id);
      this.#waiting.delete(answer.id);
      if (this.#waiting.size === 0) this.#rest(worker);
      if ('error' in answer) waiting?.reject(toAppError(new Error(answer.error)));
      else waiting?.resolve(answer.rows);
    });
    const fail = (error: unknown) => {
      // An error is followed by an exit; by then another thread may answer.
      if (this.#worker !== worker) return;
      this.#worker = null;
      this.#rejectAll(error);
    };
    worker.on('error', fail);
    worker.on('exit', () => fail(new Error('The reader thread ended')));
    worker.unref();
    this.#worker = worker;
    return worker;
  }

  #rest(worker: Worker): void {
    worker.unref();
    if (this.#idle !== null) clearTimeout(this.#idle);
    this.#idle = setTimeout(() => {
      if (this.#worker !== worker || this.#waiting.size > 0) return;
      this.#worker = null;
      void worker.terminate();
    }, IDLE_MS).unref();
  }

  #rejectAll(error: unknown): void {
    for (const waiting of this.#waiting.values()) waiting.reject(toAppError(error));
    this.#waiting.clear();
  }

  /** Ends the thread; whoever still waits for an answer is told `cancelled`. */
  async close(): Promise<void> {
    if (this.#idle !== null) clearTimeout(this.#idle);
    const worker = this.#worker;
    if (worker === null) return;
    this.#worker = null;
    await worker.terminate();
    this.#rejectAll(new AppError('cancelled', 'The library was closed.'));
  }
}
