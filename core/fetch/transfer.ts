/** One request and its answer on one connection: counting, decoding, storing, and every way it can end. */

import type { Dispatcher } from 'undici';
import { BodyDecoder, parseContentEncoding } from './body-decoder.ts';
import { BodyWriter, type StoredBody } from './body-writer.ts';
import { classify, FetchProblem } from './fetch-problem.ts';

/** Time limits of every transfer, beside the total that each fetch is given. */
export interface FetchLimits {
  /** Resolution, connection and TLS handshake together. Default 10 s; undici keeps it to about half a second. */
  readonly connectTimeoutMs: number;
  /** From the request to the end of the answer's head. Default 15 s. */
  readonly headersTimeoutMs: number;
  /** Between two pieces of a body. Default 15 s. */
  readonly idleTimeoutMs: number;
  /** A body that brings fewer than `minBytesPerSecond` over this long is given up. Default 10 s. */
  readonly slowWindowMs: number;
  /** Default 1024. */
  readonly minBytesPerSecond: number;
}

export const DEFAULT_FETCH_LIMITS: FetchLimits = {
  connectTimeoutMs: 10_000,
  headersTimeoutMs: 15_000,
  idleTimeoutMs: 15_000,
  slowWindowMs: 10_000,
  minBytesPerSecond: 1_024,
};

/** How much of an unwanted body (of a redirect or an error) is read to keep its connection. */
const DISCARD_BYTES = 64 * 1024;

export interface TransferOptions {
  /** Of the file to make for a 2xx body; null keeps it in memory. */
  readonly path: string | null;
  readonly maxBytes: number;
  readonly onTooLarge: 'refuse' | 'truncate';
  /** On the clock of `performance.now()`. */
  readonly deadlineMs: number;
  readonly limits: FetchLimits;
  /** Called when the request has been written; must not throw. */
  readonly onSent: (() => void) | undefined;
  /** Sees the headers of a 2xx answer; what it throws ends the transfer. */
  readonly onHeaders: ((headers: Readonly<Record<string, string>>) => void) | undefined;
  readonly signal: AbortSignal | undefined;
}

/** An answer with any status; only a 2xx one has a body. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly stored: StoredBody | null;
  /** True when `maxBytes` cut the body and `onTooLarge` is `truncate`. */
  readonly truncated: boolean;
}

type Headers = Record<string, string | string[] | undefined>;

/** Repeated headers joined by commas (RFC 9110 section 5.3). */
function joined(headers: Headers): Record<string, string> {
  for (const name in headers) {
    const value = headers[name];
    if (Array.isArray(value)) headers[name] = value.join(', ');
  }
  return headers as Record<string, string>;
}

type Stage = 'waiting' | 'head' | 'body' | 'discarding' | 'storing' | 'over';

/** Handles the events of one undici dispatch. `answer` settles exactly once, after any unfinished file is gone. */
export class Transfer implements Dispatcher.DispatchHandler {
  readonly answer: Promise<Answer>;
  readonly #options: TransferOptions;
  #resolve!: (answer: Answer) => void;
  #reject!: (error: unknown) => void;
  #controller: Dispatcher.DispatchController | null = null;
  #stage: Stage = 'waiting';
  #status = 0;
  #headers: Record<string, string> = {};
  #writer: BodyWriter | null = null;
  #decoders: BodyDecoder[] = [];
  #wireBytes = 0;
  #decodedBytes = 0;
  #truncated = false;
  #paused = false;
  /** When the current stage began, or the newest piece of the body came. */
  #touchedMs = 0;
  #windowStartMs = 0;
  #windowBytes = 0;

  constructor(options: TransferOptions) {
    this.#options = options;
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    options.signal?.addEventListener('abort', this);
  }

