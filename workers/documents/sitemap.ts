/** Reads sitemaps (sitemaps.org 0.9 with Google's image extension), sitemap indexes, RSS, Atom and text sitemaps. */

import { createReadStream } from 'node:fs';
import { pipeline, type Readable } from 'node:stream';
import { TextDecoder } from 'node:util';
import { createGunzip } from 'node:zlib';
import type { TaskInput, TaskOutput } from '../tasks.ts';
import { byteOrderMark, declaredEncoding } from './decode-text.ts';
import { FeedReader } from './feed-reader.ts';

/** The protocol allows 50 MiB uncompressed; more is not read. */
const MAX_TEXT_BYTES = 50 * 1024 * 1024;
/** Text that grew more than this while being inflated is a bomb. Real sitemaps stay below 50. */
const MAX_RATIO = 200;
const RATIO_FREE_BYTES = 1024 * 1024;

/**
 * Extracts what a saved sitemap names, plain or gzip, told by content. Any content gives a result: what is damaged,
 * compressed beyond 200 to 1, longer than 50 MiB or than `maxEntries` (sitemaps, pages and images together) is read up to
 * there and `truncated` is set. Entity declarations are never expanded. Only a file that cannot be read rejects.
 */
export async function readSitemap(input: TaskInput<'read-sitemap'>): Promise<TaskOutput<'read-sitemap'>> {
  const reader = new FeedReader(input.url, input.maxEntries);
  let decoder: TextDecoder | null = null;
  let isDamaged = false;
  let head: Uint8Array = new Uint8Array();
  try {
    for await (const bytes of documentBytes(input.path)) {
      let chunk = bytes;
      if (decoder === null) {
        // Wait for enough of the start to see a byte order mark and the declaration.
        head = Buffer.concat([head, bytes]);
        if (head.length < 512) continue;
        chunk = head;
        decoder = decoderFor(head);
      }
      reader.write(decoder.decode(chunk, { stream: true }));
      if (reader.isFinished) break;
    }
    if (decoder === null) {
      decoder = decoderFor(head);
      reader.write(decoder.decode(head, { stream: true }));
    }
  } catch (error) {
    if (!(error instanceof DamagedDocument)) throw error;
    isDamaged = true;
  }
  if (decoder !== null) reader.write(decoder.decode());
  const found = reader.finish();
  return isDamaged ? { ...found, truncated: true } : found;
}

function decoderFor(head: Uint8Array): TextDecoder {
  return new TextDecoder(byteOrderMark(head) ?? declaredEncoding(head) ?? 'utf-8');
}

/** Inflating failed or a limit was passed: what came before is good. */
class DamagedDocument extends Error {}

/** The bytes of the document, inflated when it is gzip, within the limits. */
async function* documentBytes(path: string): AsyncGenerator<Uint8Array> {
  const isGzip = await startsWithGzipMagic(path);
  const file = createReadStream(path, { highWaterMark: 64 * 1024 });
  let textBytes = 0;
  let fileProblem: unknown = null;
  file.on('error', (error) => {
    fileProblem = error;
  });
  const source: Readable = isGzip ? pipeline(file, createGunzip(), () => {}) : file;
  try {
    for await (const chunk of source as AsyncIterable<Uint8Array>) {
      textBytes += chunk.length;
      if (textBytes > MAX_TEXT_BYTES) throw new DamagedDocument();
      if (isGzip && textBytes > RATIO_FREE_BYTES && textBytes > MAX_RATIO * file.bytesRead) throw new DamagedDocument();
      yield chunk;
    }
  } catch (error) {
    if (fileProblem !== null) throw fileProblem;
    throw error instanceof DamagedDocument ? error : new DamagedDocument('', { cause: error });
  } finally {
    file.destroy();
  }
}

async function startsWithGzipMagic(path: string): Promise<boolean> {
  for await (const chunk of createReadStream(path, { end: 1 }) as AsyncIterable<Uint8Array>) {
    return chunk[0] === 0x1f && chunk[1] === 0x8b;
  }
  return false;
}
