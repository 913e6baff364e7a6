import { mkdir, readdir, readFile, realpath, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { AppError } from '../../shared/errors.ts';
import { errorCode, syncFolder, writeFileAtomically } from './durable-file.ts';

/** Version of the layout below; a newer one is never touched. */
const FORMAT_VERSION = 1;
const MARKER = 'pixcrawler-data.json';
/** What a desktop lays here before its core opens the directory: its own folder, and its log. */
const DESKTOP_FOLDER = 'desktop';
const DESKTOP_LOGS: readonly string[] = ['main.log', 'main.log.1'];
const FOLDERS = ['blobs', 'staging', 'uploads', 'drag', 'trash', 'quarantine', 'logs', 'backups'] as const;

/** Absolute paths of everything in a data directory. */
export interface DataDirectory {
  readonly root: string;
  readonly databasePath: string;
  readonly thumbnailsPath: string;
  readonly lockPath: string;
  readonly ownerPath: string;
  /** Content-addressed originals; nothing else may write here than the blob store. */
  readonly blobsPath: string;
  readonly stagingPath: string;
  /** What a host received for imports. */
  readonly uploadsPath: string;
  /** What was laid out to be dragged to other programs. */
  readonly dragPath: string;
  readonly trashPath: string;
  /** Stored files whose bytes no longer match their name. */
  readonly quarantinePath: string;
  readonly logsPath: string;
  readonly backupsPath: string;
}

export interface OpenDataDirectoryOptions {
  /**
   * - `if-new` (default): an absent or empty folder becomes a data directory, and so do absent parents of it
   * - `never`: the directory has existed before, so that its absence means that its disk is away
   */
  readonly create?: 'if-new' | 'never';
}

/**
 * Opens a data directory, or lays one out. The marker is written last, so that a creation cut short is taken up again.
 *
 * @throws AppError `unavailable` when the directory, or its `blobs` folder, is missing although it has existed: it is
 *   offline and is never made anew, since an empty store beside a full database would look like loss;
 *   `bad-request` when the path is a file, or a folder with other things in it;
 *   `conflict` when a newer PixCrawler made it
 */
export async function openDataDirectory(
  path: string,
  { create = 'if-new' }: OpenDataDirectoryOptions = {},
): Promise<DataDirectory> {
  const wanted = resolve(path);
  const info = await stat(wanted).catch((error) => {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw cannotOpen(wanted, error);
  });
  if (info === undefined && create === 'never') {
    throw new AppError(
      'unavailable',
      `There is no library in ${wanted}: it was never made there, or its disk is away. Nothing was made in its place. ` +
        'Connect the disk, name another data directory, or begin one with "pixcrawler dataset create NAME".',
      { details: { path: wanted } },
    );
  }
  if (info !== undefined && !info.isDirectory()) {
    throw new AppError(
      'bad-request',
      `Expected a folder as the data directory, but ${wanted} is a file. Name another path.`,
    );
  }
  const version = info === undefined ? undefined : await readMarker(wanted);
  if (version === undefined) {
    if (info !== undefined) await refuseForeignFolder(wanted);
    if (create === 'never') throw offline(wanted, join(wanted, MARKER));
    await layOut(wanted);
  } else if (version > FORMAT_VERSION) {
    throw new AppError(
      'conflict',
      `The data directory ${wanted} has format ${version}; this PixCrawler reads up to ${FORMAT_VERSION}. ` +
        'It was left untouched. Update PixCrawler, or name another data directory.',
      { details: { path: wanted, version, supported: FORMAT_VERSION } },
    );
  }
  const directory = layoutOf(await realpath(wanted));
  await checkFolders(directory);
  return directory;
}

/** The paths of a data directory, whether there is one or not. */
export function dataDirectoryAt(path: string): DataDirectory {
  return layoutOf(resolve(path));
}

function layoutOf(root: string): DataDirectory {
  return {
    root,
    databasePath: join(root, 'pixcrawler.db'),
    thumbnailsPath: join(root, 'thumbnails.db'),
    lockPath: join(root, 'lock.db'),
    ownerPath: join(root, 'owner.json'),
    blobsPath: join(root, 'blobs'),
    stagingPath: join(root, 'staging'),
    uploadsPath: join(root, 'uploads'),
    dragPath: join(root, 'drag'),
    trashPath: join(root, 'trash'),
    quarantinePath: join(root, 'quarantine'),
    logsPath: join(root, 'logs'),
    backupsPath: join(root, 'backups'),
  };
}

async function readMarker(root: string): Promise<number | undefined> {
  const path = join(root, MARKER);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw cannotOpen(path, error);
  }
  try {
    const { version } = JSON.parse(text) as { version?: unknown };
    if (typeof version === 'number' && Number.isInteger(version) && version >= 1) return version;
  } catch {
    // Falls through to the same answer: a marker that cannot be read is never overwritten.
  }
  throw new AppError(
    'conflict',
    `Expected {"format":"pixcrawler-data","version":${FORMAT_VERSION}} in ${path}, but it holds something else. ` +
      'Restore the file from a backup, or name another data directory.',
    { details: { path } },
  );
}

