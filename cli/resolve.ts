/** Names on the command line as things of the core. */

import type { CoreClient } from '../core/index.ts';
import type { Dataset } from '../shared/contract/datasets.ts';
import type { Project } from '../shared/contract/projects.ts';
import { AppError } from '../shared/errors.ts';
import { asAppError } from './errors.ts';
import { formatTime } from './format.ts';
import { shellWord } from './report.ts';

/** Of what is in the trash, so much is named. */
const NAMED = 10;

/** @param reference a name, `project/name` or `#id` */
export async function resolveDataset(client: CoreClient, reference: string): Promise<Dataset> {
  return client.datasets.resolve({ name: reference });
}

/**
 * The dataset to collect into. With `create` it is made when it is missing, and so is the project of `project/name`;
 * without, the error says how to make it.
 */
export async function datasetToFill(client: CoreClient, reference: string, create: boolean): Promise<Dataset> {
  try {
    return await resolveDataset(client, reference);
  } catch (thrown) {
    const error = asAppError(thrown);
    if (error.code !== 'not-found' || reference.startsWith('#')) throw error;
    if (!create) {
      const make = `To make it: pixcrawler dataset create ${shellWord(reference)}, or add --create to this command.`;
      throw new AppError('not-found', `${error.message}\n${make}`, { details: error.details, cause: thrown });
    }
    return createDataset(client, reference, []);
  }
}

/** @param reference a name, or `project/name`, whose project is made when it is missing */
export async function createDataset(
  client: CoreClient,
  reference: string,
  labels: readonly string[],
  project?: string,
): Promise<Dataset> {
  if (project !== undefined) {
    return client.datasets.create({
      name: reference,
      projectId: (await resolveProject(client, project)).id,
      labels: [...labels],
    });
  }
  const slash = reference.indexOf('/');
  if (slash < 0) return client.datasets.create({ name: reference, labels: [...labels] });
  const { id } = await projectToFill(client, reference.slice(0, slash));
  return client.datasets.create({ name: reference.slice(slash + 1), projectId: id, labels: [...labels] });
}

/** @param reference a name or `#id` */
export async function resolveProject(client: CoreClient, reference: string): Promise<Project> {
  const number = /^#(\d+)$/.exec(reference)?.[1];
  return number === undefined
    ? client.projects.resolve({ name: reference })
    : client.projects.get({ id: Number(number) });
}

/** @param reference a name, `project/name` or `#id` of what is in the trash */
export async function resolveTrashedDataset(client: CoreClient, reference: string): Promise<{ id: number }> {
  const trashed = await client.datasets.trashed();
  return chosen(
    reference,
    'dataset',
    trashed.map(({ id, name, projectName, trashedAt }) => ({ id, names: [name, `${projectName}/${name}`], trashedAt })),
  );
}

/** @param reference a name or `#id` of what is in the trash */
export async function resolveTrashedProject(client: CoreClient, reference: string): Promise<{ id: number }> {
  const trashed = await client.projects.trashed();
  return chosen(
    reference,
    'project',
    trashed.map(({ id, name, trashedAt }) => ({ id, names: [name], trashedAt })),
  );
}

interface Trashed {
  readonly id: number;
  readonly names: readonly string[];
  readonly trashedAt: number;
}

function chosen(reference: string, what: 'dataset' | 'project', trashed: readonly Trashed[]): Trashed {
  const fitting = trashed.filter(({ id, names }) => `#${id}` === reference || names.includes(reference));
  const [one, ...more] = fitting;
  const listed = (each: readonly Trashed[]) =>
    each.map(({ id, names, trashedAt }) => `${names.at(-1)} (#${id}, removed ${formatTime(trashedAt)})`).join(', ');
  if (one === undefined) {
    const there = trashed.length === 0 ? 'The trash is empty.' : `In it: ${listed(trashed.slice(0, NAMED))}.`;
    throw new AppError('not-found', `There is no ${what} "${reference}" in the trash. ${there}`);
  }
  if (more.length > 0) {
    throw new AppError(
      'conflict',
      `Several ${what}s named "${reference}" are in the trash. Name one by its number: ${listed(fitting.slice(0, NAMED))}.`,
    );
  }
  return one;
}

async function projectToFill(client: CoreClient, name: string): Promise<Project> {
  try {
    return await resolveProject(client, name);
  } catch (thrown) {
    const error = asAppError(thrown);
    if (error.code !== 'not-found') throw error;
    return client.projects.create({ name });
  }
}
