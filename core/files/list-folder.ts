/** What a folder of this machine holds, for a person to choose from. */

import { constants } from 'node:fs';
import { access, opendir, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, extname, isAbsolute, join, resolve } from 'node:path';
import type { FileEntry } from '../../shared/contract/files.ts';
import { AppError } from '../../shared/errors.ts';
import { FILE_ENDINGS } from '../../shared/file-endings.ts';
import { freeBytes } from '../store/disk.ts';
import { errorCode } from '../store/durable-file.ts';

const MOST_ENTRIES = 5_000;

const KIND_BY_ENDING: ReadonlyMap<string, FileEntry['kind']> = new Map(
  (['image', 'archive', 'list'] as const).flatMap((kind) =>
    FILE_ENDINGS[kind].map((ending) => [`.${ending}`, kind] as const),
  ),
);

export interface FolderListing {
  readonly path: string;
  readonly parent: string | null;
  readonly entries: FileEntry[];
  readonly isTruncated: boolean;
  readonly isWritable: boolean;
  readonly freeBytes: number;
}

/**
 * Folders first, then files, each by name; hidden ones are left out.
 * @param wanted absolute, or below `~`, the home folder; default that folder itself
 * @throws AppError `bad-request` for a path that is relative or no folder, `not-found`, `forbidden`
 */
export async function listFolder(wanted = '~'): Promise<FolderListing> {
  const whole = /^~(?:[/\\]|$)/.test(wanted) ? join(homedir(), wanted.slice(1)) : wanted;
  if (!isAbsolute(whole) || whole.includes('\0')) {
    throw new AppError(
      'bad-request',
      `Expected the whole path of a folder, or one that begins with ~/ for the home folder, got "${wanted}".`,
    );
  }
  const path = resolve(whole);
  const entries: FileEntry[] = [];
  let isTruncated = false;
  try {
    for await (const entry of await opendir(path)) {
      if (entry.name.startsWith('.')) continue;
      if (entries.length === MOST_ENTRIES) {
        isTruncated = true;
        break;
      }
      entries.push(await describe(join(path, entry.name), entry.name));
    }
  } catch (error) {
    throw toFolderError(error, path);
  }
  const isWritable = await access(path, constants.W_OK).then(
    () => true,
    () => false,
  );
  const parent = dirname(path);
  return {
    path,
    parent: parent === path ? null : parent,
    entries: entries.sort(byKindAndName),
    isTruncated,
    isWritable,
    freeBytes: await freeBytes(path),
  };
}

async function describe(path: string, name: string): Promise<FileEntry> {
  // A link is what it leads to; one that leads nowhere is a file without bytes.
  const info = await stat(path).catch(() => null);
  if (info?.isDirectory() === true) return { name, path, kind: 'folder', sizeBytes: null };
  const kind = KIND_BY_ENDING.get(extname(name).toLowerCase()) ?? 'other';
  return { name, path, kind, sizeBytes: info?.size ?? 0 };
}

const byName = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

function byKindAndName(left: FileEntry, right: FileEntry): number {
  const folders = Number(right.kind === 'folder') - Number(left.kind === 'folder');
  return folders !== 0 ? folders : byName.compare(left.name, right.name);
}

function toFolderError(error: unknown, path: string): unknown {
  switch (errorCode(error)) {
    case 'ENOENT':
      return new AppError('not-found', `There is no folder ${path}.`, { cause: error });
    case 'ENOTDIR':
      return new AppError('bad-request', `Expected a folder, but ${path} is a file.`, { cause: error });
    case 'EACCES':
    case 'EPERM':
      return new AppError('forbidden', `The system does not let PixCrawler read ${path}.`, { cause: error });
    default:
      return error;
  }
}