/** A folder without a marker is ours only if it is empty, or holds nothing but the folders of a creation cut short. */
async function refuseForeignFolder(root: string): Promise<void> {
  const entries = (await readdir(root, { withFileTypes: true })).filter(({ name }) => name !== DESKTOP_FOLDER);
  for (const entry of entries) {
    if (entry.isFile() && entry.name.startsWith(`${MARKER}.`) && entry.name.endsWith('.tmp')) continue;
    const isOurs = entry.isDirectory() && (FOLDERS as readonly string[]).includes(entry.name);
    if (isOurs) {
      const held = await readdir(join(root, entry.name));
      if (held.every((name) => entry.name === 'logs' && DESKTOP_LOGS.includes(name))) continue;
    }
    throw new AppError(
      'bad-request',
      `Expected an empty folder or a PixCrawler data directory, but ${root} holds other things ("${entry.name}"). ` +
        'Name an empty or a new folder.',
      { details: { path: root, entry: entry.name } },
    );
  }
}

async function layOut(root: string): Promise<void> {
  try {
    // Only what is made here gets a mode; folders of the user's above it keep theirs.
    const firstMade = await mkdir(root, { recursive: true, mode: 0o700 });
    for (const folder of FOLDERS) {
      await mkdir(join(root, folder), { mode: 0o700 }).catch((error) => {
        if (errorCode(error) !== 'EEXIST') throw error;
      });
    }
    await syncFolder(root);
    await writeFileAtomically(join(root, MARKER), `{"format":"pixcrawler-data","version":${FORMAT_VERSION}}\n`);
    if (firstMade !== undefined) await syncFolder(dirname(firstMade));
  } catch (error) {
    throw cannotOpen(root, error);
  }
}

/** `blobs` may be a mount point of its own: absent means offline. The others are empty without harm. */
async function checkFolders(directory: DataDirectory): Promise<void> {
  for (const folder of FOLDERS) {
    const path = join(directory.root, folder);
    const info = await stat(path).catch((error) => {
      if (errorCode(error) === 'ENOENT') return undefined;
      throw cannotOpen(path, error);
    });
    if (info === undefined) {
      if (path === directory.blobsPath) throw offline(directory.root, path);
      await mkdir(path, { mode: 0o700 });
    }
  }
}

function offline(root: string, missing: string): AppError {
  return new AppError(
    'unavailable',
    `The data directory ${root} is offline: ${missing} is missing. Nothing was made in its place. ` +
      'Connect or mount its disk and try again, or name another data directory.',
    { details: { path: missing } },
  );
}

function cannotOpen(path: string, error: unknown): unknown {
  const code = errorCode(error);
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    return new AppError(
      'forbidden',
      `Expected to read and write ${path}, but the system refused (${code}). Mend its permissions.`,
      {
        details: { path },
        cause: error,
      },
    );
  }
  return error;
}
