/**
 * Names of blobs that are about to enter the store, so that a core that dies between the rename and the commit leaves
 * no orphan behind: the next start reads the names and removes what no row refers to. Not synced: after a power loss
 * the worst case is an orphan that `doctor` finds.
 */

import { closeSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';

/** Longer journals are emptied as soon as nothing is between rename and commit. */
const MAX_BYTES = 1024 * 1024;

export class AdoptionJournal {
  readonly #path: string;
  #file: number | null = null;
  #sizeBytes = 0;
  #open = 0;

  constructor(path: string) {
    this.#path = path;
  }

  /** The names a core that died left behind, each once. */
  read(): string[] {
    try {
      const lines = readFileSync(this.#path, 'latin1').split('\n');
      return [...new Set(lines.filter((line) => /^[0-9a-f]{64}$/.test(line)))];
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
  }

  /** Writes names down before their files are renamed. */
  begin(sha256s: readonly string[]): void {
    this.#open++;
    if (sha256s.length === 0) return;
    this.#file ??= openSync(this.#path, 'a', 0o600);
    this.#sizeBytes += writeSync(this.#file, `${sha256s.join('\n')}\n`);
  }

  /** What was begun is committed, or its files are gone. */
  end(): void {
    this.#open--;
    if (this.#open === 0 && this.#sizeBytes > MAX_BYTES) this.clear();
  }

  /** Forgets every name; only when nothing is between rename and commit. */
  clear(): void {
    this.#file ??= openSync(this.#path, 'a', 0o600);
    ftruncateSync(this.#file);
    this.#sizeBytes = 0;
  }

  close(): void {
    if (this.#file !== null) closeSync(this.#file);
    this.#file = null;
  }
}
