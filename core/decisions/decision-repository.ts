import type { Decision, UndoState } from '../../shared/contract/decisions.ts';
import { AppError } from '../../shared/errors.ts';
import { Repository } from '../db/repository.ts';
import type { DecisionKind, DecisionState } from '../db/schema.ts';
import type { SampleFields } from './sample-fields.ts';

/** What taking a decision back and doing it again need beyond the samples it changed. */
export interface UndoFacts {
  /** The label it gives. One that it made goes again with the decision when nothing else has it. */
  readonly label?: { readonly id: number; readonly isMade: boolean };
  /** The group whose keeper it changed. */
  readonly group?: { readonly id: number; readonly keeperBefore: number; readonly keeperAfter: number };
}

export interface StoredDecision extends Decision {
  readonly facts: UndoFacts;
}

interface DecisionRow {
  id: number;
  datasetId: number;
  kind: DecisionKind;
  state: DecisionState;
  change: string;
  facts: string;
  count: number;
  at: number;
}

export interface StoredChange {
  readonly sampleId: number;
  readonly before: Partial<SampleFields>;
  readonly after: Partial<SampleFields>;
}

/** What a decision changed of one sample. */
interface ChangeOfSample extends Omit<StoredChange, 'sampleId'> {
  readonly at: number;
  readonly undoneAt: number | null;
  readonly applied: boolean;
}

const COLUMNS = `id, dataset_id AS datasetId, kind, state, change, undo_facts AS facts, count, created_at AS at`;

function toDecision(row: DecisionRow): StoredDecision {
  return {
    id: row.id,
    datasetId: row.datasetId,
    kind: row.kind,
    change: JSON.parse(row.change) as Record<string, unknown>,
    count: row.count,
    undone: row.state === 'undone' || row.state === 'forgotten',
    at: row.at,
    facts: JSON.parse(row.facts) as UndoFacts,
  };
}

/** Decisions and what they changed. Everything that writes is to be called inside `database.write`. */
export class DecisionRepository extends Repository {
  insert(datasetId: number, kind: DecisionKind, change: Readonly<Record<string, unknown>>, facts: UndoFacts): number {
    return Number(
      this.database
        .prepare(
          `INSERT INTO decisions (owner_id, dataset_id, kind, state, change, undo_facts, count, created_at)
           VALUES (?, ?, ?, 'applying', ?, ?, 0, ?)`,
        )
        .run(this.ownerId, datasetId, kind, JSON.stringify(change), JSON.stringify(facts), Date.now()).lastInsertRowid,
    );
  }

  /** @throws AppError `not-found` */
  get(id: number): StoredDecision {
    const row = this.database
      .prepare<[number, string], DecisionRow>(`SELECT ${COLUMNS} FROM decisions WHERE id = ? AND owner_id = ?`)
      .get(id, this.ownerId);
    if (row === undefined) throw new AppError('not-found', `There is no decision with id ${id}.`);
    return toDecision(row);
  }

  /** Newest first; `after` is the last id seen, 0 at the start. */
  list(datasetId: number, after: number, limit: number): Decision[] {
    return this.database
      .prepare<number[], DecisionRow>(
        `SELECT ${COLUMNS} FROM decisions WHERE dataset_id = ? AND id < ? ORDER BY id DESC LIMIT ?`,
      )
      .all(datasetId, after === 0 ? Number.MAX_SAFE_INTEGER : after, limit)
      .map(withoutFacts);
  }

  /** The last one that stands; undefined when there is none. */
  lastDone(datasetId: number): StoredDecision | undefined {
    const row = this.database
      .prepare<[number], DecisionRow>(
        `SELECT ${COLUMNS} FROM decisions WHERE dataset_id = ? AND state = 'done' AND count > 0 ORDER BY id DESC LIMIT 1`,
      )
      .get(datasetId);
    return row === undefined ? undefined : toDecision(row);
  }