  /** The signal's listener. */
  handleEvent(): void {
    this.fail(this.#options.signal?.reason);
  }

  /** Called a few times a second: one timer for all transfers costs less than four timers for each. */
  tick(nowMs: number): void {
    const { deadlineMs, limits } = this.#options;
    if (nowMs >= deadlineMs) {
      this.#timeOut('timeout', 'the whole took longer than allowed');
    } else if (this.#stage === 'head') {
      if (nowMs - this.#touchedMs > limits.headersTimeoutMs) this.#timeOut('timeout', 'no answer came in time');
    } else if ((this.#stage === 'body' || this.#stage === 'discarding') && !this.#paused) {
      if (nowMs - this.#touchedMs > limits.idleTimeoutMs) {
        this.#timeOut('timeout', 'the body stopped coming');
      } else if (nowMs - this.#windowStartMs >= limits.slowWindowMs) {
        const minBytes = (limits.minBytesPerSecond * (nowMs - this.#windowStartMs)) / 1_000;
        if (this.#windowBytes < minBytes) this.#timeOut('too-slow', 'the body came too slowly');
        this.#windowStartMs = nowMs;
        this.#windowBytes = 0;
      }
    }
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.#stage === 'over') {
      controller.abort(new Error('given up before it was sent'));
      return;
    }
    this.#controller = controller;
    this.#stage = 'head';
    this.#touchedMs = performance.now();
    const { onSent } = this.#options;
    // undici writes the request as soon as this returns: told after it, so that the time is none before the writing.
    if (onSent !== undefined) queueMicrotask(onSent);
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: Headers): void {
    if (this.#stage !== 'head' || status < 200) return;
    this.#status = status;
    this.#headers = joined(headers);
    this.#touchedMs = performance.now();
    this.#windowStartMs = this.#touchedMs;
    const announced = this.#headers['content-length'];
    const announcedBytes = announced === undefined ? -1 : Number(announced);
    if (status <= 299 && this.#options.onHeaders !== undefined) {
      try {
        this.#options.onHeaders(this.#headers);
      } catch (error) {
        this.fail(error);
        return;
      }
    }
    if (status > 299) {
      this.#stage = 'discarding';
      if (announcedBytes > DISCARD_BYTES) this.#finishDiscarding();
      return;
    }
    this.#stage = 'body';
    if (announcedBytes > this.#options.maxBytes && this.#options.onTooLarge === 'refuse') {
      this.#refuseSize(`${announcedBytes} bytes are announced`);
      return;
    }
    try {
      this.#open(announcedBytes);
    } catch (error) {
      this.fail(error);
    }
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Uint8Array): void {
    this.#touchedMs = performance.now();
    this.#wireBytes += chunk.length;
    this.#windowBytes += chunk.length;
    if (this.#stage === 'discarding') {
      if (this.#wireBytes > DISCARD_BYTES) this.#finishDiscarding();
      return;
    }
    if (this.#stage !== 'body') return;
    const decoder = this.#decoders[0];
    if (decoder === undefined) {
      this.#store(chunk);
    } else if (this.#wireBytes > this.#options.maxBytes) {
      this.#exceed();
    } else if (!decoder.write(chunk)) {
      this.#pause();
    }
  }

  onResponseEnd(): void {
    if (this.#stage === 'discarding') this.#finishDiscarding();
    if (this.#stage !== 'body') return;
    // What is still in the decoders is ours to wait for, not the site's to send.
    this.#paused = true;
    const decoder = this.#decoders[0];
    if (decoder === undefined) this.#complete();
    else decoder.end();
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: Error): void {
    if (this.#stage === 'discarding') this.#finishDiscarding();
    else this.fail(classify(error, this.#stage === 'body') ?? error);
  }

  /** Ends the transfer with an error, unless its body is complete: that is stored within milliseconds, and whole. */
  fail(error: unknown): void {
    if (this.#stage === 'storing' || this.#stage === 'over') return;
    this.#end();
    const writer = this.#writer;
    if (writer === null) this.#reject(error);
    else writer.discard().then(() => this.#reject(error));
  }

  #open(announcedBytes: number): void {
    const encodings = parseContentEncoding(this.#headers['content-encoding']);
    this.#writer = new BodyWriter(
      this.#options.path,
      encodings.length === 0 && announcedBytes <= this.#options.maxBytes ? announcedBytes : -1,
      () => this.#resumeSource(),
      (error) => this.fail(error),
    );
    // The encoding named last was applied last, so it is undone first.
    const order = encodings.toReversed();
    this.#decoders = order.map(
      (encoding, index) =>
        new BodyDecoder(encoding, {
          onData: (chunk) => {
            const next = this.#decoders[index + 1];
            if (next === undefined) this.#store(chunk);
            else if (!next.write(chunk)) this.#decoders[index]?.pause();
          },
          onEnd: () => {
            const next = this.#decoders[index + 1];
            if (next === undefined) this.#complete();
            else next.end();
          },
          onError: (error) => {
            if (this.#truncated) this.#complete();
            else this.fail(error);
          },
          onDrain: () => {
            if (index === 0) this.#resume();
            else this.#decoders[index - 1]?.resume();
          },
        }),
    );
  }

  /** Takes decoded bytes. */
  #store(chunk: Uint8Array): void {
    if (this.#stage !== 'body') return;
    const room = this.#options.maxBytes - this.#decodedBytes;
    this.#decodedBytes += chunk.length;
    if (chunk.length > room) {
      if (room > 0 && this.#options.onTooLarge === 'truncate') this.#writer?.write(chunk.subarray(0, room));
      this.#exceed();
    } else if (!this.#writer!.write(chunk)) {
      const last = this.#decoders.at(-1);
      if (last === undefined) this.#pause();
      else last.pause();
    }
  }

  #exceed(): void {
    if (this.#options.onTooLarge === 'truncate') {
      this.#truncated = true;
      this.#complete();
    } else {
      this.#refuseSize(`more than ${this.#options.maxBytes} bytes came`);
    }
  }

  #refuseSize(what: string): void {
    this.fail(
      new FetchProblem('refused', 'too-large', { detail: `${what}; at most ${this.#options.maxBytes} are taken` }),
    );
  }

  #pause(): void {
    if (this.#paused) return;
    this.#paused = true;
    this.#controller?.pause();
  }

  #resume(): void {
    if (!this.#paused || this.#stage !== 'body') return;
    this.#paused = false;
    this.#touchedMs = performance.now();
    this.#windowStartMs = this.#touchedMs;
    this.#windowBytes = 0;
    this.#controller?.resume();
  }

  #resumeSource(): void {
    const last = this.#decoders.at(-1);
    if (last === undefined) this.#resume();
    else last.resume();
  }

  #complete(): void {
    if (this.#stage !== 'body') return;
    this.#stage = 'storing';
    if (this.#truncated) this.#controller?.abort(new Error('enough was read'));
    this.#writer!.finish().then(
      (stored) => {
        this.#end();
        this.#resolve({ status: this.#status, headers: this.#headers, stored, truncated: this.#truncated });
      },
      (error) => {
        this.#end();
        this.#reject(error);
      },
    );
  }

  #finishDiscarding(): void {
    if (this.#stage !== 'discarding') return;
    this.#end();
    this.#resolve({ status: this.#status, headers: this.#headers, stored: null, truncated: false });
  }

  #timeOut(reason: 'timeout' | 'too-slow', detail: string): void {
    // The answer is known; only its useless body is late.
    if (this.#stage === 'discarding') this.#finishDiscarding();
    else if (this.#stage !== 'storing') this.fail(new FetchProblem('transient', reason, { detail }));
  }

  #end(): void {
    const unfinished = this.#stage !== 'storing';
    this.#stage = 'over';
    this.#options.signal?.removeEventListener('abort', this);
    for (const decoder of this.#decoders) decoder.destroy();
    // Aborting a finished exchange does nothing; an unfinished one loses its connection.
    if (unfinished) this.#controller?.abort(new Error('given up'));
  }
}
