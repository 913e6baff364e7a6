import type { Dataset } from '../../../shared/contract/datasets.ts';
import { client } from '../../api/client.ts';

/** A dataset of this name, or of the first one with a number that is free. */
export async function createNumbered(name: string, projectId: number | null): Promise<Dataset> {
  const taken = new Set((await client.datasets.list({})).map((dataset) => dataset.name.toLocaleLowerCase()));
  let free = name.slice(0, 90);
  for (let number = 2; taken.has(free.toLocaleLowerCase()); number++) free = `${name.slice(0, 90)} ${number}`;
  return client.datasets.create(projectId === null ? { name: free } : { name: free, projectId });
}
