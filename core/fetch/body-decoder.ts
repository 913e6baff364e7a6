/** Undoes Content-Encoding while streaming, so that a bomb is stopped where its output passes the cap. */

import type { Transform } from 'node:stream';
import {
  constants,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createInflateRaw,
  createZstdDecompress,
} from 'node:zlib';
import { FetchProblem } from './fetch-problem.ts';

/** More than two layers has no honest use. */
const MAX_LAYERS = 2;
const OUTPUT_CHUNK_BYTES = 64 * 1024;
/** Windows above 8 MiB are for archives, not for the web (RFC 9659); they only cost memory. */
const ZSTD_MAX_WINDOW_LOG = 23;

const ENCODINGS = ['gzip', 'deflate', 'br', 'zstd'] as const;
type Encoding = (typeof ENCODINGS)[number];

/** What is sent as Accept-Encoding where compression helps. */
export const ACCEPTED_ENCODINGS = 'gzip, deflate, br, zstd';

/**
 * Reads a Content-Encoding header.
 *
 * @returns the encodings in the order they were applied; empty for a plain body
 * @throws FetchProblem `protocol-error` for an unknown encoding or more than two of them
 */
export function parseContentEncoding(header: string | undefined): readonly Encoding[] {
  if (header === undefined || header === '' || header === 'identity') return [];
  const names = header
    .toLowerCase()
    .split(',')
    .map((name) => name.trim().replace(/^x-(?=gzip$)/, ''))
    .filter((name) => name !== '' && name !== 'identity');
  for (const name of names) {
    if (!(ENCODINGS as readonly string[]).includes(name)) {
      throw new FetchProblem('permanent', 'protocol-error', { detail: `unknown content encoding "${name}"` });
    }
  }
  if (names.length > MAX_LAYERS) {
    throw new FetchProblem('permanent', 'protocol-error', { detail: `${names.length} content encodings on one body` });
  }
  return names as Encoding[];
}

function createLayer(encoding: Encoding, firstByte: number): Transform {
  const options = { chunkSize: OUTPUT_CHUNK_BYTES };
  switch (encoding) {
    case 'gzip':
      return createGunzip(options);
    case 'br':
      return createBrotliDecompress(options);
    case 'zstd':
      return createZstdDecompress({ ...options, params: { [constants.ZSTD_d_windowLogMax]: ZSTD_MAX_WINDOW_LOG } });
    case 'deflate':
      // RFC 9110 means the zlib wrapper, whose first byte has 8 in its low half; some servers send raw deflate, whose
      // first byte cannot have it.
      return (firstByte & 0x0f) === 8 ? createInflate(options) : createInflateRaw(options);
  }
}

interface DecoderEvents {
  onData(chunk: Uint8Array): void;
  onEnd(): void;
  onError(error: Error): void;
  onDrain(): void;
}

/** One encoding being undone. Nothing is called after `destroy`. */
export class BodyDecoder {
  readonly #encoding: Encoding;
  readonly #events: DecoderEvents;
  #layer: Transform | null = null;
  #over = false;

  constructor(encoding: Encoding, events: DecoderEvents) {
    this.#encoding = encoding;
    this.#events = events;
  }

  /** @returns false when the source should pause until `onDrain` */
  write(chunk: Uint8Array): boolean {
    if (this.#over || chunk.length === 0) return true;
    this.#layer ??= this.#open(chunk[0]!);
    return this.#layer.write(chunk);
  }

  end(): void {
    if (this.#over) return;
    if (this.#layer === null) this.#events.onEnd();
    else this.#layer.end();
  }

  pause(): void {
    this.#layer?.pause();
  }

  resume(): void {
    this.#layer?.resume();
  }

  destroy(): void {
    this.#over = true;
    this.#layer?.destroy();
  }

  #open(firstByte: number): Transform {
    const layer = createLayer(this.#encoding, firstByte);
    layer.on('data', (chunk: Uint8Array) => {
      if (!this.#over) this.#events.onData(chunk);
    });
    layer.on('drain', () => {
      if (!this.#over) this.#events.onDrain();
    });
    layer.once('end', () => {
      if (!this.#over) this.#events.onEnd();
    });
    layer.once('error', (error: NodeJS.ErrnoException) => {
      if (this.#over) return;
      this.#over = true;
      const cut = error.code === 'Z_BUF_ERROR' || /unexpected end/i.test(error.message);
      this.#events.onError(
        new FetchProblem(cut ? 'transient' : 'permanent', cut ? 'truncated-body' : 'protocol-error', {
          detail: `the ${this.#encoding} encoding is ${cut ? 'cut off' : 'broken'}: ${error.message}`,
          cause: error,
        }),
      );
    });
    return layer;
  }
}
