/** Reads a saved HTML page: the images it shows or links to, the links to follow, and what it says about robots. */

import { open } from 'node:fs/promises';
import type { TaskInput, TaskOutput } from '../tasks.ts';
import { decodeDocument } from './decode-text.ts';
import { scanMarkup } from './markup.ts';
import { PageReader } from './page-reader.ts';

/** More of a page is not read, in bytes. */
const MAX_PAGE_BYTES = 8 * 1024 * 1024;

/**
 * Extracts images and links from a saved page. Any content gives a result; only a file that cannot be read rejects.
 *
 * - One address for each `<img>` or `<picture>`: its best copy (`image-choice.ts`). An `<img>` inside a link to an image
 *   is a thumbnail: the linked image is given instead.
 * - Smaller copies named again in og:image, JSON-LD or noscript are not given a second time.
 * - `data:` addresses are ignored, and so are tracking pixels that declare themselves 1 by 1.
 * - Links with rel=nofollow are left out, all of them when a robots meta for everyone or for us says nofollow or none.
 * - At most 8 MiB are read; `truncated` tells that this or a limit of the input cut something off.
 */
export async function extractPage(input: TaskInput<'extract-page'>): Promise<TaskOutput<'extract-page'>> {
  const { bytes, isWhole } = await readStart(input.path, MAX_PAGE_BYTES);
  const reader = new PageReader(input);
  scanMarkup(decodeDocument(bytes, input.contentType), reader);
  const page = reader.finish();
  return isWhole ? page : { ...page, truncated: true };
}

async function readStart(path: string, maxBytes: number): Promise<{ bytes: Uint8Array; isWhole: boolean }> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const bytes = new Uint8Array(Math.min(size, maxBytes));
    let length = 0;
    while (length < bytes.length) {
      const { bytesRead } = await file.read(bytes, length, bytes.length - length, length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return { bytes: bytes.subarray(0, length), isWhole: size <= maxBytes };
  } finally {
    await file.close();
  }
}
