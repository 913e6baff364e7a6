import type { Project } from '../../shared/contract/projects.ts';
import { AppError } from '../../shared/errors.ts';
import { Repository } from '../db/repository.ts';

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
      .select((expression) => [
        'projects.id',
        'projects.name',
        'projects.created_at',
        'projects.updated_at',
        expression
          .selectFrom('datasets')
          .whereRef('datasets.project_id', '=', 'projects.id')
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

  /** Removes the row alone; its datasets must be gone. */
  async remove(id: number): Promise<void> {
    const query = await this.database.query();
    await query.deleteFrom('projects').where('id', '=', id).where('owner_id', '=', this.ownerId).execute();
  }
}
