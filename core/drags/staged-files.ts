/**
 * A folder of staged files, `<drag>/<key>/`: what is dragged lies in `out/`, and beside it the record that tells whether it
 * still is as it was left. Whoever takes files may have moved or edited them.
 */

import { readdir, readFile, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeFileAtomically } from '../store/durable-file.ts';

const RECORD = 'staged.json';
const OUT = 'out';
/** Of more files than this, folders alone are looked at again: they tell of files that come and go, not of edits. */
const MOST_WATCHED_FILES = 2_000;

const record = z.object({
  /** Names in `out/`. */
  names: z.array(z.string()),
  iconSha256: z.string().nullable(),
  bytes: z.number(),
  /** Path below `out/`, size (0 for folders) and time of the last change. */
  watched: z.array(z.tuple([z.string(), z.number(), z.number()])),
});
type StagedRecord = z.infer<typeof record>;

export interface StagedFiles {
  readonly paths: string[];
  readonly iconSha256: string | null;
}

/** Where what is dragged is built and lies. */
export function outFolderOf(folderPath: string): string {
  return join(folderPath, OUT);
}

/** Writes the record: what lies in `out/` is complete. */
export async function recordStaged(folderPath: string, iconSha256: string | null): Promise<void> {
  const out = outFolderOf(folderPath);
  const folders: [string, number, number][] = [];
  let files: [string, number, number][] = [];
  let fileCount = 0;
  let bytes = 0;
  const look = async (below: string): Promise<void> => {
    const info = await stat(join(out, below));
    folders.push([below, 0, info.mtimeMs]);
    for (const entry of await readdir(join(out, below), { withFileTypes: true })) {
      const path = below === '' ? entry.name : `${below}/${entry.name}`;
      if (entry.isDirectory()) {
        await look(path);
        continue;
      }
      const { size, mtimeMs } = await stat(join(out, path));
      bytes += size;
      fileCount += 1;
      if (fileCount <= MOST_WATCHED_FILES) files.push([path, size, mtimeMs]);
    }
  };
  await look('');
  if (fileCount > MOST_WATCHED_FILES) files = [];
  const staged: StagedRecord = { names: await readdir(out), iconSha256, bytes, watched: [...folders, ...files] };
  await writeFileAtomically(join(folderPath, RECORD), JSON.stringify(staged), false);
}

/** What is staged, and used now; null when it is not there, or not as it was left. */
export async function findStaged(folderPath: string): Promise<StagedFiles | null> {
  const staged = await readRecord(folderPath);
  if (staged === null) return null;
  const out = outFolderOf(folderPath);
  for (const [path, size, mtimeMs] of staged.watched) {
    const info = await stat(join(out, path)).catch(() => null);
    if (info === null || info.mtimeMs !== mtimeMs || (info.isFile() && info.size !== size)) return null;
  }
  const now = new Date();
  await utimes(join(folderPath, RECORD), now, now);
  return { paths: staged.names.map((name) => join(out, name)), iconSha256: staged.iconSha256 };
}

/** When staged files were used last, and how much room they take; null for what was not completed. */
export async function stagedUse(folderPath: string): Promise<{ usedAt: number; bytes: number } | null> {
  const staged = await readRecord(folderPath);
  const info = await stat(join(folderPath, RECORD)).catch(() => null);
  return staged === null || info === null ? null : { usedAt: info.mtimeMs, bytes: staged.bytes };
}

async function readRecord(folderPath: string): Promise<StagedRecord | null> {
  try {
    return record.parse(JSON.parse(await readFile(join(folderPath, RECORD), 'utf8')));
  } catch {
    return null;
  }
}
