/** The library as it is shown: projects with their datasets, narrowed by a project and a name. */

import type { DatasetOverview } from '../../../shared/contract/datasets.ts';
import type { Project } from '../../../shared/contract/projects.ts';

export interface LibraryGroup {
  readonly project: Project;
  readonly datasets: readonly DatasetOverview[];
}

/**
 * Projects in their order; empty ones too, unless a name is looked for.
 * @param name part of a dataset's name, whatever its case
 */
export function libraryGroups(
  projects: readonly Project[],
  overview: readonly DatasetOverview[],
  { projectId, name }: { readonly projectId: number | null; readonly name: string },
): LibraryGroup[] {
  const wanted = name.trim().toLocaleLowerCase();
  return projects
    .filter((project) => projectId === null || project.id === projectId)
    .map((project) => ({
      project,
      datasets: overview.filter(
        ({ dataset }) => dataset.projectId === project.id && dataset.name.toLocaleLowerCase().includes(wanted),
      ),
    }))
    .filter(({ datasets }) => wanted === '' || datasets.length > 0);
}

/** Labels as a person types them: `robin, wren`. Each once, in order. */
export function labelsOf(text: string): string[] {
  const names = text.split(/[,;\n]/).map((name) => name.trim());
  return [...new Set(names.filter((name) => name !== ''))];
}
