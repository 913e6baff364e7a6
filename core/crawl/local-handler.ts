/** What lies on this machine: folders, URL lists, archives and image files. */

import { type Dirent, existsSync } from 'node:fs';
import { mkdir, opendir, rm, stat } from 'node:fs/promises';
import { basename, dirname, extname, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { AppError, isOutOfFiles } from '../../shared/errors.ts';
import type { SPLITS } from '../../shared/vocabulary.ts';
import type { ArchiveEntryFile } from '../../workers/documents/types.ts';
import { FetchProblem } from '../fetch/fetch-problem.ts';
import { requireFreeSpace } from '../store/disk.ts';
import type { CrawlContext } from './crawl-context.ts';
import { type LedgerRequest, type NewRequest, passedOn, type RequestMeta, type Settlement } from './ledger-request.ts';
import { addAllButLast, addImage } from './page-handler.ts';

const LIST_RECORDS = 1_000;
/** Links to folders followed on one path. */
const FOLDER_LINKS = 3;
const FOLDER_ENTRIES = 500;
const ARCHIVE_ENTRIES = 1_000_000;
const ARCHIVE_MAX_BYTES = 10 * 1024 ** 3;
/**
 * What an archive will take of the disk against its own size: images hardly deflate, and have rows and thumbnails. It is
 * asked for before anything is unpacked; whoever is wrong about it is stopped at the floor.
 */
const ARCHIVE_GROWTH = 9 / 8;

/** Files beside images in datasets as they are found; everything else is opened and judged by its bytes. */
const NOT_IMAGES = new Set(
  '.txt .md .rst .json .jsonl .ndjson .csv .tsv .xml .yaml .yml .toml .ini .html .htm .css .js .ts .py .ipynb .sh .npy .npz .pt .pth .h5 .parquet .arrow .tfrecord .pkl .zip .tar .gz .tgz .bz2 .xz .7z .rar .pdf .doc .docx .mp4 .mov .avi .mkv .webm .mp3 .wav .db .sqlite .log .lock .ds_store .ini'.split(
    ' ',
  ),
);

/** Whether a name in a folder or archive may be an image: not hidden, not of a kind known to be something else. */
export function mayBeImage(name: string): boolean {
  const base = basename(name);
  return !base.startsWith('.') && base !== 'Thumbs.db' && !NOT_IMAGES.has(extname(base).toLowerCase());
}

/** `train/cat/1.jpg` gives split and label; `cat/1.jpg` a label; `1.jpg` neither. */
function labelFromFolders(name: string): { label?: string; split?: 'train' | 'validation' | 'test' } {
  const parts = name.split(/[\\/]/).filter((part) => part !== '' && part !== '.');
  // Names in archives are anybody's: what only leads somewhere is no class.
  const folders = parts.slice(0, -1).filter((folder) => !/^(\.\.|[A-Za-z]:)$/.test(folder));
  const known: Readonly<Record<string, (typeof SPLITS)[number]>> = {
    train: 'train',
    training: 'train',
    val: 'validation',
    valid: 'validation',
    validation: 'validation',
    dev: 'validation',
    test: 'test',
    testing: 'test',
  };
  const split = known[folders[0]?.toLowerCase() ?? ''];
  const label = (split === undefined ? folders : folders.slice(1)).at(-1);
  return { ...(label === undefined ? {} : { label: label.slice(0, 100) }), ...(split === undefined ? {} : { split }) };
}

function fileRequest(context: CrawlContext, url: string, nameInRoot: string, meta: RequestMeta): NewRequest {
  const fromFolders = context.labelsFromFolders ? labelFromFolders(nameInRoot) : {};
  const label = fromFolders.label ?? meta.label;
  return {
    kind: 'file',
    url,
    site: null,
    lane: 1,
    depth: 0,
    meta: {
      ...meta,
      ...(label === undefined ? {} : { label }),
      ...(fromFolders.split === undefined ? {} : { split: fromFolders.split }),
      name: basename(nameInRoot).slice(0, 255),
    },
  };
}

/** @throws FetchProblem when a list or archive that was there is gone */
function requireFile(path: string): void {
  if (existsSync(path)) return;
  throw new FetchProblem('permanent', 'file-missing', { detail: `There is no file ${path} any more.` });
}

/**
 * Lists a folder: its files become requests, its folders are listed later. Links are followed, to folders a few times on
 * one path, so that a circle of links ends.
 */
export async function listFolder(context: CrawlContext, request: LedgerRequest): Promise<void> {
  const path = request.url;
  const root = request.meta.root ?? path;
  let found: NewRequest[] = [];
  let skipped = 0;
  let hidden = 0;
  const links = request.meta.links ?? 0;
  const entries = readFolder(path);
  let next = await entries.next();
  for (; next.done !== true; next = await entries.next()) {
    const entry = next.value;
    const child = join(path, entry.name);
    const isLink = entry.isSymbolicLink();
    const facts = isLink ? await stat(child).catch(() => null) : entry;
    const meta: RequestMeta = { ...passedOn(request.meta), root };
    if (facts === null) {
      context.log('warning', `${child}: the link leads nowhere`);
    } else if (facts.isDirectory()) {
      if (entry.name.startsWith('.')) hidden++;
      else if (isLink && links >= FOLDER_LINKS)
        context.log('warning', `${child}: links within links are not followed on`);
      else {
        const linked = isLink ? links + 1 : links;
        const folderMeta = linked === 0 ? meta : { ...meta, links: linked };
        found.push({ kind: 'folder', url: child, site: null, lane: 0, depth: request.depth + 1, meta: folderMeta });
      }
    } else if (facts.isFile() && mayBeImage(entry.name)) {
      found.push(fileRequest(context, child, relative(root, child), meta));
    } else {
      skipped++;
    }
    if (found.length < FOLDER_ENTRIES) continue;
    context.signal.throwIfAborted();
    await context.addFound(found);
    found = [];
  }
  if (skipped > 0) context.log('info', `${path}: ${skipped} files that are no images were passed over`);
  if (hidden > 0) context.log('info', `${path}: ${hidden} hidden folders were passed over`);
  await context.finishPage(request, next.value, found);
}

/** Yields what is in a folder; returns how reading it ended, since a folder that breaks is no end of the run. */
async function* readFolder(path: string): AsyncGenerator<Dirent, Settlement> {
  try {
    yield* await opendir(path);
    return { state: 'done' };
  } catch (error) {
    // No fault of the folder: what it holds must not be passed over.
    if (isOutOfFiles(error)) throw error;
    const code = (error as NodeJS.ErrnoException).code ?? '';
    const reason = code === 'ENOENT' ? 'file-missing' : 'file-unreadable';
    return { state: 'failed', reason, detail: `${path}: ${code}` };
  }
}

/** Reads the next thousand records of a URL list; the rest is a request of its own, so that a restart goes on there. */
export async function readList(context: CrawlContext, request: LedgerRequest): Promise<void> {
  const path = request.meta.root ?? request.url;
  requireFile(path);
  const offset = request.meta.offset ?? 0;
  const answer = await context.workers.run(
    'read-list',
    {
      path,
      urlColumn: request.meta.urlColumn ?? null,
      offset,
      layout: request.meta.layout ?? null,
      maxRecords: LIST_RECORDS,
    },
    { signal: context.signal },
  );
  const found: NewRequest[] = [];
  for (const record of answer.records) {
    addImage(
      context,
      found,
      record.url,
      {
        ...passedOn({ ...request.meta, source: 'list' }),
        ...(record.pageUrl === null ? {} : { pageUrl: record.pageUrl }),
        ...(record.caption === null ? {} : { caption: record.caption }),
        ...(record.label === null ? {} : { label: record.label.slice(0, 100) }),
        ...(record.licence === null ? {} : { licence: record.licence }),
        ...(record.creator === null ? {} : { creator: record.creator }),
      },
      [],
    );
  }
  if (!answer.done) {
    found.push({
      kind: 'list',
      url: `${path}#${answer.nextOffset}`,
      site: null,
      lane: 0,
      depth: 0,
      meta: { ...request.meta, root: path, offset: answer.nextOffset, layout: answer.layout },
    });
  }
  if (answer.skipped > 0) context.log('warning', `${path}: ${answer.skipped} lines held no usable address`);
  await context.finishPage(request, { state: 'done' }, found);
}

/** Unpacked archives of a job by ledger row: each is unpacked once in a run. */
export class UnpackedArchives {
  readonly #context: CrawlContext;
  readonly #unpacked = new Map<number, Promise<Map<number, ArchiveEntryFile>>>();
  readonly #folders = new Set<string>();

  constructor(context: CrawlContext) {
    this.#context = context;
  }

  #folder(archiveId: number): string {
    return join(dirname(this.#context.blobStore.stagingPath()), `archive-${this.#context.jobId}-${archiveId}`);
  }

  async #unpack(archiveId: number, path: string) {
    const { maxImageBytes, minFreeBytes, signal, workers } = this.#context;
    const destination = this.#folder(archiveId);
    this.#folders.add(destination);
    await mkdir(destination, { recursive: true });
    const neededBytes = Math.min(ARCHIVE_MAX_BYTES, (await stat(path)).size * ARCHIVE_GROWTH);
    await requireFreeSpace(destination, minFreeBytes, neededBytes, `to unpack ${path}`);
    return workers.run(
      'unpack-archive',
      {
        path,
        destination,
        fromEntry: 0,
        maxEntries: ARCHIVE_ENTRIES,
        maxEntryBytes: maxImageBytes,
        maxTotalBytes: ARCHIVE_MAX_BYTES,
        minFreeBytes,
      },
      { signal },
    );
  }

  /** Deletes what was unpacked; for the end of a run, when nothing reads it any more. */
  async dispose(): Promise<void> {
    for (const folder of this.#folders) await rm(folder, { recursive: true, force: true });
    this.#folders.clear();
    this.#unpacked.clear();
  }

  /** Unpacks an archive and makes each entry a request. */
  async list(request: LedgerRequest): Promise<void> {
    const context = this.#context;
    const path = request.url;
    requireFile(path);
    const entries = await this.#entries(request.id, path);
    const found = await addAllButLast(context, requestsOf(context, request, entries.values()));
    await context.finishPage(request, { state: 'done' }, found);
  }

  /** An entry and where its bytes are, unpacking again after a restart; undefined when the archive has it no more. */
  async entryOf(archiveId: number, archivePath: string, entry: number): Promise<ArchiveEntryFile | undefined> {
    return (await this.#entries(archiveId, archivePath)).get(entry);
  }

  /** After a kill an archive is listed while entries of it are asked for already: both wait for one unpacking. */
  #entries(archiveId: number, archivePath: string): Promise<Map<number, ArchiveEntryFile>> {
    let entries = this.#unpacked.get(archiveId);
    if (entries === undefined) {
      entries = this.#unpack(archiveId, archivePath).then((answer) => byIndex(answer.entries));
      this.#unpacked.set(archiveId, entries);
    }
    return entries;
  }
}

function* requestsOf(
  context: CrawlContext,
  archive: LedgerRequest,
  entries: Iterable<ArchiveEntryFile>,
): Generator<NewRequest | null> {
  const path = archive.url;
  for (const entry of entries) {
    // `excluded` are folders, links and devices, which are passed over in a folder too.
    if (entry.refused === 'excluded' || !mayBeImage(entry.name)) continue;
    const meta: RequestMeta = {
      ...passedOn(archive.meta),
      source: 'archive',
      root: path,
      archiveId: archive.id,
      entry: entry.index,
    };
    yield fileRequest(context, `${path}#${entry.index}:${entry.name}`, entry.name, meta);
  }
}

function byIndex(entries: readonly ArchiveEntryFile[]): Map<number, ArchiveEntryFile> {
  return new Map(entries.map((entry) => [entry.index, entry]));
}

/**
 * Hands a local file to the pipeline; the worker that opens it also copies and hashes it. What came out of an archive is
 * ours and on the store's disk: it is moved there, so that no archive takes its size twice.
 */
export async function importFile(
  context: CrawlContext,
  archives: UnpackedArchives,
  request: LedgerRequest,
): Promise<void> {
  const { meta } = request;
  let path = request.url;
  let stagedPath: string | null = null;
  if (meta.archiveId !== undefined && meta.entry !== undefined) {
    const entry = await archives.entryOf(meta.archiveId, meta.root ?? '', meta.entry);
    if (entry === undefined || entry.path === null) {
      await context.finishImage(request, settlementOf(entry?.refused ?? 'unreadable'));
      return;
    }
    path = entry.path;
    stagedPath = entry.path;
  }
  await context.pipeline.submit({
    request,
    path,
    stagedPath: stagedPath ?? context.blobStore.stagingPath(),
    sha256: null,
    origin: {
      source: meta.source,
      pageUrl: null,
      imageUrl: fileUrl(request),
      licence: null,
      creator: null,
      attribution: null,
      consent: '{"verdict":"allowed","signals":[]}',
      httpStatus: null,
      fetchedAt: Date.now(),
    },
  });
}

/** What becomes of an entry whose bytes the archive did not give. */
function settlementOf(refused: NonNullable<ArchiveEntryFile['refused']>): Settlement {
  if (refused === 'unreadable') {
    return { state: 'failed', reason: 'file-unreadable', detail: 'The archive is damaged where its bytes should be.' };
  }
  return { state: 'refused', reason: refused, detail: 'The archive holds it in a form or size that is not taken in.' };
}

/** The `file:` URL of a file; that of an entry is its archive's, with number and name of the entry as the fragment. */
function fileUrl({ url, meta }: LedgerRequest): string {
  if (meta.archiveId === undefined || meta.root === undefined) return pathToFileURL(url).href;
  const archive = pathToFileURL(meta.root);
  archive.hash = url.slice(meta.root.length + 1);
  return archive.href;
}

const ARCHIVE_NAME = /\.(zip|tar|tar\.gz|tgz)$/i;

/**
 * The first request of a local path.
 * @param expected what the user is told was expected there
 * @throws AppError `bad-request` when it is not there; the system's error when it may not be looked at
 */
export async function localSeed(path: string, expected = 'a folder, an image or an archive'): Promise<NewRequest> {
  const facts = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') throw error;
    throw new AppError('bad-request', `"${path}" does not exist. Expected ${expected}; check the path.`);
  });
  const common = { site: null, lane: 0, depth: 0 } as const;
  if (facts.isDirectory()) return { ...common, kind: 'folder', url: path, meta: { source: 'folder', root: path } };
  if (ARCHIVE_NAME.test(path))
    return { ...common, kind: 'archive', url: path, meta: { source: 'archive', root: path } };
  return {
    ...common,
    lane: 1,
    kind: 'file',
    url: path,
    meta: { source: 'folder', name: basename(path).slice(0, 255) },
  };
}
