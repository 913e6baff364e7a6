import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { StringDecoder } from 'node:string_decoder';

const BUFFER_BYTES = 1024 * 1024;
/** Longer strings go where only a full collection frees them. */
const TEXT_BYTES = 64 * 1024;

/** An image as it was written, for the check to compare with. */
export interface ExpectedImage {
  /** Index of its metadata document. */
  readonly document: number;
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly name: string;
}

/** One line of the list that the check reads. Safe names hold no line ends. */
export function expectedLine({ document, sha256, sizeBytes, name }: ExpectedImage): string {
  return `${document} ${sha256} ${sizeBytes} ${name}\n`;
}

export function* readExpected(path: string): Generator<ExpectedImage> {
  let rest = '';
  for (const text of readText(path)) {
    const lines = (rest + text).split('\n');
    rest = lines.pop() as string;
    for (const line of lines) {
      const [document, sha256, size] = line.split(' ', 3) as [string, string, string];
      const name = line.slice(document.length + sha256.length + size.length + 3);
      yield { document: Number(document), sha256, sizeBytes: Number(size), name };
    }
  }
}

/** A file, or `sizeBytes` of it from `offset` on, as text in pieces. */
export function* readText(path: string, offset = 0, sizeBytes = Number.POSITIVE_INFINITY): Generator<string> {
  const fd = fs.openSync(path, 'r');
  try {
    const decoder = new StringDecoder('utf8');
    for (const bytes of readPieces(fd, offset, sizeBytes, Buffer.allocUnsafeSlow(TEXT_BYTES)))
      yield decoder.write(bytes);
    yield decoder.end();
  } finally {
    fs.closeSync(fd);
  }
}

/** Each piece lies in `buffer` until the next is asked for. Ends early where the file does. */
export function* readPieces(fd: number, offset: number, sizeBytes: number, buffer: Buffer): Generator<Buffer> {
  for (let done = 0; done < sizeBytes; ) {
    const length = fs.readSync(fd, buffer, 0, Math.min(buffer.length, sizeBytes - done), offset + done);
    if (length === 0) return;
    yield buffer.subarray(0, length);
    done += length;
  }
}

/** SHA-256 of a whole file in lower-case hex, with its size. */
export function hashFileSync(path: string): { readonly sha256: string; readonly sizeBytes: number } {
  const fd = fs.openSync(path, 'r');
  try {
    const hash = createHash('sha256');
    let sizeBytes = 0;
    for (const bytes of readPieces(fd, 0, Number.POSITIVE_INFINITY, Buffer.allocUnsafe(BUFFER_BYTES))) {
      hash.update(bytes);
      sizeBytes += bytes.length;
    }
    return { sha256: hash.digest('hex'), sizeBytes };
  } finally {
    fs.closeSync(fd);
  }
}
