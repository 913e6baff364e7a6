import type { Dataset, DatasetStats } from '../../shared/contract/datasets.ts';
import { AppError } from '../../shared/errors.ts';
import { Repository } from '../db/repository.ts';
import type { Facet } from './counters.ts';

interface DatasetRow {
  id: number;
  project_id: number;
  project_name: string;
  name: string;
  created_at: number;
  updated_at: number;
}

const REMOVAL_CHUNK = 500;

/** What goes with a dataset besides its samples, each before what it refers to. */
const REMOVED_WITH_DATASET = [
  'DELETE FROM requests WHERE id IN (SELECT r.id FROM jobs j JOIN requests r ON r.job_id = j.id WHERE j.dataset_id = ? LIMIT ?)',
  'DELETE FROM job_events WHERE id IN (SELECT e.id FROM jobs j JOIN job_events e ON e.job_id = j.id WHERE j.dataset_id = ? LIMIT ?)',
  'DELETE FROM jobs WHERE id IN (SELECT id FROM jobs WHERE dataset_id = ? LIMIT ?)',
  'DELETE FROM labels WHERE id IN (SELECT id FROM labels WHERE dataset_id = ? LIMIT ?)',
] as const;

/** Value and count of each facet, from the rows. */
const RECOUNT: Readonly<Record<Facet, string>> = {
  total: `SELECT '', count(*) FROM samples WHERE dataset_id = ? HAVING count(*) > 0`,
  bytes: `SELECT '', sum(i.size_bytes) FROM samples s JOIN images i ON i.id = s.image_id WHERE s.dataset_id = ?
          HAVING count(*) > 0`,
  status: 'SELECT status, count(*) FROM samples WHERE dataset_id = ? GROUP BY 1',
  label: `SELECT cast(label_id AS TEXT), count(*) FROM samples WHERE dataset_id = ? AND label_id IS NOT NULL GROUP BY 1`,
  split: 'SELECT split, count(*) FROM samples WHERE dataset_id = ? AND split IS NOT NULL GROUP BY 1',
  format: `SELECT i.format, count(*) FROM samples s JOIN images i ON i.id = s.image_id WHERE s.dataset_id = ? GROUP BY 1`,
  reason: 'SELECT reason, count(*) FROM sample_reasons WHERE dataset_id = ? GROUP BY 1',
  source: `SELECT o.source, count(*) FROM origins o JOIN samples s ON s.id = o.sample_id WHERE s.dataset_id = ? GROUP BY 1`,
  licence: `SELECT coalesce(o.licence, 'unknown'), count(*) FROM origins o JOIN samples s ON s.id = o.sample_id
            WHERE s.dataset_id = ? GROUP BY 1`,
};

