/** Changes of sample fields, with everything that must change along: counters, reasons, words, groups. */

import type { CounterChanges } from '../datasets/counters.ts';
import { Repository } from '../db/repository.ts';
import { SampleTextRepository } from '../samples/sample-text-repository.ts';
import { parseTags, storedTags } from '../samples/stored-tags.ts';
import { FIELD_COLUMN, FIELDS, type SampleFields } from './sample-fields.ts';

export class SampleFieldRepository extends Repository {
  readonly #texts = new SampleTextRepository(this.database, this.ownerId);

  /** undefined when the dataset has no such sample. */
  find(datasetId: number, id: number): SampleFields | undefined {
    const row = this.database
      .prepare<[number, number], Omit<SampleFields, 'tags'> & { tags: string }>(
        `SELECT status, decided_by AS decidedBy, reasons, keeper_id AS keeperId, keeper_distance AS keeperDistance,
           label_id AS labelId, split, caption, tags FROM samples WHERE id = ? AND dataset_id = ?`,
      )
      .get(id, datasetId);
    return row === undefined ? undefined : { ...row, tags: parseTags(row.tags) };
  }

  /**
   * Call inside `database.write`, and write `counters` in the same.
   * @param now what `find` gave
   */
  update(
    datasetId: number,
    id: number,
    now: SampleFields,
    wanted: Partial<SampleFields>,
    counters: CounterChanges,
  ): void {
    const changed = FIELDS.filter((field) => wanted[field] !== undefined);
    // Only columns that change are named: SQLite renews the indexes of all that are.
    const values = changed.map((field) =>
      field === 'tags' ? storedTags(wanted.tags ?? []) : (wanted[field] as string | number | null),
    );
    this.database
      .prepare(
        `UPDATE samples SET ${changed.map((field) => `${FIELD_COLUMN[field]} = ?`).join(', ')}, updated_at = ? WHERE id = ?`,
      )
      .run(...values, Date.now(), id);
    const count = (facet: 'status' | 'split' | 'label', from: string | null, to: string | null) => {
      if (from !== null) counters.add(datasetId, facet, from, -1);
      if (to !== null) counters.add(datasetId, facet, to, 1);
    };
    if (wanted.status !== undefined) count('status', now.status, wanted.status);
    if (wanted.split !== undefined) count('split', now.split, wanted.split);
    if (wanted.labelId !== undefined) count('label', textOf(now.labelId), textOf(wanted.labelId));
    if (wanted.reasons !== undefined) this.#writeReasons(datasetId, id, now.reasons, wanted.reasons, counters);
    if (wanted.keeperId != null) this.#requireGroup(datasetId, wanted.keeperId);
    if (wanted.caption !== undefined || wanted.tags !== undefined) this.#texts.refresh(id);
  }

  #writeReasons(datasetId: number, id: number, from: string, to: string, counters: CounterChanges): void {
    const [before, after] = [from, to].map((reasons) => (reasons === '' ? [] : reasons.split(','))) as [
      string[],
      string[],
    ];
    for (const reason of after.filter((each) => !before.includes(each))) {
      this.database
        .prepare('INSERT OR IGNORE INTO sample_reasons (dataset_id, reason, sample_id) VALUES (?, ?, ?)')
        .run(datasetId, reason, id);
      counters.add(datasetId, 'reason', reason, 1);
    }
    for (const reason of before.filter((each) => !after.includes(each))) {
      this.database
        .prepare('DELETE FROM sample_reasons WHERE dataset_id = ? AND reason = ? AND sample_id = ?')
        .run(datasetId, reason, id);
      counters.add(datasetId, 'reason', reason, -1);
    }
  }

  /** A keeper may have lost its group since: to a validation that found nothing alike any more. */
  #requireGroup(datasetId: number, keeperId: number): void {
    this.database
      .prepare(
        `INSERT INTO duplicate_groups (owner_id, dataset_id, keeper_id, member_count, created_at)
         SELECT ?, ?, ?, 0, ? WHERE EXISTS (SELECT 1 FROM samples WHERE id = ?) ON CONFLICT DO NOTHING`,
      )
      .run(this.ownerId, datasetId, keeperId, Date.now(), keeperId);
  }
}

function textOf(id: number | null): string | null {
  return id === null ? null : String(id);
}
