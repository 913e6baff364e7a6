/** The store's files as an export reads them. */

import fs from 'node:fs';
import type { StoredFileProblem } from './export-types.ts';
import { hashFileSync } from './spool.ts';

/** A stored file is not what its row says, or cannot be read; what has been written of it is of no use. */
export class SourceProblem extends Error {}

/** Reads a stored file from its beginning to its end and says what is wrong with it; null when nothing is. */
export function findProblem(path: string, expectedSha256: string, expectedBytes: number): StoredFileProblem | null {
  try {
    if (fs.statSync(path).size !== expectedBytes) return 'file-damaged';
    return hashFileSync(path).sha256 === expectedSha256 ? null : 'file-damaged';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'file-missing' : 'file-unreadable';
  }
}

/**
 * Reads a file to its end by calling `readSome` with what remains; it reads by `readSource`.
 * @throws SourceProblem when it is absent, cannot be read, or its size is not `sizeBytes`
 */
export function readWholeFile(
  path: string,
  sizeBytes: number,
  readSome: (fd: number, remaining: number) => number,
): void {
  const fd = asSource(path, () => fs.openSync(path, 'r'));
  try {
    const { size } = fs.fstatSync(fd);
    let remaining = size === sizeBytes ? sizeBytes : -1;
    while (remaining > 0) {
      const length = readSome(fd, remaining);
      if (length === 0) remaining = -1;
      else remaining -= length;
    }
    if (remaining < 0) throw new SourceProblem(`Expected ${sizeBytes} bytes in ${path}, but it holds ${size}.`);
  } finally {
    fs.closeSync(fd);
  }
}

/** The next bytes of a stored file. @returns how many. @throws SourceProblem when the system cannot read them */
export function readSource(fd: number, buffer: Buffer, offset: number, length: number): number {
  return asSource('a stored file', () => fs.readSync(fd, buffer, offset, length, null));
}

function asSource<T>(what: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw new SourceProblem(`Could not read ${what}: ${(cause as Error).message}`, { cause });
  }
}
