import { createHash, hash } from 'node:crypto';
import fs from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { AppError } from '../../shared/errors.ts';
import { type ArchiveEntry, readTar, readZip } from './archive-reader.ts';
import type { Counts } from './documents.ts';
import { increment } from './documents.ts';
import type { ArchiveKind } from './export-types.ts';
import { type ExportFormat, resolveFileName } from './formats.ts';
import { type ExpectedImage, readExpected, readPieces, readText } from './spool.ts';
import { SourceProblem } from './stored-file.ts';

/** A document as it was written. */
export interface ExpectedDocument {
  readonly name: string;
  readonly sha256: string;
  readonly sizeBytes: number;
  /** Whether it holds one row for each of its images. */
  readonly hasRows: boolean;
}

export interface CheckInput {
  /** The folder or the archive. */
  readonly path: string;
  readonly archive: ArchiveKind;
  readonly format: ExportFormat;
  /** A list of `expectedLine`s, in the order the images were written. */
  readonly expectedPath: string;
  readonly documents: readonly ExpectedDocument[];
  readonly counts: Counts;
  /** Whether the stored files were found whole before they were written: a difference is then not theirs. */
  readonly isVerified: boolean;
  /** After each image; may throw to stop. */
  readonly onImage: (images: number, bytes: number) => void;
}

const BUFFER_BYTES = 1024 * 1024;

/** Where a document's bytes are now. */
interface Place {
  readonly path: string;
  readonly offset: number;
  readonly sizeBytes: number;
}

/**
 * Opens what was written and compares it with what should be there: every file once and none besides, sizes, hashes,
 * the archive's own checksums; then every metadata row against its image, and the counts by label and split.
 * @throws SourceProblem when an image differs that was not verified; AppError `internal` saying what differs; the export
 *   must then not be used
 */
export function checkExport(input: CheckInput): void {
  try {
    const places = input.archive === 'none' ? checkFolder(input) : checkArchive(input);
    checkRows(input, places);
  } catch (error) {
    if (error instanceof AppError || (error as { code?: unknown }).code !== undefined) throw error;
    if (error instanceof SourceProblem && !input.isVerified) throw error;
    throw new AppError(
      'internal',
      `The export was written but did not pass its check: ${(error as Error).message} It was deleted; check the disk and export again.`,
      {
        cause: error,
      },
    );
  }
}

function checkFolder(input: CheckInput): Place[] {
  const { path: root, documents } = input;
  const buffer = Buffer.allocUnsafe(BUFFER_BYTES);
  const images = checkImages(input, ({ name, sha256, sizeBytes }) =>
    checkFile(join(root, name), name, sha256, sizeBytes, buffer),
  );
  for (const { name, sha256, sizeBytes } of documents) checkFile(join(root, name), name, sha256, sizeBytes, buffer);
  // All names are different and all are there: an equal number means that nothing else is.
  const found = countFiles(root);
  if (found !== images + documents.length)
    throw new Error(`Expected ${images + documents.length} files, but found ${found}.`);
  return documents.map(({ name, sizeBytes }) => ({ path: join(root, name), offset: 0, sizeBytes }));
}

/** @returns how many. @throws SourceProblem for the first that differs */
function checkImages({ expectedPath, onImage }: CheckInput, check: (image: ExpectedImage) => void): number {
  let images = 0;
  let bytes = 0;
  for (const expected of readExpected(expectedPath)) {
    try {
      check(expected);
    } catch (error) {
      if ((error as { code?: unknown }).code !== undefined) throw error;
      throw new SourceProblem((error as Error).message, { cause: error });
    }
    images += 1;
    bytes += expected.sizeBytes;
    onImage(images, bytes);
  }
  return images;
}

function checkFile(path: string, name: string, sha256: string, sizeBytes: number, buffer: Buffer): void {
  const fd = fs.openSync(path, 'r');
  try {
    const { size } = fs.fstatSync(fd);
    if (size !== sizeBytes) throw new Error(`Expected ${sizeBytes} bytes in "${name}", but found ${size}.`);
    checkBytes(fd, { name, offset: 0, sizeBytes, crc32: null }, sha256, buffer);
  } finally {
    fs.closeSync(fd);
  }
}

