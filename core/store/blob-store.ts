/** A file that was written to a path of `stagingPath()` and closed; its bytes hash to `sha256`. */
export interface StagedBlob {
  readonly stagingPath: string;
  /** 64 lower-case hexadecimal digits. */
  readonly sha256: string;
  readonly sizeBytes: number;
}

/** A file of the user's whose bytes hashed to `sha256` a moment ago. It is only ever read. */
export interface LinkableFile {
  /** Absolute. */
  readonly sourcePath: string;
  readonly sha256: string;
  readonly sizeBytes: number;
}

/**
 * How a local file came into the store:
 * - `reflink`: shares blocks until either side changes
 * - `hard-link`: the same file under a second name; if the user edits it in place, `verify` says `corrupt`
 * - `copy`: the source is on another file system
 * - `present`: the content was in the store already
 * - `changed`: nothing was stored, its bytes are no longer those that were hashed
 * - `missing`: nothing was stored, it cannot be read any more
 */
export type LinkOutcome = 'reflink' | 'hard-link' | 'copy' | 'present' | 'changed' | 'missing';

/** `ok` when the bytes still hash to their name. */
export type BlobState = 'ok' | 'missing' | 'corrupt';

/** One file found under the store's root. */
export interface StoredFile {
  /** null for a file that is not a blob under its right name. */
  readonly sha256: string | null;
  readonly path: string;
}

/**
 * Content-addressed originals, never modified. A blob that exists is whole: nothing is ever written under a final name.
 * Every method may throw AppError `unavailable` (the store's disk is away or fails) or `disk-full`.
 */
export interface BlobStore {
  /** A path for a new file, unique for ever, on the store's file system. The file is not made. */
  stagingPath(): string;
  /**
   * Moves staged files into the store. After it resolves every one of them is durable, so that rows may refer to them.
   * If it rejects, none may be referred to: some may be in the store as orphans, and those whose bytes could not be
   * made durable are deleted; a failed fsync is final. Content that is there already is stored once.
   */
  adoptMany(blobs: readonly StagedBlob[]): Promise<void>;
  /** Takes local files in without moving them; outcomes are in the order of `files`, and durability is as above. */
  linkMany(files: readonly LinkableFile[]): Promise<LinkOutcome[]>;
  /** Where a blob is or would be. @throws AppError `bad-request` for anything but 64 lower-case hexadecimal digits */
  pathOf(sha256: string): string;
  has(sha256: string): Promise<boolean>;
  /** Moves blobs to today's trash (UTC). Remove the rows first. Absent ones are ignored; the result counts the moved. */
  trashMany(sha256s: readonly string[]): Promise<number>;
  /** Deletes for good what has been in the trash for longer; the result counts the files. */
  emptyTrash(olderThanMs: number): Promise<number>;
  /** Sets a blob aside whose bytes are wrong, where nothing deletes it by itself. False when it is absent. */
  quarantine(sha256: string): Promise<boolean>;
  /** Everything stored, blobs in ascending order of their hash; memory stays bounded. */
  list(): AsyncIterable<StoredFile>;
  /** Reads and hashes the whole blob. */
  verify(sha256: string): Promise<BlobState>;
  /**
   * Deletes what was left in staging.
   * @param olderThanMs default 0: everything; a running crawl's files are among them
   */
  clearStaging(olderThanMs?: number): Promise<number>;
}