export class DatasetRepository extends Repository {
  async #select() {
    const query = await this.database.query();
    return query
      .selectFrom('datasets')
      .innerJoin('projects', 'projects.id', 'datasets.project_id')
      .where('datasets.owner_id', '=', this.ownerId)
      .select([
        'datasets.id',
        'datasets.project_id',
        'projects.name as project_name',
        'datasets.name',
        'datasets.created_at',
        'datasets.updated_at',
      ]);
  }

  async #complete(row: DatasetRow): Promise<Dataset> {
    const status = this.#facet(row.id, 'status');
    const byLabel = this.#facet(row.id, 'label');
    const query = await this.database.query();
    const labels = await query
      .selectFrom('labels')
      .where('dataset_id', '=', row.id)
      .select(['id', 'name'])
      .orderBy('name')
      .execute();
    return {
      id: row.id,
      projectId: row.project_id,
      projectName: row.project_name,
      name: row.name,
      sampleCount: this.#facet(row.id, 'total')[''] ?? 0,
      statusCounts: {
        accepted: status.accepted ?? 0,
        quarantined: status.quarantined ?? 0,
        rejected: status.rejected ?? 0,
      },
      labels: labels.map((label) => ({ id: label.id, name: label.name, sampleCount: byLabel[label.id] ?? 0 })),
      createdAt: row.created_at,
      updatedAt: row.updated_at,
    };
  }

  #facet(datasetId: number, facet: Facet): Record<string, number> {
    const rows = this.database
      .prepare<[number, string], { value: string; count: number }>(
        'SELECT value, count FROM counters WHERE dataset_id = ? AND facet = ? AND count > 0 ORDER BY value',
      )
      .all(datasetId, facet);
    return Object.fromEntries(rows.map((row) => [row.value, row.count]));
  }

  async list(projectId?: number): Promise<Dataset[]> {
    let select = (await this.#select()).orderBy('projects.name').orderBy('datasets.name');
    if (projectId !== undefined) select = select.where('datasets.project_id', '=', projectId);
    return Promise.all((await select.execute()).map((row) => this.#complete(row)));
  }

  /** @throws AppError `not-found` */
  async get(id: number): Promise<Dataset> {
    const row = await (await this.#select()).where('datasets.id', '=', id).executeTakeFirst();
    if (row === undefined) throw new AppError('not-found', `There is no dataset with id ${id}.`);
    return this.#complete(row);
  }

  /** All datasets with this name, optionally in one project; case does not matter. */
  async findByName(name: string, projectName?: string): Promise<Dataset[]> {
    let select = (await this.#select()).where('datasets.name', '=', name);
    if (projectName !== undefined) select = select.where('projects.name', '=', projectName);
    return Promise.all((await select.execute()).map((row) => this.#complete(row)));
  }

  async names(): Promise<string[]> {
    return (await (await this.#select()).execute()).map((row) => row.name).sort();
  }

  /** @throws AppError `conflict` when the project has a dataset of this name */
  async insert(projectId: number, name: string, labels: readonly string[]): Promise<Dataset> {
    const now = Date.now();
    const id = await this.database.write(() => {
      const row = this.database
        .prepare<unknown[], { id: number }>(
          `INSERT INTO datasets (owner_id, project_id, name, created_at, updated_at) VALUES (?, ?, ?, ?, ?)
           ON CONFLICT DO NOTHING RETURNING id`,
        )
        .get(this.ownerId, projectId, name, now, now);
      if (row === undefined) throw new AppError('conflict', `The project has a dataset named "${name}" already.`);
      for (const label of labels) this.labelId(row.id, label);
      return row.id;
    });
    return this.get(id);
  }

  /** The id of a label, made when it is missing. Call inside `database.write`. */
  labelId(datasetId: number, name: string): number {
    const found = this.database
      .prepare<[number, string], { id: number }>('SELECT id FROM labels WHERE dataset_id = ? AND name = ?')
      .get(datasetId, name);
    if (found !== undefined) return found.id;
    return Number(
      this.database
        .prepare('INSERT INTO labels (owner_id, dataset_id, name) VALUES (?, ?, ?)')
        .run(this.ownerId, datasetId, name).lastInsertRowid,
    );
  }

  async addLabels(id: number, names: readonly string[]): Promise<Dataset> {
    await this.get(id);
    await this.database.write(() => {
      for (const label of names) this.labelId(id, label);
      this.#touch(id);
    });
    return this.get(id);
  }

  /** @throws AppError `not-found` or `conflict` */
  async rename(id: number, name: string): Promise<Dataset> {
    const dataset = await this.get(id);
    await this.database.write(() => {
      const taken = this.database
        .prepare<unknown[], { id: number }>('SELECT id FROM datasets WHERE project_id = ? AND name = ? AND id <> ?')
        .get(dataset.projectId, name, id);
      if (taken !== undefined) {
        throw new AppError('conflict', `The project "${dataset.projectName}" has a dataset named "${name}" already.`);
      }
      this.database.prepare('UPDATE datasets SET name = ?, updated_at = ? WHERE id = ?').run(name, Date.now(), id);
    });
    return this.get(id);
  }

  #touch(id: number): void {
    this.database.prepare('UPDATE datasets SET updated_at = ? WHERE id = ?').run(Date.now(), id);
  }

  async stats(id: number): Promise<DatasetStats> {
    const dataset = await this.get(id);
    return {
      dataset,
      sizeBytes: this.#facet(id, 'bytes')[''] ?? 0,
      byStatus: dataset.statusCounts,
      byLabel: Object.fromEntries(
        dataset.labels.filter((label) => label.sampleCount > 0).map((label) => [label.name, label.sampleCount]),
      ),
      byReason: this.#facet(id, 'reason'),
      byFormat: this.#facet(id, 'format'),
      bySource: this.#facet(id, 'source'),
      byLicence: this.#facet(id, 'licence'),
      bySplit: this.#facet(id, 'split'),
    };
  }

  /**
   * Removes a dataset in short transactions: samples and the images that no dataset holds first, then its jobs with
   * their ledgers, its labels and the dataset.
   * A removal that is cut short is finished by calling it again.
   * @param onUnreferenced gets the images whose rows are gone, so that their files can go to the trash
   */
  async remove(
    id: number,
    onUnreferenced: (images: readonly { id: number; sha256: string }[]) => Promise<void>,
  ): Promise<void> {
    await this.get(id);
    for (;;) {
      const { removed, gone } = await this.database.write(() => {
        const samples = this.database
          .prepare<[number, number], { id: number; image_id: number }>(
            'SELECT id, image_id FROM samples WHERE dataset_id = ? ORDER BY id LIMIT ?',
          )
          .all(id, REMOVAL_CHUNK);
        const unreferenced: { id: number; sha256: string }[] = [];
        for (const sample of samples) {
          this.database.prepare('DELETE FROM duplicate_groups WHERE keeper_id = ?').run(sample.id);
          this.database.prepare('DELETE FROM samples WHERE id = ?').run(sample.id);
          const image = this.database
            .prepare<[number], { id: number; sha256: string }>(
              `DELETE FROM images WHERE id = ? AND NOT EXISTS (SELECT 1 FROM samples WHERE image_id = images.id)
               RETURNING id, lower(hex(sha256)) AS sha256`,
            )
            .get(sample.image_id);
          if (image !== undefined) unreferenced.push(image);
        }
        return { removed: samples.length, gone: unreferenced };
      });
      if (gone.length > 0) await onUnreferenced(gone);
      if (removed < REMOVAL_CHUNK) break;
    }
    for (const sql of REMOVED_WITH_DATASET) {
      for (let removed = REMOVAL_CHUNK; removed === REMOVAL_CHUNK; ) {
        removed = await this.database.write(() => this.database.prepare(sql).run(id, REMOVAL_CHUNK).changes);
      }
    }
    await this.database.write(() => {
      this.database.prepare('DELETE FROM counters WHERE dataset_id = ?').run(id);
      this.database.prepare('DELETE FROM datasets WHERE id = ? AND owner_id = ?').run(id, this.ownerId);
    });
  }

  /** How many counters of a dataset differ from its rows, are missing or too many. May take long: for a reader. */
  driftQuery(id: number): { sql: string; parameters: number[] } {
    const counted = Object.entries(RECOUNT).map(([facet, sql]) => `SELECT '${facet}', * FROM (${sql})`);
    return {
      sql: `WITH counted (facet, value, count) AS (${counted.join(' UNION ALL ')}),
              kept (facet, value, count) AS (SELECT facet, value, count FROM counters WHERE dataset_id = ? AND count <> 0)
            SELECT count(*) AS wrong FROM (
              SELECT facet, value FROM (SELECT * FROM counted EXCEPT SELECT * FROM kept)
              UNION SELECT facet, value FROM (SELECT * FROM kept EXCEPT SELECT * FROM counted))`,
      parameters: Array.from({ length: counted.length + 1 }, () => id),
    };
  }

  /** Makes the counters of datasets anew from their rows. May take long; for repairs. */
  async recount(ids: readonly number[]): Promise<void> {
    for (const id of ids) {
      await this.database.write(() => {
        this.database.prepare('DELETE FROM counters WHERE dataset_id = ?').run(id);
        for (const [facet, sql] of Object.entries(RECOUNT)) {
          this.database
            .prepare(`INSERT INTO counters (dataset_id, facet, value, count) SELECT ?, '${facet}', * FROM (${sql})`)
            .run(id, id);
        }
      });
    }
  }
}