function checkArchive(input: CheckInput): Place[] {
  const { path, archive, documents } = input;
  const buffer = Buffer.allocUnsafe(BUFFER_BYTES);
  const places: Place[] = [];
  const fd = fs.openSync(path, 'r');
  try {
    const entries = archive === 'tar' ? readTar(fd) : readZip(fd);
    checkImages(input, ({ name, sha256, sizeBytes }) =>
      checkBytes(fd, nextEntry(entries, name, sizeBytes), sha256, buffer),
    );
    for (const { name, sha256, sizeBytes } of documents) {
      const entry = nextEntry(entries, name, sizeBytes);
      checkBytes(fd, entry, sha256, buffer);
      places.push({ path, offset: entry.offset, sizeBytes });
    }
    const surplus = entries.next();
    if (!surplus.done) throw new Error(`Expected the archive to end, but found "${surplus.value.name}".`);
    return places;
  } finally {
    fs.closeSync(fd);
  }
}

function nextEntry(entries: Generator<ArchiveEntry>, name: string, sizeBytes: number): ArchiveEntry {
  const { value, done } = entries.next();
  if (done) throw new Error(`Expected "${name}", but the archive ends.`);
  if (value.name !== name || value.sizeBytes !== sizeBytes) {
    throw new Error(`Expected "${name}" of ${sizeBytes} bytes, but found "${value.name}" of ${value.sizeBytes}.`);
  }
  return value;
}

function checkBytes(fd: number, entry: ArchiveEntry, sha256: string, buffer: Buffer): void {
  let crc = 0;
  let found: string;
  if (entry.sizeBytes <= buffer.length) {
    const [bytes = Buffer.alloc(0)] = readPieces(fd, entry.offset, entry.sizeBytes, buffer);
    if (entry.crc32 !== null) crc = crc32(bytes);
    found = hash('sha256', bytes);
  } else {
    const whole = createHash('sha256');
    for (const bytes of readPieces(fd, entry.offset, entry.sizeBytes, buffer)) {
      if (entry.crc32 !== null) crc = crc32(bytes, crc);
      whole.update(bytes);
    }
    found = whole.digest('hex');
  }
  if (found !== sha256)
    throw new Error(`Expected the SHA-256 ${sha256} of "${entry.name}", but its bytes have ${found}.`);
  if (entry.crc32 !== null && entry.crc32 !== crc)
    throw new Error(`Expected the checksum in the zip to fit "${entry.name}".`);
}

function checkRows({ documents, format, expectedPath, counts }: CheckInput, places: readonly Place[]): void {
  const byLabel = new Map<string, number>();
  const bySplit = new Map<string, number>();
  for (const [index, document] of documents.entries()) {
    if (!document.hasRows) continue;
    const { path, offset, sizeBytes } = places[index] as Place;
    const rows = format.readRows(readText(path, offset, sizeBytes));
    for (const image of readExpected(expectedPath)) {
      if (image.document !== index) continue;
      const { value: row, done } = rows.next();
      if (done) throw new Error(`Expected a row for ${image.sha256} in "${document.name}", but it ends.`);
      const isRight = row.sha256 === image.sha256 && resolveFileName(document.name, row.fileName) === image.name;
      if (!isRight)
        throw new Error(`Expected a row for ${image.sha256} in "${document.name}", but found one for ${row.sha256}.`);
      increment(byLabel, row.label ?? '');
      increment(bySplit, row.split ?? '');
    }
    if (!rows.next().done) throw new Error(`Expected "${document.name}" to hold one row for each of its images.`);
  }
  requireEqual('label', byLabel, counts.byLabel);
  requireEqual('split', bySplit, counts.bySplit);
}

function requireEqual(what: string, found: ReadonlyMap<string, number>, expected: ReadonlyMap<string, number>): void {
  for (const key of new Set([...found.keys(), ...expected.keys()])) {
    if (found.get(key) === expected.get(key)) continue;
    throw new Error(
      `Expected ${expected.get(key) ?? 0} rows of the ${what} "${key}", but found ${found.get(key) ?? 0}.`,
    );
  }
}

function countFiles(folder: string): number {
  let count = 0;
  const handle = fs.opendirSync(folder);
  try {
    for (let entry = handle.readSync(); entry !== null; entry = handle.readSync()) {
      count += entry.isDirectory() ? countFiles(join(folder, entry.name)) : 1;
    }
  } finally {
    handle.closeSync();
  }
  return count;
}
