import { stat } from 'node:fs/promises';
import type { BlobState, BlobStore } from './blob-store.ts';
import { errorCode } from './durable-file.ts';
import { bounded } from './store-io.ts';

/** What is wrong with one file or one row, and what mends it without losing anything. */
export type StoreFinding =
  /** A row refers to it; its URL may give it again. */
  | { readonly kind: 'missing'; readonly sha256: string; readonly repair: 'fetch-again' }
  /** Its bytes no longer hash to its name. */
  | { readonly kind: 'corrupt'; readonly sha256: string; readonly repair: 'quarantine' }
  /** No row refers to it. */
  | { readonly kind: 'orphan'; readonly sha256: string; readonly repair: 'trash' }
  /** Under the store's root, but no blob: not ours, so it is only reported. */
  | { readonly kind: 'stray'; readonly path: string; readonly repair: 'none' };

export interface ScrubOptions {
  readonly store: BlobStore;
  /** Batches of hashes that rows refer to, in any order. */
  readonly knownHashes: AsyncIterable<readonly string[]>;
  /** The subset of these hashes that rows refer to. */
  readonly hasRow: (sha256s: readonly string[]) => Promise<ReadonlySet<string>>;
  /**
   * What is read and hashed; the rest is only looked for. `{share, of}` is part `share` (0 to `of` - 1) of `of` equal
   * parts of the store, so that `of` runs read all of it; a share of 1/30 a day is the usual pace.
   */
  readonly rehash: { readonly share: number; readonly of: number } | 'all' | 'none';
  /** Younger files (by change time) are no orphans yet: their rows may be on the way. Default one hour. */
  readonly orphanMinAgeMs?: number;
  readonly signal?: AbortSignal;
  /** Called as they are found, so that memory stays bounded. */
  readonly onFinding: (finding: StoreFinding) => void | Promise<void>;
  /** Known hashes looked for so far. */
  readonly onProgress?: (checked: number) => void;
}

export interface ScrubSummary {
  /** Known hashes looked for. */
  readonly checked: number;
  /** Of these, read and hashed. */
  readonly rehashed: number;
  readonly missing: number;
  readonly corrupt: number;
  readonly orphans: number;
  readonly strays: number;
}

const HOUR_MS = 3_600_000;
const BATCH = 500;
/** Files looked at together: some are hashed while the disk gets the next. */
const READERS = 4;

/**
 * Compares the store with the rows, both ways, and re-hashes a share of it. Changes nothing.
 * @throws whatever `signal` was aborted with
 */
export async function scrubStore(options: ScrubOptions): Promise<ScrubSummary> {
  const { store, rehash, signal, onFinding, onProgress } = options;
  const summary = { checked: 0, rehashed: 0, missing: 0, corrupt: 0, orphans: 0, strays: 0 };
  for await (const batch of options.knownHashes) {
    await bounded(batch, READERS, async (sha256) => {
      signal?.throwIfAborted();
      const state = await look(store, sha256, isInShare(sha256, rehash), summary);
      if (state === 'missing') {
        summary.missing += 1;
        await onFinding({ kind: 'missing', sha256, repair: 'fetch-again' });
      } else if (state === 'corrupt') {
        summary.corrupt += 1;
        await onFinding({ kind: 'corrupt', sha256, repair: 'quarantine' });
      }
    });
    summary.checked += batch.length;
    onProgress?.(summary.checked);
  }
  await findOrphans(options, summary);
  return summary;
}

/**
 * Does what a finding's `repair` says, where that is safe: corrupt blobs go to quarantine, orphans to the trash.
 * `fetch-again` and `none` are left to the caller.
 * @returns whether anything was done
 */
export async function repairFinding(store: BlobStore, finding: StoreFinding): Promise<boolean> {
  switch (finding.kind) {
    case 'corrupt':
      return store.quarantine(finding.sha256);
    case 'orphan':
      return (await store.trashMany([finding.sha256])) === 1;
    case 'missing':
    case 'stray':
      return false;
  }
}

type Counts = { -readonly [K in keyof ScrubSummary]: ScrubSummary[K] };

async function look(store: BlobStore, sha256: string, isRead: boolean, summary: Counts): Promise<BlobState> {
  if (!isRead) return (await store.has(sha256)) ? 'ok' : 'missing';
  const state = await store.verify(sha256);
  if (state !== 'missing') summary.rehashed += 1;
  return state;
}

/** Hashes are uniform, so a remainder of their first 32 bits cuts the store into equal parts. */
function isInShare(sha256: string, rehash: ScrubOptions['rehash']): boolean {
  if (rehash === 'all') return true;
  if (rehash === 'none') return false;
  return Number.parseInt(sha256.slice(0, 8), 16) % rehash.of === rehash.share;
}

async function findOrphans(options: ScrubOptions, summary: Counts): Promise<void> {
  const { store, hasRow, signal, onFinding, orphanMinAgeMs = HOUR_MS } = options;
  const oldest = Date.now() - orphanMinAgeMs;
  const report = async (batch: readonly { readonly sha256: string; readonly path: string }[]) => {
    signal?.throwIfAborted();
    const known = await hasRow(batch.map(({ sha256 }) => sha256));
    for (const { sha256, path } of batch) {
      if (known.has(sha256) || (await changedAtMs(path)) > oldest) continue;
      summary.orphans += 1;
      await onFinding({ kind: 'orphan', sha256, repair: 'trash' });
    }
  };
  let batch: { sha256: string; path: string }[] = [];
  for await (const { sha256, path } of store.list()) {
    if (sha256 === null) {
      summary.strays += 1;
      await onFinding({ kind: 'stray', path, repair: 'none' });
      continue;
    }
    batch.push({ sha256, path });
    if (batch.length === BATCH) {
      await report(batch);
      batch = [];
    }
  }
  if (batch.length > 0) await report(batch);
}

/** A rename into the store sets the change time. Infinity when the file went away meanwhile. */
async function changedAtMs(path: string): Promise<number> {
  try {
    return (await stat(path)).ctimeMs;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return Number.POSITIVE_INFINITY;
    throw error;
  }
}
