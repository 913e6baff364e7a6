import fs from 'node:fs';

/** One file inside an archive that we wrote. */
export interface ArchiveEntry {
  readonly name: string;
  /** Where its bytes start in the archive. */
  readonly offset: number;
  readonly sizeBytes: number;
  /** null where the archive holds no checksum. */
  readonly crc32: number | null;
}

const BLOCK_BYTES = 512;

/**
 * The files of a tar, in order, from its headers and nothing else.
 * @throws Error saying what is wrong with the archive
 */
export function* readTar(fd: number): Generator<ArchiveEntry> {
  const { size: end } = fs.fstatSync(fd);
  const block = Buffer.alloc(BLOCK_BYTES);
  let paxPath: string | undefined;
  let paxSize: number | undefined;
  for (let at = 0; at < end; ) {
    readExactly(fd, block, at);
    at += BLOCK_BYTES;
    if (block.every((byte) => byte === 0)) {
      const rest = Buffer.alloc(end - at);
      readExactly(fd, rest, at);
      if (rest.length < BLOCK_BYTES || rest.some((byte) => byte !== 0))
        throw new Error('Expected two empty blocks and nothing else at the end of the tar.');
      return;
    }
    checkTarSum(block);
    const type = String.fromCharCode(block[156] as number);
    const headerSize = readOctal(block, 124, 12);
    if (type === 'x') {
      const records = Buffer.alloc(headerSize);
      readExactly(fd, records, at);
      const pax = readPax(records);
      paxPath = pax.get('path');
      paxSize = pax.has('size') ? Number(pax.get('size')) : undefined;
      at += padded(headerSize);
      continue;
    }
    if (type !== '0') throw new Error(`Expected a plain file in the tar, but got type "${type}".`);
    const sizeBytes = paxSize ?? headerSize;
    const prefix = readText(block, 345, 155);
    const name = paxPath ?? (prefix === '' ? '' : `${prefix}/`) + readText(block, 0, 100);
    yield { name, offset: at, sizeBytes, crc32: null };
    at += padded(sizeBytes);
    paxPath = undefined;
    paxSize = undefined;
  }
  throw new Error('Expected two empty blocks at the end of the tar.');
}

function padded(sizeBytes: number): number {
  return Math.ceil(sizeBytes / BLOCK_BYTES) * BLOCK_BYTES;
}

function checkTarSum(block: Buffer): void {
  let sum = 0;
  for (let at = 0; at < BLOCK_BYTES; at += 1) sum += at >= 148 && at < 156 ? 0x20 : (block[at] as number);
  if (block.toString('latin1', 257, 263) !== 'ustar\0' || readOctal(block, 148, 8) !== sum) {
    throw new Error('Expected a tar header with a right checksum.');
  }
}

function readOctal(block: Buffer, at: number, length: number): number {
  const text = readText(block, at, length).trim();
  if (!/^[0-7]+$/.test(text)) throw new Error(`Expected octal digits in a tar header, but got "${text}".`);
  return Number.parseInt(text, 8);
}

function readText(block: Buffer, at: number, length: number): string {
  const text = block.toString('utf8', at, at + length);
  const end = text.indexOf('\0');
  return end === -1 ? text : text.slice(0, end);
}

function readPax(records: Buffer): Map<string, string> {
  const found = new Map<string, string>();
  for (let at = 0; at < records.length; ) {
    const space = records.indexOf(0x20, at);
    const length = Number(records.toString('latin1', at, space));
    const record = records.toString('utf8', space + 1, at + length);
    const equals = record.indexOf('=');
    if (space === -1 || !(length > 0) || equals === -1 || !record.endsWith('\n'))
      throw new Error('Expected pax records.');
    found.set(record.slice(0, equals), record.slice(equals + 1, -1));
    at += length;
  }
  return found;
}

/**
 * The files of a stored zip, in the order of its directory, each compared with the header before its bytes.
 * @throws Error saying what is wrong with the archive
 */