  /** The one taken back last; undefined when there is none. */
  lastUndone(datasetId: number): StoredDecision | undefined {
    const row = this.database
      .prepare<[number], DecisionRow>(
        `SELECT ${COLUMNS} FROM decisions WHERE dataset_id = ? AND state = 'undone' ORDER BY id LIMIT 1`,
      )
      .get(datasetId);
    return row === undefined ? undefined : toDecision(row);
  }

  state(datasetId: number): UndoState {
    const [undo, redo] = [this.lastDone(datasetId), this.lastUndone(datasetId)];
    return {
      undo: undo === undefined ? null : withoutFacts(undo),
      redo: redo === undefined ? null : withoutFacts(redo),
    };
  }

  setState(id: number, state: DecisionState): void {
    const isUndone = state === 'undone';
    this.database
      .prepare(`UPDATE decisions SET state = ?, undone_at = ? WHERE id = ?`)
      .run(state, isUndone ? Date.now() : null, id);
  }

  /** What was taken back can no longer be done again. */
  forgetUndone(datasetId: number): void {
    this.database
      .prepare(`UPDATE decisions SET state = 'forgotten' WHERE dataset_id = ? AND state = 'undone'`)
      .run(datasetId);
  }

  /** What was cut short stands as far as it came. */
  settleCutShort(datasetId: number): void {
    // A decision that was made, even in part, is what comes last now: what was undone before it cannot be done again.
    this.database
      .prepare(
        `UPDATE decisions SET state = 'forgotten' WHERE dataset_id = ? AND state = 'undone'
         AND EXISTS (SELECT 1 FROM decisions WHERE dataset_id = ? AND state = 'applying')`,
      )
      .run(datasetId, datasetId);
    this.database
      .prepare(
        `UPDATE decisions SET state = 'done', undone_at = NULL
         WHERE dataset_id = ? AND state IN ('applying', 'undoing', 'redoing')`,
      )
      .run(datasetId);
  }

  addCount(id: number, count: number): void {
    this.database.prepare('UPDATE decisions SET count = count + ? WHERE id = ?').run(count, id);
  }

  /** @returns whether it is the decision's first change of this sample; a second is not kept */
  insertChange(decisionId: number, { sampleId, before, after }: StoredChange): boolean {
    const { changes } = this.database
      .prepare(
        `INSERT INTO decision_changes (decision_id, sample_id, before, after, applied) VALUES (?, ?, ?, ?, 1)
         ON CONFLICT DO NOTHING`,
      )
      .run(decisionId, sampleId, JSON.stringify(before), JSON.stringify(after));
    return changes === 1;
  }

  /** Changes of a decision that stand, or do not, by sample. */
  changes(decisionId: number, isApplied: boolean, afterSampleId: number, limit: number): StoredChange[] {
    return this.database
      .prepare<number[], { sampleId: number; before: string; after: string }>(
        `SELECT sample_id AS sampleId, before, after FROM decision_changes
         WHERE decision_id = ? AND sample_id > ? AND applied = ? ORDER BY sample_id LIMIT ?`,
      )
      .all(decisionId, afterSampleId, isApplied ? 1 : 0, limit)
      .map((row) => ({
        sampleId: row.sampleId,
        before: JSON.parse(row.before) as Partial<SampleFields>,
        after: JSON.parse(row.after) as Partial<SampleFields>,
      }));
  }

  /** What decisions have changed of a sample, newest first. */
  changesOfSample(sampleId: number): ChangeOfSample[] {
    return this.database
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

  setApplied(decisionId: number, sampleId: number, isApplied: boolean): void {
    this.database
      .prepare('UPDATE decision_changes SET applied = ? WHERE decision_id = ? AND sample_id = ?')
      .run(isApplied ? 1 : 0, decisionId, sampleId);
  }
}

function withoutFacts(row: StoredDecision | DecisionRow): Decision {
  const { facts: _facts, ...decision } = 'state' in row ? toDecision(row) : row;
  return decision;
}
