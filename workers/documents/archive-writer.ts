/** Writes the entries of an archive as numbered files and keeps their rows, within the limits of one call. */

import { closeSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../../shared/errors.ts';
import type { TaskInput, TaskOutput } from '../tasks.ts';
import type { ArchiveEntryFile } from './types.ts';

type Refused = NonNullable<ArchiveEntryFile['refused']>;

/** Longest name that is kept, in characters. */
const MAX_NAME_LENGTH = 1024;
/** So much may be written before free space is looked at again: others write too. */
const SPACE_CHECK_BYTES = 16 * 1024 * 1024;
const JUNK = /(?:^|[/\\])(?:__MACOSX[/\\]|\._[^/\\]*$|\.DS_Store$|Thumbs\.db$|desktop\.ini$)/i;

export class EntryWriter {
  readonly #input: TaskInput<'unpack-archive'>;
  readonly #entryLimit: number;
  readonly #entries: ArchiveEntryFile[] = [];
  #index = 0;
  #writtenBytes = 0;
  /** What may be written before free space is looked at. */
  #roomBytes = 0;
  #isEnded = false;

  constructor(input: TaskInput<'unpack-archive'>, entryLimit: number) {
    this.#input = input;
    this.#entryLimit = entryLimit;
  }

  /** False when the archive need not be read further: the page is full, a limit was passed, or its end was reported. */
  get wantsMore(): boolean {
    if (this.#isEnded || this.#entries.length >= this.#input.maxEntries) return false;
    if (this.#index < this.#entryLimit) return true;
    this.refuse('', 'too-large', 0);
    this.#isEnded = true;
    return false;
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** Whether the next entry belongs to an earlier page; it is then counted and passed over. */
  skipsNext(): boolean {
    if (this.#index >= this.#input.fromEntry) return false;
    this.#index++;
    return true;
  }

  /** Nothing follows in the archive. */
  end(): void {
    this.#isEnded = true;
  }

  refuse(name: string, refused: Refused, sizeBytes: number): void {
    this.#entries.push({ index: this.#index++, name: shortName(name), path: null, refused, sizeBytes });
  }

  /** Why a regular file is refused before it is opened; null when it may be written. */
  refusalOf(name: string, declaredBytes: number): Refused | null {
    if (JUNK.test(name.slice(-MAX_NAME_LENGTH))) return 'excluded';
    if (declaredBytes > this.#input.maxEntryBytes) return 'too-large';
    return null;
  }

  /**
   * Writes one entry, stopping at its declared size; false when it was refused after all. A source that fails makes it `unreadable`; nothing of it stays.
   * @param check is called with all bytes written; false makes the entry unreadable
   * @throws AppError `disk-full` when too little would stay free; the system's error when it cannot be written
   */
  async write(
    name: string,
    declaredBytes: number,
    source: AsyncIterable<Uint8Array>,
    check?: EntryCheck,
  ): Promise<boolean> {
    if (this.#writtenBytes + declaredBytes > this.#input.maxTotalBytes) {
      this.refuse(name, 'too-large', declaredBytes);
      this.#isEnded = true;
      return false;
    }
    this.#requireRoom(declaredBytes);
    const path = join(this.#input.destination, `${this.#index}.bin`);
    const file = openSync(path, 'w', 0o600);
    let sizeBytes = 0;
    let refused: Refused | null = null;
    let problem: unknown = null;
    try {
      for await (const chunk of source) {
        sizeBytes += chunk.length;
        // The limits were checked against the declared size, so an entry that keeps to it keeps to them.
        if (sizeBytes > declaredBytes) {
          refused = 'unreadable';
          break;
        }
        check?.update(chunk);
        for (let written = 0; written < chunk.length; ) written += writeSync(file, chunk, written);
      }
      if (refused === null && check !== undefined && !check.isGood(sizeBytes)) refused = 'unreadable';
    } catch (error) {
      if (isOurProblem(error)) problem = error;
      refused = 'unreadable';
    } finally {
      closeSync(file);
    }
    if (refused !== null) rmSync(path, { force: true });
    if (problem !== null) throw problem;
    if (refused === null) {
      this.#writtenBytes += sizeBytes;
      this.#entries.push({ index: this.#index++, name: shortName(name), path, refused: null, sizeBytes });
    } else {
      this.refuse(name, refused, sizeBytes);
    }
    return refused === null;
  }

  #requireRoom(bytes: number): void {
    if (bytes > this.#roomBytes) {
      const { destination, minFreeBytes, path } = this.#input;
      const { bavail, bsize } = statfsSync(destination);
      const freeBytes = bavail * bsize;
      if (freeBytes < minFreeBytes + bytes) {
        const mebibytes = (count: number) => `${Math.ceil(count / 1024 / 1024).toLocaleString('en')} MiB`;
        throw new AppError(
          'disk-full',
          `Expected at least ${mebibytes(minFreeBytes + bytes)} free on the disk that holds ${destination} to go on ` +
            `unpacking ${path}, of which ${mebibytes(this.#writtenBytes)} are out, but ${mebibytes(freeBytes)} are. ` +
            'Free some space and resume.',
        );
      }
      this.#roomBytes = Math.max(bytes, Math.min(SPACE_CHECK_BYTES, freeBytes - minFreeBytes));
    }
    this.#roomBytes -= bytes;
  }

  answer(): TaskOutput<'unpack-archive'> {
    return { entries: this.#entries, nextEntry: this.#index, done: this.#isEnded };
  }
}

/** Disk full, no permission, missing folder: not the archive's fault. */
export function isOurProblem(error: unknown): boolean {
  return error instanceof AppError || typeof (error as { syscall?: unknown } | null)?.syscall === 'string';
}

export interface EntryCheck {
  update(chunk: Uint8Array): void;
  isGood(sizeBytes: number): boolean;
}

/** The end of a name tells more than its start: the file and its folder. */
function shortName(name: string): string {
  return name.slice(-MAX_NAME_LENGTH).toWellFormed();
}
