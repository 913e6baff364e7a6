/** What was dropped becomes an import or a crawl of a dataset. */

import { client } from '../../api/client.ts';
import { type Dropped, isList } from '../../api/dropped-files.ts';
import { t } from '../../messages/index.ts';
import { toast, toastError } from '../../stores/toasts.ts';
import { takeFiles } from '../../stores/uploads.ts';

/**
 * Images, folders and archives are imported, folders naming labels; addresses in lists and links are collected.
 * @param navigate goes to an address of the interface
 */
export async function takeDrop(
  dataset: { readonly id: number; readonly name: string },
  dropped: Dropped,
  navigate: (to: string) => void,
): Promise<void> {
  const { id: datasetId, name } = dataset;
  if (dropped.files.length === 0 && dropped.links.length === 0) {
    toast(t.datasets.nothingDropped);
    return;
  }
  try {
    const sources = [...dropped.links];
    let isImported = false;
    if (dropped.files.length > 0) {
      const { folderPath, paths } = await takeFiles(dataset, dropped.files);
      const lists = paths.filter((_path, place) => isList(dropped.files[place]!.relativePath));
      sources.push(...lists.map((path) => `urls:${path}`));
      isImported = lists.length < dropped.files.length;
      if (isImported) await client.imports.start({ datasetId, paths: [folderPath], labelsFrom: 'folders' });
    }
    if (sources.length > 0) await client.crawls.start({ datasetId, sources });
    const text = isImported ? t.datasets.importing(name) : t.datasets.collecting(name);
    toast(text, { label: t.datasets.show, run: () => navigate(`/datasets/${datasetId}/collect`) });
  } catch (error) {
    toastError(error);
  }
}
