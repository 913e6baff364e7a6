/**
 * Keeps content from leaving the store while it enters: whoever takes blobs in and commits their rows shares the lock,
 * whoever removes blobs because no row refers to them has it alone. One process has the library, so memory is enough.
 */
export class ContentLock {
  /** The end of the last work that has the lock alone, and of all that shares it since. Neither ever rejects. */
  #alone: Promise<unknown> = Promise.resolve();
  #shared: Promise<unknown> = Promise.resolve();

  /** Runs beside others that share; waits for those before it that want to be alone. */
  share<T>(work: () => Promise<T>): Promise<T> {
    const run = this.#alone.then(work);
    this.#shared = settled(this.#shared, run);
    return run;
  }

  /** Runs when all before it have ended; those after it wait. Not to be called from within the lock. */
  exclude<T>(work: () => Promise<T>): Promise<T> {
    const run = settled(this.#alone, this.#shared).then(work);
    this.#alone = settled(run);
    return run;
  }
}

async function settled(...works: readonly Promise<unknown>[]): Promise<void> {
  await Promise.allSettled(works);
}
