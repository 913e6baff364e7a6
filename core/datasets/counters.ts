/** Facet counts of datasets, changed in the transaction that changes the rows, so that reading them costs the same at any size. */

export type Facet = 'total' | 'status' | 'label' | 'reason' | 'format' | 'source' | 'licence' | 'split' | 'bytes';

interface CounterChange {
  readonly datasetId: number;
  readonly facet: Facet;
  readonly value: string;
  count: number;
}

/** Adds up changes, so that `CounterRepository` writes each counter once. */
export class CounterChanges {
  readonly #changes = new Map<string, CounterChange>();

  add(datasetId: number, facet: Facet, value: string, count: number): void {
    if (count === 0) return;
    const key = `${datasetId}\n${facet}\n${value}`;
    const change = this.#changes.get(key);
    if (change === undefined) this.#changes.set(key, { datasetId, facet, value, count });
    else change.count += count;
  }

  /** One for each counter; a count of 0 where changes made up for each other. */
  values(): Iterable<Readonly<CounterChange>> {
    return this.#changes.values();
  }

  clear(): void {
    this.#changes.clear();
  }
}
