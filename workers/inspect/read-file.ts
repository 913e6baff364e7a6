/** Reading one file once, bounded, and keeping a hashed copy of exactly the bytes that were read. */

import { hash } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import type { Failure, Refusal } from '../../shared/vocabulary.ts';

/** The bytes of a file, or why there are none. */
export type ReadOutcome =
  | { readonly bytes: Buffer; readonly sizeBytes: number }
  | {
      readonly bytes: null;
      readonly reason: Failure | Refusal;
      readonly detail: string | null;
      readonly sizeBytes: number;
    };

/** Reads files into one buffer that grows with the largest of them, up to a limit, and is lent to one reader at a time. */
export class FileReader {
  static readonly #keptBytes = 8 * 1024 * 1024;
  #spare: Buffer | null = null;

  /** Reads a regular file of at most `maxBytes`. Never throws because of the file. Give the bytes back with `release`. */
  read(path: string, maxBytes: number): ReadOutcome {
    let descriptor: number;
    try {
      // Without O_NONBLOCK, opening a pipe would wait for its writer.
      descriptor = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      const missing = code === 'ENOENT' || code === 'ENOTDIR';
      return {
        bytes: null,
        reason: missing ? 'file-missing' : 'file-unreadable',
        detail: missing ? null : message,
        sizeBytes: 0,
      };
    }
    try {
      const stat = fstatSync(descriptor);
      if (!stat.isFile()) {
        return { bytes: null, reason: 'file-unreadable', detail: 'not a regular file', sizeBytes: 0 };
      }
      if (stat.size > maxBytes) {
        const detail = `${stat.size} bytes, ${maxBytes} allowed`;
        return { bytes: null, reason: 'too-large', detail, sizeBytes: stat.size };
      }
      const buffer = this.#take(stat.size);
      let length = 0;
      while (length < stat.size) {
        const count = readSync(descriptor, buffer, length, stat.size - length, length);
        if (count === 0) break;
        length += count;
      }
      if (length === 0) return { bytes: null, reason: 'empty-file', detail: null, sizeBytes: 0 };
      return { bytes: buffer.subarray(0, length), sizeBytes: length };
    } catch (error) {
      return { bytes: null, reason: 'file-unreadable', detail: (error as Error).message, sizeBytes: 0 };
    } finally {
      closeSync(descriptor);
    }
  }

  /** Takes back the bytes of a reading; they must not be used any more. */
  release(bytes: Buffer): void {
    if (bytes.buffer.byteLength <= FileReader.#keptBytes && bytes.byteOffset === 0)
      this.#spare = Buffer.from(bytes.buffer);
  }

  #take(sizeBytes: number): Buffer {
    const spare = this.#spare;
    if (spare !== null && spare.length >= sizeBytes) {
      this.#spare = null;
      return spare;
    }
    const rounded = sizeBytes > FileReader.#keptBytes ? sizeBytes : 1 << (32 - Math.clz32(Math.max(sizeBytes, 0xffff)));
    return Buffer.allocUnsafeSlow(rounded);
  }
}

/**
 * Writes bytes to a new file and says what they hash to. The caller makes the file durable.
 *
 * @returns SHA-256, lower-case hex
 * @throws the error of the file system (ENOSPC, EEXIST, …): that is no fault of the picture; nothing is left behind
 */
export function copyHashed(bytes: Buffer, copyTo: string): string {
  const descriptor = openSync(copyTo, 'wx');
  let complete = false;
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at, bytes.length - at);
    complete = true;
  } finally {
    closeSync(descriptor);
    if (!complete) unlinkSync(copyTo);
  }
  return hash('sha256', bytes, 'hex');
}
