import type { Dataset, DatasetOverview, DatasetStats } from '../../shared/contract/datasets.ts';
import { AppError } from '../../shared/errors.ts';
import { Repository } from '../db/repository.ts';
import { freeName } from '../names/free-name.ts';
import type { Facet } from './counters.ts';
import { LabelRepository } from './label-repository.ts';

interface DatasetRow {
  id: number;
  project_id: number;
  project_name: string;
  name: string;
  created_at: number;
  updated_at: number;
}

const REMOVAL_CHUNK = 500;
/** Images of a cover mosaic. */
const COVER_IMAGES = 4;

/** What goes with a dataset besides its samples, each before what it refers to. */
const REMOVED_WITH_DATASET = [
  'DELETE FROM requests WHERE id IN (SELECT r.id FROM jobs j JOIN requests r ON r.job_id = j.id WHERE j.dataset_id = ? LIMIT ?)',
  'DELETE FROM job_events WHERE id IN (SELECT e.id FROM jobs j JOIN job_events e ON e.job_id = j.id WHERE j.dataset_id = ? LIMIT ?)',
  'DELETE FROM jobs WHERE id IN (SELECT id FROM jobs WHERE dataset_id = ? LIMIT ?)',
  'DELETE FROM labels WHERE id IN (SELECT id FROM labels WHERE dataset_id = ? LIMIT ?)',
] as const;

export class DatasetRepository extends Repository {
  readonly #labels = new LabelRepository(this.database, this.ownerId);

  /** Neither in the trash nor a trial. */
  async #selectShown() {
    return (await this.#select()).where('datasets.trial_of', 'is', null);
  }

