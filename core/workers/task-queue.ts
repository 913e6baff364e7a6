/** The tasks that wait for a process: lanes in order of urgency, first in first out in each, bounded in all. */

/** What is on screen, then new arrivals, then bulk. */
export const LANES = ['screen', 'arrivals', 'bulk'] as const;
export type Lane = (typeof LANES)[number];

export class TaskQueue<T extends { readonly lane: Lane }> {
  readonly #capacity: number;
  // Sets keep the order of insertion and forget any member in constant time.
  readonly #returned: Record<Lane, Set<T>> = { screen: new Set(), arrivals: new Set(), bulk: new Set() };
  readonly #fresh: Record<Lane, Set<T>> = { screen: new Set(), arrivals: new Set(), bulk: new Set() };
  readonly #waiters = new Set<() => void>();

  /** @param capacity tasks beyond which `whenSpace` waits */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get size(): number {
    return LANES.reduce((sum, lane) => sum + this.sizeOf(lane), 0);
  }

  sizeOf(lane: Lane): number {
    return this.#returned[lane].size + this.#fresh[lane].size;
  }

  /** Whether callers should wait before they add. */
  get isFull(): boolean {
    return this.size >= this.#capacity;
  }

  /**
   * Resolves when a task may be added, or when the signal aborts. Others may have been woken for the same place: ask
   * `isFull` again, and add without a pause in between.
   */
  async whenSpace(signal?: AbortSignal): Promise<void> {
    while (this.isFull && signal?.aborted !== true) {
      await new Promise<void>((resolve) => {
        const proceed = (): void => {
          this.#waiters.delete(proceed);
          signal?.removeEventListener('abort', proceed);
          resolve();
        };
        this.#waiters.add(proceed);
        signal?.addEventListener('abort', proceed);
      });
    }
    // One who was woken and does not want the place any more passes it on.
    if (signal?.aborted === true) this.#wake();
  }

  add(task: T): void {
    this.#fresh[task.lane].add(task);
  }

  /** Puts a task that was taken back before all others of its lane. */
  giveBack(task: T): void {
    this.#returned[task.lane].add(task);
  }

  peek(): T | undefined {
    for (const lane of LANES) {
      for (const tasks of [this.#returned[lane], this.#fresh[lane]]) {
        const [first] = tasks;
        if (first !== undefined) return first;
      }
    }
    return undefined;
  }

  /** False when the task is not here. */
  remove(task: T): boolean {
    const removed = this.#returned[task.lane].delete(task) || this.#fresh[task.lane].delete(task);
    if (removed) this.#wake();
    return removed;
  }

  /** Removes and returns all. */
  clear(): T[] {
    const all = LANES.flatMap((lane) => [...this.#returned[lane], ...this.#fresh[lane]]);
    for (const task of all) this.remove(task);
    return all;
  }

  #wake(): void {
    let places = this.#capacity - this.size;
    for (const waiter of this.#waiters) {
      if (places <= 0) break;
      places -= 1;
      waiter();
    }
  }
}
