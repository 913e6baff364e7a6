import fs from 'node:fs';
import { readSource, readWholeFile } from './stored-file.ts';

/** Large enough that a system call's cost vanishes, small enough to stay in the processor's cache. */
const BUFFER_BYTES = 4 * 1024 * 1024;

/** A new file written in large pieces. File contents are read straight into its buffer: one copy in, one out. */
export class OutputFile {
  readonly #fd: number;
  readonly #buffer: Buffer;
  #used = 0;
  #flushed = 0;
  #isOpen = true;

  /** @throws the system's error when the file exists */
  constructor(path: string, bufferBytes = BUFFER_BYTES) {
    this.#fd = fs.openSync(path, 'wx', 0o644);
    this.#buffer = Buffer.allocUnsafeSlow(bufferBytes);
  }

  /** Bytes written so far. */
  get position(): number {
    return this.#flushed + this.#used;
  }

  /** The next `size` bytes, zeroed, to be filled before anything else is written; at most a few kilobytes. */
  reserve(size: number): Buffer {
    if (this.#used + size > this.#buffer.length) this.flush();
    const piece = this.#buffer.subarray(this.#used, this.#used + size);
    piece.fill(0);
    this.#used += size;
    return piece;
  }

  /** Makes room, so that the next `size` bytes stay in memory together. False when they cannot. */
  keepTogether(size: number): boolean {
    if (size > this.#buffer.length) return false;
    if (this.#used + size > this.#buffer.length) this.flush();
    return true;
  }

  /** As UTF-8. */
  writeText(text: string): void {
    // Three bytes a UTF-16 unit at most: what surely fits is encoded in place, which leaves nothing to be collected.
    if (!this.keepTogether(text.length * 3)) this.writeBytes(Buffer.from(text));
    else this.#used += this.#buffer.write(text, this.#used);
  }

  writeBytes(bytes: Uint8Array): void {
    for (let start = 0; start < bytes.length; ) {
      if (this.#used === this.#buffer.length) this.flush();
      const length = Math.min(bytes.length - start, this.#buffer.length - this.#used);
      this.#buffer.set(bytes.subarray(start, start + length), this.#used);
      this.#used += length;
      start += length;
    }
  }

  /**
   * Appends a whole file. Its bytes are handed to `onBytes` piece by piece while they lie in the buffer; after
   * `keepTogether` there is one piece.
   * @throws SourceProblem when it is missing, cannot be read or has another size
   */
  appendFile(path: string, sizeBytes: number, onBytes?: (bytes: Buffer) => void): void {
    readWholeFile(path, sizeBytes, (fd, remaining) => {
      if (this.#used === this.#buffer.length) this.flush();
      const start = this.#used;
      const length = readSource(fd, this.#buffer, start, Math.min(remaining, this.#buffer.length - start));
      onBytes?.(this.#buffer.subarray(start, start + length));
      this.#used += length;
      return length;
    });
  }

  flush(): void {
    for (let start = 0; start < this.#used; ) {
      const written = fs.writeSync(this.#fd, this.#buffer, start, this.#used - start);
      start += written;
      this.#flushed += written;
    }
    this.#used = 0;
  }

  /** Writes what is left and closes. */
  finish(): void {
    this.flush();
    this.abandon();
  }

  /** Writes what is left at once; the promise is kept when the disk has it, and the file is closed. */
  finishDurably(): Promise<void> {
    this.flush();
    this.#isOpen = false;
    const fd = this.#fd;
    return new Promise((resolve, reject) => {
      fs.fsync(fd, (error) => {
        fs.closeSync(fd);
        if (error === null) resolve();
        else reject(error);
      });
    });
  }

  /** Closes without writing what is left. */
  abandon(): void {
    if (this.#isOpen) fs.closeSync(this.#fd);
    this.#isOpen = false;
  }
}
