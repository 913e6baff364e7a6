/**
 * What is open right now, in a file of its own: items are written down before something is done with them, and crossed
 * out when its outcome is durable elsewhere. What a core that died leaves open is what the next one must look at.
 *
 * Appended without syncing: a kill loses nothing, and after a power loss the worst that can be missing is a suspicion or
 * the name of an orphan that `doctor` finds. That is what spares the database a transaction for each batch.
 */

import { closeSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';

/** A longer journal is emptied as soon as nothing is open. */
const MAX_BYTES = 1024 * 1024;

export class OpenJournal {
  readonly #path: string;
  #file: number | null = null;
  #sizeBytes = 0;
  #nextId = 1;
  readonly #open = new Set<number>();

  /** @param path made when it is first needed */
  constructor(path: string) {
    this.#path = path;
  }

  /** Items that were begun and not ended, each once; for the start of a core, before the first `begin`. */
  readLeftOpen(): string[] {
    let text: string;
    try {
      text = readFileSync(this.#path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
    const open = new Map<string, string[]>();
    // A line cut short by the kill has no line feed behind it; its items were not touched yet.
    for (const line of text.split('\n').slice(0, -1)) {
      const [mark, id = '', ...items] = line.split(' ');
      if (mark === 'begin') open.set(id, items);
      else if (mark === 'end') open.delete(id);
    }
    return [...new Set([...open.values()].flat())];
  }

  /** Writes items (without blanks) down. @returns what `end` wants */
  begin(items: readonly string[]): number {
    if (items.length === 0) return 0;
    const id = this.#nextId++;
    this.#open.add(id);
    this.#append(`begin ${id} ${items.join(' ')}\n`);
    return id;
  }

  /** The outcome of a `begin` is durable, or nothing was done. Ending twice changes nothing. */
  end(id: number): void {
    if (!this.#open.delete(id)) return;
    if (this.#open.size === 0 && this.#sizeBytes > MAX_BYTES) this.clear();
    else this.#append(`end ${id}\n`);
  }

  #append(line: string): void {
    this.#file ??= openSync(this.#path, 'a', 0o600);
    this.#sizeBytes += writeSync(this.#file, line);
  }

  /** Forgets everything; only while nothing is open. */
  clear(): void {
    this.#file ??= openSync(this.#path, 'a', 0o600);
    ftruncateSync(this.#file);
    this.#sizeBytes = 0;
  }

  close(): void {
    if (this.#file === null) return;
    if (this.#open.size === 0) this.clear();
    closeSync(this.#file);
    this.#file = null;
  }
}
