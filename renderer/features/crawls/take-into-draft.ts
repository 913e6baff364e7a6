import { type Dropped, isList } from '../../api/dropped-files.ts';
import { host } from '../../api/host.ts';
import { t } from '../../messages/index.ts';
import { toast } from '../../stores/toasts.ts';
import { takeFiles } from '../../stores/uploads.ts';
import { EMPTY_DRAFT, withLines } from './draft.ts';
import { useDrafts } from './draft-store.ts';

/**
 * Brings what was dropped or pasted into the draft of a dataset, beside what is there: links as pages, lists as lists, the
 * rest to import.
 * @throws AppError as `takeFiles` does
 */
export async function takeIntoDraft(
  dataset: { readonly id: number; readonly name: string },
  { links, files }: Dropped,
): Promise<void> {
  const drafts = useDrafts.getState();
  const draftNow = () => useDrafts.getState().drafts[dataset.id] ?? EMPTY_DRAFT;
  if (links.length === 0 && files.length === 0) toast(t.crawls.nothingDropped);
  if (links.length > 0) drafts.change(dataset.id, { pages: withLines(draftNow().pages, links) });
  if (files.length === 0) return;
  const { roots, paths } = await takeFiles(dataset, files);
  const isListAt = files.map(({ relativePath }) => isList(relativePath));
  const lists = paths.filter((_path, place) => isListAt[place]);
  const imported = files.flatMap(({ relativePath }, place) => (isListAt[place] ? [] : [relativePath]));
  const folders = imported.length > 0 ? roots.filter((root) => !lists.includes(root)) : [];
  const draft = draftNow();
  drafts.change(dataset.id, {
    lists: [...draft.lists, ...lists],
    folders: [...draft.folders, ...folders],
    pathNames: {
      ...draft.pathNames,
      ...Object.fromEntries(
        paths.flatMap((path, place) => (isListAt[place] ? [[path, files[place]!.relativePath]] : [])),
      ),
      // What was copied has a name of the host's making; what lies on this machine has its own.
      ...(host.kind === 'browser' ? Object.fromEntries(folders.map((folder) => [folder, nameOf(imported)])) : {}),
    },
  });
}

/** Has the draft of a new dataset begin with its labels, one a row, each searched by its name until keywords are typed. */
export function expectLabels(datasetId: number, names: readonly string[]): void {
  useDrafts.getState().change(datasetId, { labels: names.map((name) => ({ name, keywords: '' })) });
}

/** The folder that was dropped, or how many files. */
function nameOf(paths: readonly string[]): string {
  const tops = new Set(paths.map((path) => path.split('/')[0] ?? path));
  const [only] = tops;
  return tops.size === 1 && only !== undefined ? only : t.crawls.dropped(paths.length);
}
