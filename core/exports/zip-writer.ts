import fs from 'node:fs';
import { crc32 } from 'node:zlib';
import type { EntryWriter } from './entry-writer.ts';
import { OutputFile } from './output-file.ts';
import { readSource, readWholeFile } from './stored-file.ts';

const LOCAL_BYTES = 30;
const CENTRAL_BYTES = 46;
const MAX_32 = 0xffffffff;
const MAX_16 = 0xffff;
/** Bit 11: names are UTF-8. */
const FLAGS = 0x0800;
const VERSION = 20;
const VERSION_ZIP64 = 45;
/** 1980-01-01, the earliest a zip can say, so that equal files make equal archives. */
const DOS_DATE = (1 << 5) | 1;
/** Made by Unix, so that readers take the mode 0644 below. */
const MADE_BY_UNIX = 3 << 8;
const MODE = (0o100644 << 16) >>> 0;
const READ_BYTES = 1024 * 1024;

/** PKWARE APPNOTE 6.3: method store, zip64 where a size, an offset or a count asks for it. Images are compressed already. */
export class ZipWriter implements EntryWriter {
  readonly #output: OutputFile;
  /** The directory goes to a file of its own until its end is known: at a million entries it is too large to hold. */
  readonly #directory: OutputFile;
  readonly #directoryPath: string;
  #count = 0;

  /** @param directoryPath a file that does not exist; removed at the end */
  constructor(path: string, directoryPath: string) {
    this.#output = new OutputFile(path);
    this.#directory = new OutputFile(directoryPath, 1024 * 1024);
    this.#directoryPath = directoryPath;
  }

  add(name: string, sourcePath: string, sizeBytes: number): void {
    const nameBytes = Buffer.from(name);
    const isLarge = sizeBytes >= MAX_32;
    const headBytes = LOCAL_BYTES + nameBytes.length + (isLarge ? 20 : 0);
    let crc = 0;
    // A small file's checksum is taken where it lies and its header is filled in behind; a large one is read twice.
    const isTogether = this.#output.keepTogether(headBytes + sizeBytes);
    const offset = this.#output.position;
    if (!isTogether) crc = crcOfFile(sourcePath, sizeBytes);
    const head = this.#output.reserve(headBytes);
    if (!isTogether) fillLocal(head, nameBytes, crc, sizeBytes);
    this.#output.appendFile(
      sourcePath,
      sizeBytes,
      isTogether
        ? (bytes) => {
            crc = crc32(bytes, crc);
          }
        : undefined,
    );
    if (isTogether) fillLocal(head, nameBytes, crc, sizeBytes);
    this.#central(nameBytes, crc, sizeBytes, offset);
  }

  addSpooled(name: string, sourcePath: string, sizeBytes: number): void {
    this.add(name, sourcePath, sizeBytes);
  }

  finish(): Promise<void> {
    const directoryBytes = this.#directory.position;
    const directoryOffset = this.#output.position;
    this.#directory.finish();
    this.#output.appendFile(this.#directoryPath, directoryBytes);
    fs.rmSync(this.#directoryPath);
    this.#end(directoryOffset, directoryBytes);
    return this.#output.finishDurably();
  }

  abandon(): void {
    this.#output.abandon();
    this.#directory.abandon();
  }

  #central(nameBytes: Buffer, crc: number, sizeBytes: number, offset: number): void {
    const wide: number[] = [];
    if (sizeBytes >= MAX_32) wide.push(sizeBytes, sizeBytes);
    if (offset >= MAX_32) wide.push(offset);
    const extraBytes = wide.length === 0 ? 0 : 4 + 8 * wide.length;
    const record = this.#directory.reserve(CENTRAL_BYTES + nameBytes.length + extraBytes);
    const version = wide.length === 0 ? VERSION : VERSION_ZIP64;
    record.writeUInt32LE(0x02014b50, 0);
    record.writeUInt16LE(MADE_BY_UNIX | version, 4);
    record.writeUInt16LE(version, 6);
    record.writeUInt16LE(FLAGS, 8);
    record.writeUInt16LE(DOS_DATE, 14);
    record.writeUInt32LE(crc, 16);
    record.writeUInt32LE(Math.min(sizeBytes, MAX_32), 20);
    record.writeUInt32LE(Math.min(sizeBytes, MAX_32), 24);
    record.writeUInt16LE(nameBytes.length, 28);
    record.writeUInt16LE(extraBytes, 30);
    record.writeUInt32LE(MODE, 38);
    record.writeUInt32LE(Math.min(offset, MAX_32), 42);
    record.set(nameBytes, CENTRAL_BYTES);
    if (extraBytes > 0) fillZip64(record.subarray(CENTRAL_BYTES + nameBytes.length), wide);
    this.#count += 1;
  }

  #end(directoryOffset: number, directoryBytes: number): void {
    const count = this.#count;
    if (count >= MAX_16 || directoryBytes >= MAX_32 || directoryOffset >= MAX_32) {
      const endOffset = this.#output.position;
      const record = this.#output.reserve(56 + 20);
      record.writeUInt32LE(0x06064b50, 0);
      writeUInt64(record, 44, 4);
      record.writeUInt16LE(MADE_BY_UNIX | VERSION_ZIP64, 12);
      record.writeUInt16LE(VERSION_ZIP64, 14);
      writeUInt64(record, count, 24);
      writeUInt64(record, count, 32);
      writeUInt64(record, directoryBytes, 40);
      writeUInt64(record, directoryOffset, 48);
      record.writeUInt32LE(0x07064b50, 56);
      writeUInt64(record, endOffset, 64);
      record.writeUInt32LE(1, 72);
    }
    const record = this.#output.reserve(22);
    record.writeUInt32LE(0x06054b50, 0);
    record.writeUInt16LE(Math.min(count, MAX_16), 8);
    record.writeUInt16LE(Math.min(count, MAX_16), 10);
    record.writeUInt32LE(Math.min(directoryBytes, MAX_32), 12);
    record.writeUInt32LE(Math.min(directoryOffset, MAX_32), 16);
  }
}

