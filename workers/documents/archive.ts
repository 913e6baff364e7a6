/** Unpacks zip, tar and tar.gz files into numbered files. Names inside an archive are data, never paths. */

import { open as openFile } from 'node:fs/promises';
import { AppError } from '../../shared/errors.ts';
import type { TaskInput, TaskOutput } from '../tasks.ts';
import { readTar } from './archive-tar.ts';
import { EntryWriter, isOurProblem } from './archive-writer.ts';
import { readZip } from './archive-zip.ts';

/** An archive with more entries is read up to here. */
const MAX_ARCHIVE_ENTRIES = 1_000_000;

const FOREIGN_FORMATS: readonly { readonly name: string; readonly magic: string }[] = [
  { name: '7-Zip', magic: '377abcaf271c' },
  { name: 'RAR', magic: '526172211a07' },
  { name: 'xz', magic: 'fd377a585a00' },
  { name: 'bzip2', magic: '425a68' },
  { name: 'Zstandard', magic: '28b52ffd' },
];

/**
 * Unpacks the files of an archive, told by content, in the archive's order; every entry gives one row.
 *
 * - Regular files become `<index>.bin`. Folders, links, devices and what operating systems add (`__MACOSX/`, `._x`,
 *   `.DS_Store`, `Thumbs.db`) are `excluded`. Archives inside are unpacked as files and never opened.
 * - An entry above `maxEntryBytes` is `too-large`. Encrypted, damaged (CRC, size, unknown compression) ones are `unreadable`.
 *   A zip entry is stopped as soon as it passes its declared size.
 * - `maxTotalBytes` bounds what one call writes: the entry that would pass it is `too-large` and ends the archive, and so
 *   does the one millionth entry, and inflating more than twice `maxTotalBytes` of a tar.gz. To bound a whole
 *   archive over several calls, lower it by what came before.
 * - Damage to the archive itself ends it with an `unreadable` entry; the entries before it are good.
 *
 * Pages: a later `fromEntry` costs a zip one pass over its directory, but a tar is read again from its start, so give
 * tars a `maxEntries` that takes all of it. Rows are about 200 bytes each.
 *
 * Nothing is written that would leave less than `minFreeBytes` on the disk.
 *
 * @param archiveEntryLimit entries after which reading ends; default 1,000,000
 * @throws AppError `unsupported-media-type` for 7-Zip, RAR, xz, bzip2 and Zstandard; `disk-full`, with what was written left
 */
export async function unpackArchive(
  input: TaskInput<'unpack-archive'>,
  archiveEntryLimit: number = MAX_ARCHIVE_ENTRIES,
): Promise<TaskOutput<'unpack-archive'>> {
  const head = await readHead(input.path);
  const foreign = FOREIGN_FORMATS.find(({ magic }) => head.toString('hex').startsWith(magic));
  if (foreign !== undefined) {
    throw new AppError(
      'unsupported-media-type',
      `A zip, tar or tar.gz archive was expected; this is ${foreign.name}. Repack it.`,
    );
  }
  const writer = new EntryWriter(input, archiveEntryLimit);
  const isGzip = head[0] === 0x1f && head[1] === 0x8b;
  try {
    if (isGzip || looksLikeTar(head)) await readTar(input.path, isGzip, 2 * input.maxTotalBytes, writer);
    else await readZip(input.path, writer);
  } catch (error) {
    if (isOurProblem(error)) throw error;
    writer.refuse('', 'unreadable', 0);
    writer.end();
  }
  return writer.answer();
}

async function readHead(path: string): Promise<Buffer> {
  const file = await openFile(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(512), 0, 512, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** The first header's checksum holds: the sum of its bytes with the checksum field as spaces (POSIX pax, ustar). */
function looksLikeTar(head: Buffer): boolean {
  if (head.length < 512) return false;
  let sum = 8 * 0x20;
  for (const [index, byte] of head.entries()) if (index < 148 || index >= 156) sum += byte;
  const stated = head
    .toString('latin1', 148, 156)
    .replace(/[\0 ]+$/, '')
    .trim();
  return /^[0-7]+$/.test(stated) && Number.parseInt(stated, 8) === sum;
}
