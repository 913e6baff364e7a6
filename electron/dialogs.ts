/** The system's dialogs for files and folders. Each purpose remembers where it was last. */

import { dirname, isAbsolute } from 'node:path';
import type { BrowserWindow, Dialog, FileFilter, OpenDialogOptions } from 'electron';
import { z } from 'zod';
import { FILE_ENDINGS } from '../shared/file-endings.ts';
import type { DialogPurpose } from '../shared/host-bridge.ts';
import type { Ipc } from './ipc.ts';
import type { JsonFile } from './json-file.ts';
import { t } from './messages.ts';
import { isFolder } from './place-problem.ts';

/** What main itself asks for besides what pages may. */
type Purpose = DialogPurpose | 'copy-folder';

/** The folder that each purpose was in last. */
export const placesSchema = z.record(z.string(), z.string());
export type Places = JsonFile<z.infer<typeof placesSchema>>;

export interface Dialogs {
  /** @returns absolute paths; none when it was dismissed */
  choose(purpose: Purpose): Promise<readonly string[]>;
}

interface DialogsOptions {
  readonly ipc: Pick<Ipc, 'handle'>;
  readonly dialog: Pick<Dialog, 'showOpenDialog'>;
  /** Which it is shown above; null while there is none. */
  readonly window: () => BrowserWindow | null;
  readonly memory: Places;
}

/** Answers the page that asks for files. */
export function registerDialogs({ ipc, dialog, window, memory }: DialogsOptions): Dialogs {
  const choose = async (purpose: Purpose): Promise<readonly string[]> => {
    const place = placeOf(memory, purpose);
    const options: OpenDialogOptions = {
      ...optionsOf(purpose),
      // Where none is known, or it is gone, the system knows a better one.
      ...(place === null ? {} : { defaultPath: place }),
    };
    const parent = window();
    const { canceled, filePaths } =
      parent === null ? await dialog.showOpenDialog(options) : await dialog.showOpenDialog(parent, options);
    const [first] = filePaths;
    if (canceled || first === undefined) return [];
    rememberPlace(memory, purpose, isFolder(first) ? first : dirname(first));
    return filePaths;
  };
  ipc.handle('pixcrawler:choose', ({ purpose }) => choose(purpose));
  return { choose };
}

/** Where a dialog is to begin; null when none is known that is still there. */
export function placeOf(memory: Places, purpose: string): string | null {
  const place = memory.read()?.[purpose];
  return place !== undefined && isAbsolute(place) && isFolder(place) ? place : null;
}

export function rememberPlace(memory: Places, purpose: string, folder: string): void {
  memory.write({ ...(memory.read() ?? {}), [purpose]: folder });
}

const ALL: FileFilter = { name: t.dialogs.allFiles, extensions: ['*'] };
const IMAGES: FileFilter = {
  name: t.dialogs.images,
  extensions: [...FILE_ENDINGS.image, ...FILE_ENDINGS.archive],
};
const LISTS: FileFilter = { name: t.dialogs.lists, extensions: [...FILE_ENDINGS.list] };

function optionsOf(purpose: Purpose): OpenDialogOptions {
  const title = t.dialogs.titles[purpose];
  switch (purpose) {
    case 'import-folder':
      return { title, buttonLabel: t.dialogs.choose, properties: ['openDirectory', 'multiSelections'] };
    case 'import-files':
      return {
        title,
        buttonLabel: t.dialogs.choose,
        properties: ['openFile', 'multiSelections'],
        filters: [IMAGES, ALL],
      };
    case 'list-file':
      return {
        title,
        buttonLabel: t.dialogs.choose,
        properties: ['openFile', 'multiSelections'],
        filters: [LISTS, ALL],
      };
    case 'export-folder':
      return { title, buttonLabel: t.dialogs.choose, properties: ['openDirectory', 'createDirectory'] };
    case 'copy-folder':
      return { title, buttonLabel: t.dialogs.copyHere, properties: ['openDirectory', 'createDirectory'] };
  }
}
