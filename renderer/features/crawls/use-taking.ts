import { useEffect, useRef, useState } from 'react';
import { type Dropped, isList } from '../../api/dropped-files.ts';
import { host } from '../../api/host.ts';
import { t } from '../../messages/index.ts';
import { toast, toastError } from '../../stores/toasts.ts';
import { EMPTY_DRAFT, withLines } from './draft.ts';
import { useDrafts } from './draft-store.ts';

interface Sending {
  readonly doneBytes: number;
  readonly totalBytes: number;
}

interface Taking {
  /** null while nothing is on its way. */
  readonly sending: Sending | null;
  take(dropped: Dropped): void;
  cancel(): void;
}

/** Brings what was dropped or pasted into the draft of a dataset: links as pages, lists as lists, the rest to import. */
export function useTaking(datasetId: number): Taking {
  const [sending, setSending] = useState<Sending | null>(null);
  const abort = useRef<AbortController | null>(null);
  useEffect(() => () => abort.current?.abort(), []);

  const send = async ({ files }: Dropped) => {
    const totalBytes = files.reduce((sum, { file }) => sum + file.size, 0);
    const controller = new AbortController();
    abort.current = controller;
    setSending({ doneBytes: 0, totalBytes });
    try {
      const { folderPath, paths } = await host.takeFiles(files, {
        signal: controller.signal,
        onProgress: (doneBytes) => setSending({ doneBytes, totalBytes }),
      });
      const isListAt = files.map(({ relativePath }) => isList(relativePath));
      const lists = paths.filter((_path, place) => isListAt[place]);
      const imported = files.flatMap(({ relativePath }, place) => (isListAt[place] ? [] : [relativePath]));
      const draft = useDrafts.getState().drafts[datasetId] ?? EMPTY_DRAFT;
      useDrafts.getState().change(datasetId, {
        lists: [...draft.lists, ...lists],
        folders: imported.length > 0 ? [...draft.folders, folderPath] : draft.folders,
        pathNames: {
          ...draft.pathNames,
          ...Object.fromEntries(lists.map((path) => [path, path.slice(folderPath.length + 1)])),
          ...(imported.length > 0 ? { [folderPath]: nameOf(imported) } : {}),
        },
      });
    } finally {
      abort.current = null;
      setSending(null);
    }
  };

  return {
    sending,
    take(dropped) {
      const { links, files } = dropped;
      if (links.length === 0 && files.length === 0) toast(t.crawls.nothingDropped);
      if (links.length > 0) {
        const { pages } = useDrafts.getState().drafts[datasetId] ?? EMPTY_DRAFT;
        useDrafts.getState().change(datasetId, { pages: withLines(pages, links) });
      }
      if (files.length > 0) send(dropped).catch(toastError);
    },
    cancel: () => abort.current?.abort(),
  };
}

/** The folder that was dropped, or how many files. */
function nameOf(paths: readonly string[]): string {
  const tops = new Set(paths.map((path) => path.split('/')[0] ?? path));
  const [only] = tops;
  return tops.size === 1 && only !== undefined ? only : t.crawls.dropped(paths.length);
}
