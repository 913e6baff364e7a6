import { AppError } from '../../shared/errors.ts';
import { Repository } from '../db/repository.ts';

/** Labels of datasets by id and name. Everything that writes is to be called inside `database.write`. */
export class LabelRepository extends Repository {
  /** undefined when the dataset has no such label. */
  findId(datasetId: number, name: string): number | undefined {
    return this.database
      .prepare<[number, string], { id: number }>('SELECT id FROM labels WHERE dataset_id = ? AND name = ?')
      .get(datasetId, name)?.id;
  }

  /** The id of a label, made when it is missing. */
  ensureId(datasetId: number, name: string): number {
    const found = this.findId(datasetId, name);
    if (found !== undefined) return found;
    return Number(
      this.database
        .prepare('INSERT INTO labels (owner_id, dataset_id, name) VALUES (?, ?, ?)')
        .run(this.ownerId, datasetId, name).lastInsertRowid,
    );
  }

  /** Names of a dataset's labels by their ids. */
  names(datasetId: number): ReadonlyMap<number, string> {
    const rows = this.database
      .prepare<[number], { id: number; name: string }>('SELECT id, name FROM labels WHERE dataset_id = ?')
      .all(datasetId);
    return new Map(rows.map((row) => [row.id, row.name]));
  }

  /** @throws AppError `conflict` when the dataset has another label of this name */
  rename(datasetId: number, id: number, name: string): void {
    const taken = this.database
      .prepare<[number, string, number], { id: number }>(
        'SELECT id FROM labels WHERE dataset_id = ? AND name = ? AND id <> ?',
      )
      .get(datasetId, name, id);
    if (taken !== undefined) throw new AppError('conflict', `The dataset has a label named "${name}" already.`);
    this.database.prepare('UPDATE labels SET name = ? WHERE id = ?').run(name, id);
  }

  /**
   * Makes a label again that has gone since, under its id where that is still free.
   * @returns its id, or that of the label which has its name now
   */
  restore(datasetId: number, id: number, name: string): number {
    const isThere = this.database
      .prepare<[number, number], { id: number }>('SELECT id FROM labels WHERE id = ? AND dataset_id = ?')
      .get(id, datasetId);
    if (isThere !== undefined) return id;
    this.database
      .prepare('INSERT OR IGNORE INTO labels (id, owner_id, dataset_id, name) VALUES (?, ?, ?, ?)')
      .run(id, this.ownerId, datasetId, name);
    return this.ensureId(datasetId, name);
  }

  /** Removes a label that no sample has. One stays while a job of the dataset runs or waits, which may be about to give it. */
  removeUnused(datasetId: number, id: number): void {
    this.database
      .prepare(
        `DELETE FROM labels WHERE id = ? AND NOT EXISTS (SELECT 1 FROM samples WHERE label_id = labels.id)
         AND NOT EXISTS (SELECT 1 FROM jobs WHERE dataset_id = ? AND state IN ('waiting', 'active'))`,
      )
      .run(id, datasetId);
  }
}
