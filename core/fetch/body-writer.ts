/**
 * Receives a body, hashes it, and leaves it in memory or in a new file. Small bodies (nearly all) are collected and then
 * hashed and written in one go; larger ones are streamed to disk so that memory does not grow with them.
 */

import { createHash, type Hash, hash } from 'node:crypto';
import { close, open, unlink, write, writeFile } from 'node:fs';
import { giveBuffer, takeBuffer } from './buffer-pool.ts';

/** Bodies up to this size are collected. */
const COLLECT_BYTES = 1024 * 1024;
/** The source is paused while this much waits to be written. */
const HIGH_WATER_BYTES = 1024 * 1024;

export interface StoredBody {
  readonly sizeBytes: number;
  /** Lower-case hex. */
  readonly sha256: string;
  /** The body; null when it is in a file. */
  readonly body: Uint8Array | null;
}

/** Makes a file with `wx`; what exists already is an error and stays untouched. */
function createFile(path: string, body: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    writeFile(path, body, { flag: 'wx' }, (error) => {
      if (error === null) resolve();
      else if (error.code === 'EEXIST') reject(error);
      else unlink(path, () => reject(error));
    });
  });
}

export class BodyWriter {
  readonly #path: string | null;
  readonly #onDrain: () => void;
  readonly #onError: (error: Error) => void;
  /** Where a body of announced length is gathered without a second copy; null otherwise. */
  #whole: Buffer | null = null;
  /** How much of it the body was announced to take. */
  readonly #announcedBytes: number;
  #chunks: Uint8Array[] = [];
  #sizeBytes = 0;
  #spill: FileSpill | null = null;

  /**
   * @param path of the file to make; null keeps the body in memory
   * @param announcedBytes from Content-Length when the body is not encoded; -1 when unknown
   * @param onDrain called when a paused source may go on
   * @param onError called at most once, when the disk fails
   */
  constructor(path: string | null, announcedBytes: number, onDrain: () => void, onError: (error: Error) => void) {
    this.#path = path;
    this.#onDrain = onDrain;
    this.#onError = onError;
    this.#announcedBytes = announcedBytes;
    if (announcedBytes > 0 && path === null) this.#whole = Buffer.allocUnsafeSlow(announcedBytes);
    else if (announcedBytes > 0 && announcedBytes <= COLLECT_BYTES) this.#whole = takeBuffer(announcedBytes);
  }

  /** @returns false when the source should pause until `onDrain` */
  write(chunk: Uint8Array): boolean {
    const start = this.#sizeBytes;
    this.#sizeBytes = start + chunk.length;
    if (this.#whole !== null) {
      if (this.#sizeBytes <= this.#announcedBytes) {
        this.#whole.set(chunk, start);
        return true;
      }
      this.#chunks.push(this.#whole.subarray(0, start));
      this.#whole = null;
    }
    if (this.#spill !== null) return this.#spill.write(chunk);
    this.#chunks.push(chunk);
    if (this.#path === null || this.#sizeBytes <= COLLECT_BYTES) return true;
    this.#spill = new FileSpill(this.#path, this.#onDrain, this.#onError);
    let flowing = true;
    for (const each of this.#chunks) flowing = this.#spill.write(each);
    this.#chunks = [];
    return flowing;
  }

  /** Everything has been written. Rejects with the file system's error; then no file is left. */
  async finish(): Promise<StoredBody> {
    if (this.#spill !== null) {
      return { sizeBytes: this.#sizeBytes, sha256: await this.#spill.finish(), body: null };
    }
    const body = this.#collected();
    const sha256 = hash('sha256', body);
    if (this.#path === null) return { sizeBytes: body.length, sha256, body };
    await createFile(this.#path, body);
    if (this.#whole !== null) giveBuffer(this.#whole);
    return { sizeBytes: body.length, sha256, body: null };
  }

  /** Gives up; resolves when no file is left. */
  async discard(): Promise<void> {
    this.#chunks = [];
    this.#whole = null;
    await this.#spill?.discard();
  }

  #collected(): Buffer {
    if (this.#whole !== null) return this.#whole.subarray(0, this.#sizeBytes);
    // Copied even when there is one chunk: it is a view of a 64 KiB socket buffer.
    return Buffer.concat(this.#chunks, this.#sizeBytes);
  }
}

/** One file being written in order, hashed on the way. */
class FileSpill {
  readonly #path: string;
  readonly #hash: Hash = createHash('sha256');
  readonly #onDrain: () => void;
  readonly #onError: (error: Error) => void;
  readonly #queue: Uint8Array[] = [];
  #queuedBytes = 0;
  #fd: number | null = null;
  #created = false;
  #busy = true;
  #ended = false;
  #paused = false;
  #error: Error | null = null;
  #idle: (() => void) | null = null;

  constructor(path: string, onDrain: () => void, onError: (error: Error) => void) {
    this.#path = path;
    this.#onDrain = onDrain;
    this.#onError = onError;
    open(path, 'wx', (error, fd) => {
      this.#busy = false;
      if (error === null) {
        this.#fd = fd;
        this.#created = true;
        this.#next();
      } else {
        this.#fail(error);
      }
    });
  }

  write(chunk: Uint8Array): boolean {
    if (this.#error !== null || this.#ended) return true;
    this.#hash.update(chunk);
    this.#queue.push(chunk);
    this.#queuedBytes += chunk.length;
    if (!this.#busy) this.#next();
    this.#paused = this.#queuedBytes >= HIGH_WATER_BYTES;
    return !this.#paused;
  }

  async finish(): Promise<string> {
    await this.#settled();
    this.#ended = true;
    await this.#close();
    if (this.#error !== null) {
      await this.#remove();
      throw this.#error;
    }
    return this.#hash.digest('hex');
  }

  async discard(): Promise<void> {
    this.#ended = true;
    this.#queue.length = 0;
    await this.#settled();
    await this.#close();
    await this.#remove();
  }

  #next(): void {
    const chunk = this.#queue.shift();
    if (chunk === undefined || this.#error !== null) {
      this.#idle?.();
      return;
    }
    this.#busy = true;
    this.#writeAll(chunk, 0);
  }

  #writeAll(chunk: Uint8Array, offset: number): void {
    write(this.#fd!, chunk, offset, chunk.length - offset, null, (error, written) => {
      if (error !== null) {
        this.#busy = false;
        this.#fail(error);
        return;
      }
      if (offset + written < chunk.length) {
        this.#writeAll(chunk, offset + written);
        return;
      }
      this.#busy = false;
      this.#queuedBytes -= chunk.length;
      if (this.#paused && this.#queuedBytes < HIGH_WATER_BYTES / 2) {
        this.#paused = false;
        this.#onDrain();
      }
      if (!this.#busy) this.#next();
    });
  }

  #fail(error: Error): void {
    this.#error = error;
    this.#queue.length = 0;
    this.#idle?.();
    this.#onError(error);
  }

  /** Resolves when nothing is being written and nothing waits. */
  #settled(): Promise<void> {
    if (!this.#busy && (this.#queue.length === 0 || this.#error !== null)) return Promise.resolve();
    return new Promise((resolve) => {
      this.#idle = resolve;
    });
  }

  #close(): Promise<void> {
    const fd = this.#fd;
    this.#fd = null;
    if (fd === null) return Promise.resolve();
    return new Promise((resolve) => {
      close(fd, (error) => {
        if (error) this.#error ??= error;
        resolve();
      });
    });
  }

  #remove(): Promise<void> {
    if (!this.#created) return Promise.resolve();
    return new Promise((resolve) => unlink(this.#path, () => resolve()));
  }
}
