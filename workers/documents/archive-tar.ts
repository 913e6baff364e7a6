/** Reads tar archives, plain or gzip, from their start to their end. */

import { createReadStream } from 'node:fs';
import { pipeline, Transform } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { type Extract, extract } from 'tar-stream';
import type { EntryWriter } from './archive-writer.ts';

/** Headers and padding that a tar.gz may hold beyond its files. */
const INFLATE_MARGIN_BYTES = 64 * 1024 * 1024;

/**
 * Reports every entry to the writer. Rejects when the archive itself is damaged.
 * @param maxInflatedBytes a gzip archive that grows above it (and 64 MiB) ends with a `too-large` entry
 */
export async function readTar(
  path: string,
  isGzip: boolean,
  maxInflatedBytes: number,
  writer: EntryWriter,
): Promise<void> {
  const file = createReadStream(path, { highWaterMark: 256 * 1024 });
  // Old archives (v7) have no `ustar` mark; the checksum of each header still has to hold. The option is missing from the types.
  const entries = extract({ allowUnknownFormat: true } as Parameters<typeof extract>[0]);
  let problem: unknown = null;
  const onEnd = (error: unknown): void => {
    problem ??= error ?? null;
  };
  // An error of one stream must reach the loop below through `entries`; pipeline destroys all of them.
  if (isGzip) pipeline(file, createGunzip(), limitBytes(maxInflatedBytes + INFLATE_MARGIN_BYTES), entries, onEnd);
  else pipeline(file, entries, onEnd);
  try {
    for await (const entry of entries) {
      if (writer.skipsNext()) {
        entry.resume();
        continue;
      }
      if (!writer.wantsMore) return;
      await readEntry(entry, writer);
      // What was refused while it was read was not read to its end, and nothing behind it can be reached.
      if (writer.isEnded) return;
    }
    writer.end();
  } catch (error) {
    const cause = problem ?? error;
    if (!(cause instanceof TooMuchData)) throw cause;
    writer.refuse('', 'too-large', 0);
    writer.end();
  } finally {
    file.destroy();
  }
}

type TarEntry = Extract extends AsyncIterable<infer Item> ? Item : never;

async function readEntry(entry: TarEntry, writer: EntryWriter): Promise<void> {
  const { name, type } = entry.header;
  const sizeBytes = entry.header.size ?? 0;
  const refused = type === 'file' || type === 'contiguous-file' ? writer.refusalOf(name, sizeBytes) : 'excluded';
  if (refused === null) {
    if (!(await writer.write(name, sizeBytes, entry as AsyncIterable<Uint8Array>))) writer.end();
  } else {
    writer.refuse(name, refused, sizeBytes);
    entry.resume();
  }
}

class TooMuchData extends Error {}

function limitBytes(maxBytes: number): Transform {
  let bytes = 0;
  return new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      bytes += chunk.length;
      if (bytes > maxBytes) done(new TooMuchData());
      else done(null, chunk);
    },
  });
}
