import type { DragLayout } from '../../../shared/contract/drags.ts';

const LAYOUTS: Record<DragLayout, string> = {
  files: 'Plain files',
  imagefolder: 'ImageFolder',
  csv: 'Folder with CSV',
  jsonl: 'Folder with JSONL',
  zip: 'Zip archive',
  tar: 'Tar archive',
};

/** Words for what leaves the window as files. */
export const drags = {
  drag: 'Drag out',
  dragHint: 'Drag this to a file manager or another program, or click to copy the files to a folder',
  layoutIs: (layout: DragLayout) => `Drag as: ${LAYOUTS[layout]}`,
  layout: (layout: DragLayout) => LAYOUTS[layout],
  copyTo: 'Copy files to…',
  copied: (folder: string) => `Files copied to ${folder}`,
  staging: 'Laying out files',
  ready: 'The files are ready. Drag again.',
  readyShort: 'Ready: drag again',
  cancel: 'Stop laying out files',
  dismiss: 'Forget this drag',
  failed: (why: string | null) => `The files to drag could not be laid out.${why === null ? '' : ` ${why}`}`,
  showInFolder: 'Show in folder',
};
