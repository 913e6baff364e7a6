import type { EntryWriter } from './entry-writer.ts';
import { OutputFile } from './output-file.ts';

const BLOCK_BYTES = 512;
/** Eleven octal digits. */
const MAX_USTAR_BYTES = 0o77777777777;

/**
 * POSIX ustar (IEEE 1003.1, pax): mode 0644, owner 0, time 0, so that equal files make equal archives. Names that ustar
 * cannot hold (not ASCII, or too long) and huge sizes are told by a pax header before the entry.
 */
export class TarWriter implements EntryWriter {
  readonly #output: OutputFile;

  constructor(path: string) {
    this.#output = new OutputFile(path);
  }

  add(name: string, sourcePath: string, sizeBytes: number): void {
    const split = splitUstarName(name);
    const isHuge = sizeBytes > MAX_USTAR_BYTES;
    if (split === undefined || isHuge) {
      const records =
        (split === undefined ? paxRecord('path', name) : '') + (isHuge ? paxRecord('size', String(sizeBytes)) : '');
      const bytes = Buffer.from(records);
      this.#header({ prefix: '', name: 'PaxHeaders/entry' }, bytes.length, 'x');
      this.#output.writeBytes(bytes);
      this.#pad(bytes.length);
    }
    // Readers that know no pax headers see a name that is readable and harmless.
    const fallback = { prefix: '', name: name.replace(/[^\x20-\x7e]/g, '_').slice(-100) };
    this.#header(split ?? fallback, isHuge ? 0 : sizeBytes, '0');
    this.#output.appendFile(sourcePath, sizeBytes);
    this.#pad(sizeBytes);
  }

  addSpooled(name: string, sourcePath: string, sizeBytes: number): void {
    this.add(name, sourcePath, sizeBytes);
  }

  finish(): Promise<void> {
    this.#output.reserve(2 * BLOCK_BYTES);
    return this.#output.finishDurably();
  }

  abandon(): void {
    this.#output.abandon();
  }

  #pad(sizeBytes: number): void {
    const rest = sizeBytes % BLOCK_BYTES;
    if (rest !== 0) this.#output.reserve(BLOCK_BYTES - rest);
  }

  #header({ prefix, name }: { prefix: string; name: string }, sizeBytes: number, type: '0' | 'x'): void {
    const block = this.#output.reserve(BLOCK_BYTES);
    const put = (text: string, offset: number) => block.write(text, offset, 'latin1');
    put(name, 0);
    put('0000644', 100);
    put('0000000', 108);
    put('0000000', 116);
    put(sizeBytes.toString(8).padStart(11, '0'), 124);
    put('00000000000', 136);
    put(`        ${type}`, 148);
    put('ustar', 257);
    put('00', 263);
    put('0000000', 329);
    put('0000000', 337);
    put(prefix, 345);
    let sum = 0;
    for (let at = 0; at < BLOCK_BYTES; at += 1) sum += block[at] as number;
    put(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  }
}

/** Name up to 100 bytes, or prefix up to 155 and name up to 100 parted at a slash; undefined when neither fits. */
function splitUstarName(path: string): { prefix: string; name: string } | undefined {
  if (!/^[\x20-\x7e]+$/.test(path)) return undefined;
  if (path.length <= 100) return { prefix: '', name: path };
  const slash = path.indexOf('/', path.length - 101);
  if (slash <= 0 || slash > 155) return undefined;
  return { prefix: path.slice(0, slash), name: path.slice(slash + 1) };
}

/** `<length> <key>=<value>\n`, where the length counts its own digits. */
function paxRecord(key: string, value: string): string {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  let length = rest + String(rest).length;
  if (rest + String(length).length !== length) length = rest + String(length).length;
  return `${length} ${key}=${value}\n`;
}
