/** What was dropped, or opened with the program, becomes an import or a crawl of a dataset. */

import type { ImportInput } from '../../../shared/contract/imports.ts';
import { client } from '../../api/client.ts';
import { type Dropped, isList } from '../../api/dropped-files.ts';
import { host } from '../../api/host.ts';
import { t } from '../../messages/index.ts';
import { toast, toastError } from '../../stores/toasts.ts';
import { takeFiles } from '../../stores/uploads.ts';

/** Of one import, and of one crawl. */
const MOST_AT_A_TIME = 1_000;

interface Target {
  readonly id: number;
  readonly name: string;
}

/** Absolute paths on the core's machine, and addresses. */
interface Brought {
  /** Images, folders and archives. */
  readonly imports: readonly string[];
  readonly lists: readonly string[];
  readonly links: readonly string[];
  readonly labelsFrom: ImportInput['labelsFrom'];
}

/**
 * Images, folders and archives are imported, folders naming labels; addresses in lists and links are collected.
 * @param navigate goes to an address of the interface
 */
export async function takeDrop(dataset: Target, dropped: Dropped, navigate: (to: string) => void): Promise<void> {
  const { files, links } = dropped;
  if (files.length === 0 && links.length === 0) {
    toast(t.datasets.nothingDropped);
    return;
  }
  try {
    const { roots, paths } = files.length === 0 ? { roots: [], paths: [] } : await takeFiles(dataset, files);
    const lists = paths.filter((_path, place) => isList(files[place]!.relativePath));
    const imports = lists.length < files.length ? roots.filter((root) => !lists.includes(root)) : [];
    // What a browser sent lies in a folder that the host has made; on the desktop folders are where they were.
    const labelsFrom = host.kind === 'desktop' ? 'given-folders' : 'folders';
    await bring(dataset, { imports, lists, links, labelsFrom }, navigate);
  } catch (error) {
    toastError(error);
  }
}

/**
 * The same with paths that the system handed over.
 * @param begun paths and sources whose import or crawl has begun, which is not begun again; added to
 * @throws AppError what kept the rest from it
 */
export async function takeOpened(
  dataset: Target,
  { paths, links }: { readonly paths: readonly string[]; readonly links: readonly string[] },
  navigate: (to: string) => void,
  begun: Set<string>,
): Promise<void> {
  const lists = paths.filter((path) => isList(nameIn(path)));
  const imports = paths.filter((path) => !lists.includes(path));
  await bring(dataset, { imports, lists, links, labelsFrom: 'given-folders' }, navigate, begun);
}

/** The name of the one folder that was dropped; undefined when it was something else. */
export function folderOf({ files }: Dropped): string | undefined {
  const [first, ...others] = files;
  const [folder, ...below] = first?.relativePath.split('/') ?? [];
  if (below.length > 0) return folder;
  // On the desktop a folder comes as it is. What has no ending is hardly an image.
  const isFolder = host.kind === 'desktop' && others.length === 0 && folder !== undefined && !folder.includes('.');
  return isFolder ? folder : undefined;
}

/** The last name of a path of any system. */
export function nameIn(path: string): string {
  return path.split(/[\\/]/).findLast((name) => name !== '') ?? path;
}

async function bring(
  dataset: Target,
  brought: Brought,
  navigate: (to: string) => void,
  begun = new Set<string>(),
): Promise<void> {
  const { id: datasetId, name } = dataset;
  const { imports, lists, links, labelsFrom } = brought;
  const begin = async (all: readonly string[], start: (some: string[]) => Promise<unknown>) => {
    const left = all.filter((each) => !begun.has(each));
    for (let at = 0; at < left.length; at += MOST_AT_A_TIME) {
      const some = left.slice(at, at + MOST_AT_A_TIME);
      await start(some);
      for (const each of some) begun.add(each);
    }
  };
  await begin(imports, (paths) => client.imports.start({ datasetId, paths, labelsFrom }));
  await begin([...links, ...lists.map((path) => `urls:${path}`)], (sources) =>
    client.crawls.start({ datasetId, sources }),
  );
  const text = imports.length > 0 ? t.datasets.importing(name) : t.datasets.collecting(name);
  toast(text, { label: t.datasets.show, run: () => navigate(`/datasets/${datasetId}/collect`) });
}
