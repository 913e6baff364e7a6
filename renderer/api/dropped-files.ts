/** What was dropped on the window or chosen: files with their place, and links. */

import type { OfferedFile } from '../../shared/host-bridge.ts';

export interface Dropped {
  readonly files: readonly OfferedFile<Blob>[];
  /** http and https addresses. */
  readonly links: readonly string[];
}

/** Reads a drop: folders with all that is in them. Call it in the event, before anything is awaited. */
export async function readDrop(transfer: DataTransfer): Promise<Dropped> {
  const entries = [...transfer.items].flatMap((item) => {
    const entry = item.kind === 'file' ? item.webkitGetAsEntry() : null;
    return entry === null ? [] : [entry];
  });
  const links = linksIn(transfer.getData('text/uri-list') || transfer.getData('text/plain'));
  const files: OfferedFile<Blob>[] = [];
  for (const entry of entries) await readEntry(entry, files);
  return { files, links: files.length > 0 ? [] : links };
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
  return /^[^/]+\.(txt|csv|tsv|jsonl|ndjson)$/i.test(relativePath);
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
