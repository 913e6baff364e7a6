/** What was dropped on the window or chosen: files with their place, and links. */

import { FILE_ENDINGS } from '../../shared/file-endings.ts';
import type { OfferedFile } from '../../shared/host-bridge.ts';

/** At the top of what was offered. */
const LIST_NAME = new RegExp(`^[^/]+\\.(?:${FILE_ENDINGS.list.join('|')})$`, 'i');

export interface Dropped {
  readonly files: readonly OfferedFile<Blob>[];
  /** http and https addresses. */
  readonly links: readonly string[];
}

/**
 * Reads a drop. Call it in the event, before anything is awaited.
 * @param pathOf where a file lies, '' where that is not known. What has a path is taken by it, folders as they are; of other
 *   folders every file is read.
 */
export async function readDrop(transfer: DataTransfer, pathOf: (file: Blob) => string = () => ''): Promise<Dropped> {
  const files: OfferedFile<Blob>[] = [];
  const entries: FileSystemEntry[] = [];
  for (const item of transfer.items) {
    if (item.kind !== 'file') continue;
    const file = item.getAsFile();
    const entry = item.webkitGetAsEntry();
    if (file !== null && (entry === null || pathOf(file) !== '')) files.push({ relativePath: file.name, file });
    else if (entry !== null) entries.push(entry);
  }
  const links = linksOf(transfer);
  // Of a picture that comes out of a page its address says more than its bytes: who made it, and whether it may be taken.
  const isOfWeb = links.length > 0 && files.every(({ file }) => pathOf(file) === '');
  if (isOfWeb) return { files: [], links };
  for (const entry of entries) await readEntry(entry, files);
  return { files, links: [] };
}

/** A link dragged from a page names its address; a picture also its own, in the markup that comes with it. */
function linksOf(transfer: DataTransfer): string[] {
  const links = linksIn(transfer.getData('text/uri-list') || transfer.getData('text/plain'));
  const pictures = picturesIn(transfer.getData('text/html'));
  return pictures.length > 0 ? pictures : links;
}

/** The web addresses of the pictures in a piece of markup, each once. */
function picturesIn(html: string): string[] {
  if (html === '') return [];
  const { images } = new DOMParser().parseFromString(html, 'text/html');
  return linksIn([...images].map(({ src }) => src).join('\n'));
}

/** The http and https addresses of a text, one a line, each once. */
export function linksIn(text: string): string[] {
  const links = text
    .split(/\s+/)
    .filter((word) => /^https?:\/\//i.test(word) && URL.canParse(word))
    .map((word) => new URL(word).href);
  return [...new Set(links)];
}

/** Files of an input element, with their folders where a folder was chosen. */
export function chosenFiles(list: FileList | null): OfferedFile<Blob>[] {
  return [...(list ?? [])].map((file) => ({
    relativePath: file.webkitRelativePath === '' ? file.name : file.webkitRelativePath,
    file,
  }));
}

/**
 * Whether an offered file is a list of addresses. Those in folders belong to what they lie beside, as captions do.
 * @param relativePath as of an OfferedFile
 */
export function isList(relativePath: string): boolean {
  return LIST_NAME.test(relativePath);
}

async function readEntry(entry: FileSystemEntry, files: OfferedFile<Blob>[]): Promise<void> {
  if (isFile(entry)) {
    const file = await new Promise<File>((resolve, reject) => entry.file(resolve, reject));
    files.push({ relativePath: entry.fullPath.replace(/^\//, ''), file });
    return;
  }
  if (!isFolder(entry)) return;
  const reader = entry.createReader();
  for (;;) {
    // A reader gives a hundred entries at a time.
    const entries = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (entries.length === 0) return;
    for (const each of entries) await readEntry(each, files);
  }
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile;
}

function isFolder(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory;
}
