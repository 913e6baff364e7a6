/** Reads zip archives through their central directory. */

import { crc32 } from 'node:zlib';
import { type Entry, getFileNameLowLevel, openPromise, type ZipFile } from 'yauzl';
import type { EntryCheck, EntryWriter } from './archive-writer.ts';

const FILE_TYPE_MASK = 0o170000;
const REGULAR_FILE = 0o100000;

/** Reports every entry to the writer. Rejects when the archive itself is damaged. */
export async function readZip(path: string, writer: EntryWriter): Promise<void> {
  // Names are decoded and sizes checked here: yauzl refuses the whole archive for one unsafe name or one wrong size.
  const zip = await openPromise(path, {
    lazyEntries: true,
    autoClose: false,
    decodeStrings: false,
    validateEntrySizes: false,
  });
  try {
    for await (const entry of zip.eachEntry()) {
      if (writer.skipsNext()) continue;
      if (!writer.wantsMore) return;
      await readEntry(zip, entry, writer);
    }
    writer.end();
  } finally {
    zip.close();
  }
}

async function readEntry(zip: ZipFile, entry: Entry, writer: EntryWriter): Promise<void> {
  const name = nameOf(entry);
  const sizeBytes = entry.uncompressedSize;
  if (!isRegularFile(entry, name)) return writer.refuse(name, 'excluded', sizeBytes);
  const refused = writer.refusalOf(name, sizeBytes);
  if (refused !== null) return writer.refuse(name, refused, sizeBytes);
  if (entry.isEncrypted() || !entry.canDecodeFileData()) return writer.refuse(name, 'unreadable', sizeBytes);
  let stream: AsyncIterable<Uint8Array>;
  try {
    stream = await zip.openReadStreamPromise(entry);
  } catch {
    return writer.refuse(name, 'unreadable', sizeBytes);
  }
  await writer.write(name, sizeBytes, stream, checkOf(entry));
}

function checkOf(entry: Entry): EntryCheck {
  let sum = 0;
  return {
    update(chunk) {
      sum = crc32(chunk, sum);
    },
    isGood: (sizeBytes) => sum === entry.crc32 && sizeBytes === entry.uncompressedSize,
  };
}

function nameOf(entry: Entry): string {
  try {
    return getFileNameLowLevel(entry.generalPurposeBitFlag, entry.fileNameRaw, entry.extraFields, false);
  } catch {
    return entry.fileNameRaw.toString('latin1');
  }
}

/** Unix makers keep the file type in the upper half of the external attributes; 0 there means an ordinary file. */
function isRegularFile(entry: Entry, name: string): boolean {
  if (name.endsWith('/') || name.endsWith('\\')) return false;
  const type = (entry.externalFileAttributes >>> 16) & FILE_TYPE_MASK;
  return type === 0 || type === REGULAR_FILE;
}
