import type { Project } from '../../shared/contract/projects.ts';
import { AppError } from '../../shared/errors.ts';
import { Repository } from '../db/repository.ts';
import { freeName } from '../names/free-name.ts';

interface ProjectRow {
  id: number;
  name: string;
  created_at: number;
  updated_at: number;
  dataset_count: number;
}

function toProject(row: ProjectRow): Project {
  return {
    id: row.id,
    name: row.name,
    datasetCount: row.dataset_count,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

export class ProjectRepository extends Repository {
  async #select() {
    const query = await this.database.query();
    return query
      .selectFrom('projects')
      .where('projects.owner_id', '=', this.ownerId)
      .where('projects.trashed_at', 'is', null)
      .select((expression) => [
        'projects.id',
        'projects.name',
        'projects.created_at',
        'projects.updated_at',
        expression
          .selectFrom('datasets')
          .whereRef('datasets.project_id', '=', 'projects.id')
          .where('datasets.trashed_at', 'is', null)
          .where('datasets.trial_of', 'is', null)
          .select((count) => count.fn.countAll<number>().as('count'))
          .$asScalar()
          .$notNull()
          .as('dataset_count'),
      ]);
  }

  async list(): Promise<Project[]> {
    const rows = await (await this.#select()).orderBy('projects.name').execute();
    return rows.map(toProject);
  }

  /** @throws AppError `not-found` */
  async get(id: number): Promise<Project> {
    const row = await (await this.#select()).where('projects.id', '=', id).executeTakeFirst();
    if (row === undefined) throw new AppError('not-found', `There is no project with id ${id}.`);
    return toProject(row);
  }

  /** Undefined when no project of the owner has this name (case does not matter). */
  async findByName(name: string): Promise<Project | undefined> {
    const row = await (await this.#select()).where('projects.name', '=', name).executeTakeFirst();
    return row === undefined ? undefined : toProject(row);
  }

  /** @throws AppError `conflict` when the name is taken */
  async insert(name: string): Promise<Project> {
    const now = Date.now();
    const query = await this.database.query();
    const row = await query
      .insertInto('projects')
      .values({ owner_id: this.ownerId, name, created_at: now, updated_at: now })
      .onConflict((conflict) => conflict.doNothing())
      .returning('id')
      .executeTakeFirst();
    if (row === undefined) throw new AppError('conflict', `There is a project named "${name}" already.`);
    return this.get(row.id);
  }

  /** @throws AppError `not-found` or `conflict` */
  async rename(id: number, name: string): Promise<Project> {
    await this.get(id);
    const taken = await this.findByName(name);
    if (taken !== undefined && taken.id !== id) {
      throw new AppError('conflict', `There is a project named "${name}" already.`);
    }
    const query = await this.database.query();
    await query
      .updateTable('projects')
      .set({ name, updated_at: Date.now() })
      .where('id', '=', id)
      .where('owner_id', '=', this.ownerId)
      .execute();
    return this.get(id);
  }

  /**
   * Takes the project out of sight and frees its name. Its datasets are put into the trash by the caller, at the same time.
   * @throws AppError `not-found`
   */
  async trash(id: number, at: number): Promise<void> {
    await this.get(id);
    await this.database.write(() => {
      this.database
        .prepare(`UPDATE projects SET trashed_at = ?, trashed_name = name, name = 'trash:' || id WHERE id = ?`)
        .run(at, id);
    });
  }

  /**
   * Back into sight, under a name with a number when its own was given away. A project that is not in the trash stays as
   * it is.
   * @returns the project, and when it was put into the trash; null when it was not
   * @throws AppError `not-found`
   */
  async restore(id: number): Promise<{ readonly project: Project; readonly trashedAt: number | null }> {
    const row = this.database
      .prepare<[number, string], { trashedAt: number | null; name: string | null }>(
        'SELECT trashed_at AS trashedAt, trashed_name AS name FROM projects WHERE id = ? AND owner_id = ?',
      )
      .get(id, this.ownerId);
    if (row === undefined) throw new AppError('not-found', `There is no project with id ${id}, and none in the trash.`);
    if (row.trashedAt !== null) {
      const taken = new Set((await this.list()).map((project) => project.name.toLowerCase()));
      const name = freeName(row.name ?? 'project', (candidate) => taken.has(candidate.toLowerCase()));
      await this.database.write(() => {
        this.database
          .prepare('UPDATE projects SET trashed_at = NULL, trashed_name = NULL, name = ?, updated_at = ? WHERE id = ?')
          .run(name, Date.now(), id);
      });
    }
    return { project: await this.get(id), trashedAt: row.trashedAt };
  }

  /** What is in the trash, newest first, with how many datasets went with it. */
  trashed(): { id: number; name: string; datasetCount: number; trashedAt: number }[] {
    return this.database
      .prepare<[string], { id: number; name: string; datasetCount: number; trashedAt: number }>(
        `SELECT p.id, p.trashed_name AS name, p.trashed_at AS trashedAt,
           (SELECT count(*) FROM datasets d
            WHERE d.project_id = p.id AND d.trashed_at = p.trashed_at AND d.trial_of IS NULL) AS datasetCount
         FROM projects p WHERE p.owner_id = ? AND p.trashed_at IS NOT NULL ORDER BY p.trashed_at DESC, p.id DESC`,
      )
      .all(this.ownerId);
  }

  /** Ids of projects that went into the trash before `before`. */
  trashedBefore(before: number): number[] {
    return this.database
      .prepare<[string, number], { id: number }>('SELECT id FROM projects WHERE owner_id = ? AND trashed_at < ?')
      .all(this.ownerId, before)
      .map((row) => row.id);
  }

  /** Removes the row alone; its datasets must be gone. */
  async remove(id: number): Promise<void> {
    const query = await this.database.query();
    await query.deleteFrom('projects').where('id', '=', id).where('owner_id', '=', this.ownerId).execute();
  }
}
