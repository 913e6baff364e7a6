import type { Dataset } from '../../shared/contract/datasets.ts';
import type { Project } from '../../shared/contract/projects.ts';
import { AppError } from '../../shared/errors.ts';
import type { ProjectRepository } from '../projects/project-repository.ts';
import type { DatasetRepository } from './dataset-repository.ts';

const NAMED = 10;

function thereAre(names: readonly string[], what: string): string {
  if (names.length === 0) return `There are no ${what} yet.`;
  const more = names.length > NAMED ? ` and ${names.length - NAMED} more` : '';
  return `There are: ${names.slice(0, NAMED).join(', ')}${more}.`;
}

/**
 * A dataset by `name`, `project/name` or `#id`.
 * @throws AppError `not-found` that names those there are; `conflict` when several projects have one of that name
 */
export async function findDataset(datasets: DatasetRepository, words: string): Promise<Dataset> {
  const id = /^#(\d+)$/.exec(words);
  if (id !== null) return datasets.get(Number(id[1]));
  const found = await datasets.findByName(words);
  const slash = words.indexOf('/');
  if (found.length === 0 && slash > 0) {
    found.push(...(await datasets.findByName(words.slice(slash + 1), words.slice(0, slash))));
  }
  if (found.length > 1) {
    const names = found.map((dataset) => `"${dataset.projectName}/${dataset.name}"`).join(', ');
    throw new AppError('conflict', `Several datasets are named "${words}". Say which: ${names}.`);
  }
  const [dataset] = found;
  if (dataset === undefined) {
    throw new AppError('not-found', `There is no dataset "${words}". ${thereAre(await datasets.names(), 'datasets')}`);
  }
  return dataset;
}

/** @throws AppError `not-found` that names those there are */
export async function findProject(projects: ProjectRepository, name: string): Promise<Project> {
  const project = await projects.findByName(name);
  if (project !== undefined) return project;
  const names = (await projects.list()).map((each) => each.name);
  throw new AppError('not-found', `There is no project "${name}". ${thereAre(names, 'projects')}`);
}
