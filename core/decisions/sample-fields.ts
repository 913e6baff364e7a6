/** What decisions change of a sample, with everything that must change along: counters, reasons, words, groups. */

import type { SampleStatus, Split } from '../../shared/vocabulary.ts';
import { CounterRepository } from '../datasets/counter-repository.ts';
import { CounterChanges } from '../datasets/counters.ts';
import type { Database } from '../db/database.ts';
import { parseTags, refreshSampleText, storedTags } from '../samples/sample-text.ts';

export interface SampleFields {
  readonly status: SampleStatus;
  readonly decidedBy: 'rules' | 'user';
  /** Comma-separated findings. */
  readonly reasons: string;
  readonly keeperId: number | null;
  readonly keeperDistance: number | null;
  readonly labelId: number | null;
  readonly split: Split | null;
  readonly caption: string | null;
  readonly tags: readonly string[];
}

const COLUMN: Readonly<Record<keyof SampleFields, string>> = {
  status: 'status',
  decidedBy: 'decided_by',
  reasons: 'reasons',
  keeperId: 'keeper_id',
  keeperDistance: 'keeper_distance',
  labelId: 'label_id',
  split: 'split',
  caption: 'caption',
  tags: 'tags',
};
const FIELDS = Object.keys(COLUMN) as (keyof SampleFields)[];

/** Fields that differ, as they are and as they become; null when none does. */
export function differences(
  now: SampleFields,
  wanted: Partial<SampleFields>,
): { before: Partial<SampleFields>; after: Partial<SampleFields> } | null {
  const changed = FIELDS.filter(
    (field) => wanted[field] !== undefined && JSON.stringify(now[field]) !== JSON.stringify(wanted[field]),
  );
  if (changed.length === 0) return null;
  const pick = (from: Partial<SampleFields>) => Object.fromEntries(changed.map((field) => [field, from[field]]));
  return { before: pick(now), after: pick(wanted) };
}

/** Changes samples of one dataset inside one `database.write`; `finish` ends it. */
export class SampleFieldWriter {
  readonly #database: Database;
  readonly #ownerId: string;
  readonly #datasetId: number;
  readonly #counters = new CounterChanges();

  constructor(database: Database, ownerId: string, datasetId: number) {
    this.#database = database;
    this.#ownerId = ownerId;
    this.#datasetId = datasetId;
  }

  /** undefined when the dataset has no such sample. */
  read(id: number): SampleFields | undefined {
    const row = this.#database
      .prepare<[number, number], Omit<SampleFields, 'tags'> & { tags: string }>(
        `SELECT status, decided_by AS decidedBy, reasons, keeper_id AS keeperId, keeper_distance AS keeperDistance,
           label_id AS labelId, split, caption, tags FROM samples WHERE id = ? AND dataset_id = ?`,
      )
      .get(id, this.#datasetId);
    return row === undefined ? undefined : { ...row, tags: parseTags(row.tags) };
  }

  /** @param now what `read` gave */
  write(id: number, now: SampleFields, wanted: Partial<SampleFields>): void {
    const changed = FIELDS.filter((field) => wanted[field] !== undefined);
    // Only columns that change are named: SQLite renews the indexes of all that are.
    const values = changed.map((field) =>
      field === 'tags' ? storedTags(wanted.tags ?? []) : (wanted[field] as string | number | null),
    );
    this.#database
      .prepare(
        `UPDATE samples SET ${changed.map((field) => `${COLUMN[field]} = ?`).join(', ')}, updated_at = ? WHERE id = ?`,
      )
      .run(...values, Date.now(), id);
    if (wanted.status !== undefined) this.#count('status', now.status, wanted.status);
    if (wanted.split !== undefined) this.#count('split', now.split, wanted.split);
    if (wanted.labelId !== undefined) this.#count('label', textOf(now.labelId), textOf(wanted.labelId));
    if (wanted.reasons !== undefined) this.#writeReasons(id, now.reasons, wanted.reasons);
    if (wanted.keeperId != null) this.#requireGroup(wanted.keeperId);
    if (wanted.caption !== undefined || wanted.tags !== undefined) refreshSampleText(this.#database, id);
  }

  finish(): void {
    new CounterRepository(this.#database, this.#ownerId).apply(this.#counters);
  }

  #count(facet: 'status' | 'split' | 'label', from: string | null, to: string | null): void {
    if (from !== null) this.#counters.add(this.#datasetId, facet, from, -1);
    if (to !== null) this.#counters.add(this.#datasetId, facet, to, 1);
  }

  #writeReasons(id: number, from: string, to: string): void {
    const [before, after] = [from, to].map((reasons) => (reasons === '' ? [] : reasons.split(','))) as [
      string[],
      string[],
    ];
    for (const reason of after.filter((each) => !before.includes(each))) {
      this.#database
        .prepare('INSERT OR IGNORE INTO sample_reasons (dataset_id, reason, sample_id) VALUES (?, ?, ?)')
        .run(this.#datasetId, reason, id);
      this.#counters.add(this.#datasetId, 'reason', reason, 1);
    }
    for (const reason of before.filter((each) => !after.includes(each))) {
      this.#database
        .prepare('DELETE FROM sample_reasons WHERE dataset_id = ? AND reason = ? AND sample_id = ?')
        .run(this.#datasetId, reason, id);
      this.#counters.add(this.#datasetId, 'reason', reason, -1);
    }
  }

  /** A keeper may have lost its group since: to a validation that found nothing alike any more. */
  #requireGroup(keeperId: number): void {
    this.#database
      .prepare(
        `INSERT INTO duplicate_groups (owner_id, dataset_id, keeper_id, member_count, created_at)
         SELECT ?, ?, ?, 0, ? WHERE EXISTS (SELECT 1 FROM samples WHERE id = ?) ON CONFLICT DO NOTHING`,
      )
      .run(this.#ownerId, this.#datasetId, keeperId, Date.now(), keeperId);
  }
}

function textOf(id: number | null): string | null {
  return id === null ? null : String(id);
}

export interface ChangeOfSample {
  readonly at: number;
  readonly undoneAt: number | null;
  readonly before: Partial<SampleFields>;
  readonly after: Partial<SampleFields>;
  readonly applied: boolean;
}

/** What decisions have changed of a sample, newest first. */
export function changesOfSample(database: Database, sampleId: number): ChangeOfSample[] {
  return database
    .prepare<[number], { at: number; undoneAt: number | null; before: string; after: string; applied: number }>(
      `SELECT d.created_at AS at, d.undone_at AS undoneAt, c.before, c.after, c.applied
       FROM decision_changes c JOIN decisions d ON d.id = c.decision_id WHERE c.sample_id = ? ORDER BY d.id DESC`,
    )
    .all(sampleId)
    .map((row) => ({
      at: row.at,
      undoneAt: row.undoneAt,
      before: JSON.parse(row.before) as Partial<SampleFields>,
      after: JSON.parse(row.after) as Partial<SampleFields>,
      applied: row.applied === 1,
    }));
}