  async #select() {
    const query = await this.database.query();
    return query
      .selectFrom('datasets')
      .innerJoin('projects', 'projects.id', 'datasets.project_id')
      .where('datasets.owner_id', '=', this.ownerId)
      .where('datasets.trashed_at', 'is', null)
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
    let select = (await this.#selectShown()).orderBy('projects.name').orderBy('datasets.name');
    if (projectId !== undefined) select = select.where('datasets.project_id', '=', projectId);
    return Promise.all((await select.execute()).map((row) => this.#complete(row)));
  }

  /** Finds trials too, but nothing in the trash. @throws AppError `not-found` */
  async get(id: number): Promise<Dataset> {
    const row = await (await this.#select()).where('datasets.id', '=', id).executeTakeFirst();
    if (row === undefined) throw new AppError('not-found', `There is no dataset with id ${id}.`);
    return this.#complete(row);
  }

  /** All datasets with this name, optionally in one project; case does not matter. */
  async findByName(name: string, projectName?: string): Promise<Dataset[]> {
    let select = (await this.#selectShown()).where('datasets.name', '=', name);
    if (projectName !== undefined) select = select.where('projects.name', '=', projectName);
    return Promise.all((await select.execute()).map((row) => this.#complete(row)));
  }

  async names(): Promise<string[]> {
    return (await (await this.#selectShown()).execute()).map((row) => row.name).sort();
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
      for (const label of labels) this.#labels.ensureId(row.id, label);
      return row.id;
    });
    return this.get(id);
  }

  async addLabels(id: number, names: readonly string[]): Promise<Dataset> {
    await this.get(id);
    await this.database.write(() => {
      for (const label of names) this.#labels.ensureId(id, label);
      this.touch(id);
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

  /** @throws AppError `not-found`, or `conflict` when the project has a dataset of this name */
  async move(id: number, project: { readonly id: number; readonly name: string }): Promise<Dataset> {
    const { name, projectId } = await this.get(id);
    if (projectId === project.id) return this.get(id);
    await this.database.write(() => {
      if (this.#isTaken(project.id, name)) {
        throw new AppError('conflict', `The project "${project.name}" has a dataset named "${name}" already.`);
      }
      this.database
        .prepare('UPDATE datasets SET project_id = ?, updated_at = ? WHERE id = ?')
        .run(project.id, Date.now(), id);
    });
    return this.get(id);
  }

  #isTaken(projectId: number, name: string): boolean {
    const row = this.database
      .prepare<[number, string], { id: number }>('SELECT id FROM datasets WHERE project_id = ? AND name = ?')
      .get(projectId, name);
    return row !== undefined;
  }

  /** @throws AppError `not-found` when the dataset has no such label, `conflict` when it has one of this name */
  async renameLabel(id: number, labelId: number, name: string): Promise<Dataset> {
    const { labels } = await this.get(id);
    if (!labels.some((label) => label.id === labelId)) {
      throw new AppError('not-found', `The dataset has no label with id ${labelId}.`);
    }
    await this.database.write(() => {
      this.#labels.rename(id, labelId, name);
      this.touch(id);
    });
    return this.get(id);
  }

  /** Takes a dataset out of sight and frees its name. @throws AppError `not-found` */
  async trash(id: number, at: number): Promise<void> {
    await this.get(id);
    await this.database.write(() => {
      this.database
        .prepare(`UPDATE datasets SET trashed_at = ?, trashed_name = name, name = 'trash:' || id WHERE id = ?`)
        .run(at, id);
    });
  }

  /**
   * Back into sight, under a name with a number when its own was given away. One that is not in the trash stays as it is.
   * @throws AppError `not-found`, or `conflict` when its project is in the trash
   */
  async restore(id: number): Promise<Dataset> {
    const row = this.database
      .prepare<[number, string], { name: string | null; projectId: number; project: string | null }>(
        `SELECT d.trashed_name AS name, d.project_id AS projectId, p.trashed_name AS project
         FROM datasets d JOIN projects p ON p.id = d.project_id WHERE d.id = ? AND d.owner_id = ?`,
      )
      .get(id, this.ownerId);
    if (row === undefined) throw new AppError('not-found', `There is no dataset with id ${id}, and none in the trash.`);
    if (row.project !== null) {
      throw new AppError(
        'conflict',
        `Its project "${row.project}" is in the trash. Restore that, with all its datasets.`,
      );
    }
    const { name, projectId } = row;
    if (name !== null) {
      await this.database.write(() => {
        const free = freeName(name, (candidate) => this.#isTaken(projectId, candidate));
        this.database
          .prepare('UPDATE datasets SET trashed_at = NULL, trashed_name = NULL, name = ?, updated_at = ? WHERE id = ?')
          .run(free, Date.now(), id);
      });
    }
    return this.get(id);
  }

  /** What is in the trash, newest first. */
  trashed(): {
    id: number;
    name: string;
    projectId: number;
    projectName: string;
    sampleCount: number;
    trashedAt: number;
  }[] {
    return this.database
      .prepare<[string], { id: number; name: string; projectId: number; projectName: string; trashedAt: number }>(
        `SELECT d.id, d.trashed_name AS name, d.project_id AS projectId, coalesce(p.trashed_name, p.name) AS projectName,
           d.trashed_at AS trashedAt
         FROM datasets d JOIN projects p ON p.id = d.project_id
         WHERE d.owner_id = ? AND d.trashed_at IS NOT NULL AND d.trial_of IS NULL ORDER BY d.trashed_at DESC, d.id DESC`,
      )
      .all(this.ownerId)
      .map((row) => ({ ...row, sampleCount: this.#facet(row.id, 'total')[''] ?? 0 }));
  }

  /** Every dataset of a project, in sight or not. */
  idsOfProject(projectId: number): number[] {
    return this.database
      .prepare<[number, string], { id: number }>(
        'SELECT id FROM datasets WHERE project_id = ? AND owner_id = ? ORDER BY trial_of IS NULL, id',
      )
      .all(projectId, this.ownerId)
      .map((row) => row.id);
  }

  /** A hidden dataset beside another, for a trial of its crawl. @throws AppError `not-found` */
  async insertTrial(ofId: number): Promise<number> {
    const { projectId } = await this.get(ofId);
    const now = Date.now();
    return this.database.write(() => {
      const { lastInsertRowid } = this.database
        .prepare(
          `INSERT INTO datasets (owner_id, project_id, name, trial_of, created_at, updated_at)
           VALUES (?, ?, 'trial:' || hex(randomblob(8)), ?, ?, ?)`,
        )
        .run(this.ownerId, projectId, ofId, now, now);
      return Number(lastInsertRowid);
    });
  }

  /** Ids of trials: of one dataset, or all. */
  trials(ofId?: number): number[] {
    return this.database
      .prepare<[string, number | null, number | null], { id: number }>(
        'SELECT id FROM datasets WHERE owner_id = ? AND trial_of IS NOT NULL AND (? IS NULL OR trial_of = ?)',
      )
      .all(this.ownerId, ofId ?? null, ofId ?? null)
      .map((row) => row.id);
  }

  /** Ids of trials that were begun before `before`. */
  trialsBefore(before: number): number[] {
    return this.database
      .prepare<[string, number], { id: number }>(
        'SELECT id FROM datasets WHERE owner_id = ? AND trial_of IS NOT NULL AND created_at < ?',
      )
      .all(this.ownerId, before)
      .map((row) => row.id);
  }

  /** Covers, sizes and last activity of all datasets, or those of a project: a few index reads each. */
  async overview(projectId?: number): Promise<DatasetOverview[]> {
    const cover = this.database.prepare<[number, string, number], { sha256: string; dominantColour: number }>(
      `SELECT lower(hex(i.sha256)) AS sha256, i.dominant_colour AS dominantColour
       FROM samples s JOIN images i ON i.id = s.image_id
       WHERE s.dataset_id = ? AND s.status = ? ORDER BY s.id DESC LIMIT ?`,
    );
    const activity = this.database.prepare<[number], { at: number | null }>(
      'SELECT max(max(created_at, coalesce(started_at, 0), coalesce(finished_at, 0))) AS at FROM jobs WHERE dataset_id = ?',
    );
    return (await this.list(projectId)).map((dataset) => {
      const images = cover.all(dataset.id, 'accepted', COVER_IMAGES);
      if (images.length < COVER_IMAGES) {
        images.push(...cover.all(dataset.id, 'quarantined', COVER_IMAGES - images.length));
      }
      return {
        dataset,
        sizeBytes: this.#facet(dataset.id, 'bytes')[''] ?? 0,
        cover: images,
        lastActivityAt: Math.max(dataset.updatedAt, activity.get(dataset.id)?.at ?? 0),
      };
    });
  }

  /** Dates the dataset's last change to now. Call inside `database.write`. */
  touch(id: number): void {
    this.database.prepare('UPDATE datasets SET updated_at = ? WHERE id = ?').run(Date.now(), id);
  }

  async stats(id: number): Promise<DatasetStats> {
    const dataset = await this.get(id);
    const { '': unknown, ...licences } = this.#facet(id, 'licence');
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
      byLicence: { ...licences, ...(unknown === undefined ? {} : { unknown }) },
      bySplit: this.#facet(id, 'split'),
    };
  }

  /**
   * Removes a dataset in short transactions: samples and the images that no dataset holds first, then its jobs with
   * their ledgers, its labels and the dataset.
   * A removal that is cut short is finished by calling it again; one of a dataset that is gone does nothing.
   * @param onUnreferenced gets the images whose rows are gone, so that their files can go to the trash
   */
  async remove(
    id: number,
    onUnreferenced: (images: readonly { id: number; sha256: string }[]) => Promise<void>,
  ): Promise<void> {
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
}