function fillLocal(head: Buffer, nameBytes: Buffer, crc: number, sizeBytes: number): void {
  const isLarge = sizeBytes >= MAX_32;
  head.writeUInt32LE(0x04034b50, 0);
  head.writeUInt16LE(isLarge ? VERSION_ZIP64 : VERSION, 4);
  head.writeUInt16LE(FLAGS, 6);
  head.writeUInt16LE(DOS_DATE, 12);
  head.writeUInt32LE(crc, 14);
  head.writeUInt32LE(Math.min(sizeBytes, MAX_32), 18);
  head.writeUInt32LE(Math.min(sizeBytes, MAX_32), 22);
  head.writeUInt16LE(nameBytes.length, 26);
  head.writeUInt16LE(isLarge ? 20 : 0, 28);
  head.set(nameBytes, LOCAL_BYTES);
  if (isLarge) fillZip64(head.subarray(LOCAL_BYTES + nameBytes.length), [sizeBytes, sizeBytes]);
}

function fillZip64(extra: Buffer, values: readonly number[]): void {
  extra.writeUInt16LE(1, 0);
  extra.writeUInt16LE(8 * values.length, 2);
  for (const [index, value] of values.entries()) writeUInt64(extra, value, 4 + 8 * index);
}

function writeUInt64(buffer: Buffer, value: number, offset: number): void {
  buffer.writeBigUInt64LE(BigInt(value), offset);
}

function crcOfFile(path: string, sizeBytes: number): number {
  const buffer = Buffer.allocUnsafe(READ_BYTES);
  let crc = 0;
  readWholeFile(path, sizeBytes, (fd, remaining) => {
    const length = readSource(fd, buffer, 0, Math.min(remaining, READ_BYTES));
    crc = crc32(buffer.subarray(0, length), crc);
    return length;
  });
  return crc;
}
