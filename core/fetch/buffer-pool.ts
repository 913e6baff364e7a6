/**
 * Buffers that bodies are gathered in, used again: left to the garbage collector, a fast crawl holds tens of megabytes of
 * bodies that are on disk already.
 */

const SMALLEST_BYTES = 16 * 1024;
const LARGEST_BYTES = 1024 * 1024;
/** What is kept for later, over all sizes. */
const KEPT_BYTES = 8 * 1024 * 1024;

const free = new Map<number, Buffer[]>();
let keptBytes = 0;

/** A buffer of at least so many bytes (at most 1 MiB), with whatever was in it before. */
export function takeBuffer(sizeBytes: number): Buffer {
  let size = SMALLEST_BYTES;
  while (size < sizeBytes) size *= 2;
  const buffer = free.get(size)?.pop();
  if (buffer === undefined) return Buffer.allocUnsafeSlow(size);
  keptBytes -= size;
  return buffer;
}

/** Gives back a buffer of `takeBuffer` that nothing reads or writes any more. */
export function giveBuffer(buffer: Buffer): void {
  if (buffer.length > LARGEST_BYTES || keptBytes + buffer.length > KEPT_BYTES) return;
  const list = free.get(buffer.length) ?? [];
  list.push(buffer);
  free.set(buffer.length, list);
  keptBytes += buffer.length;
}
