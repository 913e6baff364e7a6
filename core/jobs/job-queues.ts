/**
 * Jobs that wait, and which of them may begin: one at a time of each kind, so that two crawls never ask one site at once, and
 * one at a time that changes a dataset, so that none judges by rows that another is changing.
 */

import type { Job } from '../../shared/contract/jobs.ts';
import type { JobKind } from '../../shared/vocabulary.ts';

/** Kinds that add samples to a dataset or judge them. */
const CHANGING: ReadonlySet<JobKind> = new Set(['crawl', 'import', 'validate']);

export class JobQueues {
  readonly #queues = new Map<JobKind, Job[]>();
  readonly #busy = new Set<JobKind>();
  /** Datasets that a running job changes. */
  readonly #changing = new Set<number>();

  add(job: Job): void {
    this.#queueOf(job.kind).push(job);
  }

  /** Before all others of its kind: it had begun already. */
  putBack(job: Job): void {
    this.#queueOf(job.kind).unshift(job);
  }

  #queueOf(kind: JobKind): Job[] {
    const queue = this.#queues.get(kind) ?? [];
    this.#queues.set(kind, queue);
    return queue;
  }

  has(id: number): boolean {
    return [...this.#queues.values()].some((queue) => queue.some((job) => job.id === id));
  }

  remove(id: number): void {
    for (const queue of this.#queues.values()) {
      const index = queue.findIndex((job) => job.id === id);
      if (index >= 0) queue.splice(index, 1);
    }
  }

  /** Takes the jobs that may begin now, which keep others from it until they are `ended`. */
  takeNext(): Job[] {
    return [...this.#queues].flatMap(([kind, queue]) => {
      if (this.#busy.has(kind)) return [];
      const place = queue.findIndex((each) => !CHANGING.has(kind) || !this.#changing.has(each.datasetId));
      if (place < 0) return [];
      const begun = queue.splice(place, 1);
      for (const job of begun) {
        this.#busy.add(kind);
        if (CHANGING.has(kind)) this.#changing.add(job.datasetId);
      }
      return begun;
    });
  }

  ended({ kind, datasetId }: Job): void {
    this.#busy.delete(kind);
    if (CHANGING.has(kind)) this.#changing.delete(datasetId);
  }

  /** Ids of all that waited; none does any more. */
  clear(): number[] {
    const waiting = [...this.#queues.values()].flat().map((job) => job.id);
    this.#queues.clear();
    return waiting;
  }
}
