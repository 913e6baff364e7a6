/** A zip of a few texts, for a person to send: the exports' own writer lives in the core, which may be what is broken. */

import { crc32, deflateRawSync } from 'node:zlib';

/** The layout is that of PKWARE's APPNOTE 6.3.10, sections 4.3.7 (local header), 4.3.12 (central) and 4.3.16 (end). */
const LOCAL_SIGNATURE = 0x04034b50;
const CENTRAL_SIGNATURE = 0x02014b50;
const END_SIGNATURE = 0x06054b50;
const VERSION_NEEDED = 20;
/** General purpose bit 11: names are UTF-8. */
const UTF8_FLAG = 0x0800;
const DEFLATED = 8;
/** 1 January 1980, as MS-DOS says it: the archive's own name has the date. */
const NO_DATE = 0x0021;

export interface ZipEntry {
  /** With forward slashes. */
  readonly name: string;
  readonly content: string | Uint8Array;
}

/** At most 65,535 entries and 4 GiB in all; more is not checked. */
export function zipOf(entries: readonly ZipEntry[]): Buffer {
  const files: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, content } of entries) {
    const bytes = Buffer.from(content);
    const deflated = deflateRawSync(bytes);
    const nameBytes = Buffer.from(name, 'utf8');
    const common = commonHeader(bytes, deflated.length, nameBytes.length);
    files.push(signature(LOCAL_SIGNATURE), common, nameBytes, deflated);
    // After the name's length: comment, disk and attributes, all zero, and where the local header is.
    const place = Buffer.alloc(14);
    place.writeUInt32LE(offset, 10);
    const madeBy = Buffer.alloc(2);
    madeBy.writeUInt16LE(VERSION_NEEDED);
    directory.push(signature(CENTRAL_SIGNATURE), madeBy, common, place, nameBytes);
    offset += 4 + common.length + nameBytes.length + deflated.length;
  }
  const directoryBytes = Buffer.concat(directory);
  return Buffer.concat([...files, directoryBytes, endRecord(entries.length, directoryBytes.length, offset)]);
}

function signature(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

/** What local and central headers share, from the version needed to the length of the extra field. */
function commonHeader(bytes: Uint8Array, deflatedBytes: number, nameBytes: number): Buffer {
  const header = Buffer.alloc(26);
  header.writeUInt16LE(VERSION_NEEDED, 0);
  header.writeUInt16LE(UTF8_FLAG, 2);
  header.writeUInt16LE(DEFLATED, 4);
  header.writeUInt16LE(NO_DATE, 8);
  header.writeUInt32LE(crc32(bytes), 10);
  header.writeUInt32LE(deflatedBytes, 14);
  header.writeUInt32LE(bytes.length, 18);
  header.writeUInt16LE(nameBytes, 22);
  return header;
}

function endRecord(count: number, directoryBytes: number, directoryOffset: number): Buffer {
  const record = Buffer.alloc(22);
  record.writeUInt32LE(END_SIGNATURE, 0);
  record.writeUInt16LE(count, 8);
  record.writeUInt16LE(count, 10);
  record.writeUInt32LE(directoryBytes, 12);
  record.writeUInt32LE(directoryOffset, 16);
  return record;
}
