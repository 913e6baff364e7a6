import { randomBytes } from 'node:crypto';
import { mkdir, readdir, realpath, rename, rm, rmdir, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { AppError } from '../../shared/errors.ts';
import { errorCode, syncFolder } from '../store/durable-file.ts';
import type { ArchiveKind } from './export-types.ts';

/** Output paths in the hands of this process. */
const active = new Set<string>();

/** Where an export is built, and where it goes in one step when it is right. */
export interface ExportTarget {
  readonly outPath: string;
  readonly partialPath: string;
  readonly spoolPath: string;
  /** Deletes what is partial, for another attempt. */
  startAgain(): Promise<void>;
  /** Gives the partial its final name. */
  commit(): Promise<void>;
  /** Deletes what is partial. To be called in every case, last. */
  dispose(): Promise<void>;
}

export interface TargetOptions {
  readonly outPath: string;
  readonly archive: ArchiveKind;
  /** Nothing may be written inside it; null when the core itself has chosen the place. */
  readonly dataDirectory: string | null;
}

/**
 * Checks the place, clears what killed exports left beside it, and makes the working paths.
 * @throws AppError `conflict` when something is there already, `bad-request` when the place is inside the data
 *   directory or around it, `in-use` when another export writes there
 */
export async function openTarget({ outPath: wanted, archive, dataDirectory }: TargetOptions): Promise<ExportTarget> {
  const asked = resolve(wanted);
  refuseRoot(asked);
  await refuseInside(asked, dataDirectory);
  await mkdir(dirname(asked), { recursive: true });
  const outPath = join(await realpath(dirname(asked)), basename(asked));
  await refuseInside(outPath, dataDirectory);
  await refuseTaken(outPath, archive);
  if (active.has(outPath))
    throw new AppError('in-use', `Another export is writing to ${outPath}. Wait for it, or name another path.`);
  active.add(outPath);
  const partialPath = `${outPath}.partial-${process.pid}-${randomBytes(6).toString('hex')}`;
  const spoolPath = `${partialPath}.spool`;
  try {
    await clearLeftovers(outPath);
    await mkdir(spoolPath);
  } catch (error) {
    active.delete(outPath);
    throw error;
  }
  return {
    outPath,
    partialPath,
    spoolPath,
    async startAgain() {
      await rm(partialPath, { recursive: true, force: true });
      await rm(spoolPath, { recursive: true, force: true });
      await mkdir(spoolPath);
    },
    async commit() {
      // Before the name is given: whoever is killed after that leaves the export and nothing beside it.
      await rm(spoolPath, { recursive: true, force: true });
      if ((await refuseTaken(outPath, archive)) === 'empty-folder') await rmdir(outPath);
      await rename(partialPath, outPath);
      await syncFolder(dirname(outPath));
    },
    async dispose() {
      active.delete(outPath);
      await rm(spoolPath, { recursive: true, force: true });
      await rm(partialPath, { recursive: true, force: true });
    },
  };
}

/** Refuses what `openTarget` would, and makes nothing. @throws AppError `conflict` or `bad-request` */
export async function checkTarget({ outPath, archive, dataDirectory }: TargetOptions): Promise<void> {
  const asked = resolve(outPath);
  refuseRoot(asked);
  await refuseInside(asked, dataDirectory);
  await refuseTaken(asked, archive);
}

function refuseRoot(outPath: string): void {
  if (dirname(outPath) !== outPath) return;
  throw new AppError(
    'bad-request',
    `Expected a path below ${outPath}, not the root itself. Name a new folder or file.`,
  );
}

async function refuseInside(outPath: string, dataDirectory: string | null): Promise<void> {
  if (dataDirectory === null) return;
  const root = await realOrSame(dataDirectory);
  const out = await realOrSame(outPath);
  if (contains(root, out) || contains(out, root)) {
    throw new AppError(
      'bad-request',
      `Expected a path outside the data directory ${root}, but got ${outPath}. Name another path.`,
      {
        details: { outPath, dataDirectory: root },
      },
    );
  }
}

/** Resolves links in the part of a path that exists. */
async function realOrSame(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
    const parent = dirname(path);
    return parent === path ? path : join(await realOrSame(parent), basename(path));
  }
}

function contains(outer: string, inner: string): boolean {
  const path = relative(outer, inner);
  return path === '' || (!isAbsolute(path) && path !== '..' && !/^\.\.[/\\]/.test(path));
}

/** What stands at the path: an empty folder makes room for a folder. @throws AppError `conflict` when it must not be */
async function refuseTaken(outPath: string, archive: ArchiveKind): Promise<'nothing' | 'empty-folder'> {
  const info = await stat(outPath).catch((error) => {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  });
  if (info === undefined) return 'nothing';
  if (info.isDirectory() && archive === 'none' && (await readdir(outPath)).length === 0) return 'empty-folder';
  const what = info.isDirectory() ? 'a folder that is not empty' : 'a file';
  throw new AppError(
    'conflict',
    `Expected nothing at ${outPath}, but there is ${what}. Remove it, or name another path.`,
    {
      details: { outPath },
    },
  );
}

/** Partials beside the path whose process is gone. Those of a living one are its own business. */
async function clearLeftovers(outPath: string): Promise<void> {
  const prefix = `${basename(outPath)}.partial-`;
  for (const name of await readdir(dirname(outPath))) {
    const match = name.startsWith(prefix) ? /^(\d+)-[0-9a-f]{12}(?:\.spool)?$/.exec(name.slice(prefix.length)) : null;
    if (match === null || isAlive(Number(match[1]))) continue;
    await rm(join(dirname(outPath), name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  // Our own partials of this output are gone: `active` admits one export at a time.
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) === 'EPERM';
  }
}