export function* readZip(fd: number): Generator<ArchiveEntry> {
  const { size: end } = fs.fstatSync(fd);
  const directory = findDirectory(fd, end);
  const local = Buffer.alloc(30);
  let at = directory.offset;
  for (let index = 0; index < directory.count; index += 1) {
    const record = Buffer.alloc(46);
    readExactly(fd, record, at);
    if (record.readUInt32LE(0) !== 0x02014b50) throw new Error('Expected an entry in the directory of the zip.');
    const nameLength = record.readUInt16LE(28);
    const rest = Buffer.alloc(nameLength + record.readUInt16LE(30));
    readExactly(fd, rest, at + 46);
    at += 46 + rest.length;
    const name = rest.subarray(0, nameLength);
    const wide = readZip64(rest.subarray(nameLength));
    // The extra field holds, in this order, only what does not fit: size, stored size, offset.
    let sizeBytes = record.readUInt32LE(24);
    if (sizeBytes === 0xffffffff) [sizeBytes = -1] = wide.splice(0, 2);
    let headerOffset = record.readUInt32LE(42);
    if (headerOffset === 0xffffffff) [headerOffset = -1] = wide;
    readExactly(fd, local, headerOffset);
    const isSame =
      local.readUInt32LE(0) === 0x04034b50 &&
      record.readUInt16LE(10) === 0 &&
      local.readUInt16LE(8) === 0 &&
      local.readUInt32LE(14) === record.readUInt32LE(16) &&
      local.readUInt32LE(22) === record.readUInt32LE(24) &&
      local.readUInt16LE(26) === nameLength;
    if (!isSame) throw new Error(`Expected the same header twice for "${name.toString()}" in the zip.`);
    const offset = headerOffset + 30 + nameLength + local.readUInt16LE(28);
    yield { name: name.toString(), offset, sizeBytes, crc32: record.readUInt32LE(16) };
  }
  if (at !== directory.offset + directory.sizeBytes)
    throw new Error('Expected the directory of the zip to end with its last entry.');
}

function findDirectory(fd: number, end: number): { offset: number; sizeBytes: number; count: number } {
  const last = Buffer.alloc(22);
  readExactly(fd, last, end - 22);
  if (last.readUInt32LE(0) !== 0x06054b50) throw new Error('Expected the end record of a zip.');
  const short = { offset: last.readUInt32LE(16), sizeBytes: last.readUInt32LE(12), count: last.readUInt16LE(10) };
  if (short.offset !== 0xffffffff && short.sizeBytes !== 0xffffffff && short.count !== 0xffff) return short;
  const locator = Buffer.alloc(20);
  readExactly(fd, locator, end - 42);
  const record = Buffer.alloc(56);
  readExactly(fd, record, Number(locator.readBigUInt64LE(8)));
  if (locator.readUInt32LE(0) !== 0x07064b50 || record.readUInt32LE(0) !== 0x06064b50)
    throw new Error('Expected zip64 end records.');
  return {
    offset: Number(record.readBigUInt64LE(48)),
    sizeBytes: Number(record.readBigUInt64LE(40)),
    count: Number(record.readBigUInt64LE(32)),
  };
}

function readZip64(extra: Buffer): number[] {
  if (extra.length === 0) return [];
  if (extra.readUInt16LE(0) !== 1) throw new Error('Expected no other extra field than zip64.');
  return Array.from({ length: extra.readUInt16LE(2) / 8 }, (_, index) => Number(extra.readBigUInt64LE(4 + 8 * index)));
}

function readExactly(fd: number, buffer: Buffer, position: number): void {
  for (let start = 0; start < buffer.length; ) {
    const length = position < 0 ? 0 : fs.readSync(fd, buffer, start, buffer.length - start, position + start);
    if (length === 0) throw new Error('The archive ends too early.');
    start += length;
  }
}
