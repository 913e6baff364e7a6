/** Facet counts of datasets, changed in the transaction that changes the rows, so that reading them costs the same at any size. */

import type { Database } from '../db/database.ts';

export type Facet = 'total' | 'status' | 'label' | 'reason' | 'format' | 'source' | 'licence' | 'split' | 'bytes';

/** Adds up changes and writes each counter once. */
export class CounterChanges {
  readonly #changes = new Map<string, { datasetId: number; facet: Facet; value: string; count: number }>();

  add(datasetId: number, facet: Facet, value: string, count: number): void {
    if (count === 0) return;
    const key = `${datasetId}\n${facet}\n${value}`;
    const change = this.#changes.get(key);
    if (change === undefined) this.#changes.set(key, { datasetId, facet, value, count });
    else change.count += count;
  }

  /** Call inside `database.write`. */
  apply(database: Database): void {
    const upsert = database.prepare<[number, string, string, number]>(
      `INSERT INTO counters (dataset_id, facet, value, count) VALUES (?, ?, ?, ?)
       ON CONFLICT (dataset_id, facet, value) DO UPDATE SET count = count + excluded.count`,
    );
    for (const change of this.#changes.values()) {
      if (change.count !== 0) upsert.run(change.datasetId, change.facet, change.value, change.count);
    }
    this.#changes.clear();
  }
}
