/** A stream a person or a program reads from: lines, JSON lines, colours, backpressure, and a reader that went away. */

import picocolors from 'picocolors';

/** What is used of process.stdout and process.stderr. */
export type HostStream = NodeJS.WritableStream & { isTTY?: boolean; columns?: number; rows?: number };
export type Environment = Readonly<Record<string, string | undefined>>;
export type Colours = ReturnType<typeof picocolors.createColors>;

export class Output {
  readonly colours: Colours;
  readonly isTerminal: boolean;
  readonly #stream: HostStream;
  readonly #onClosed: (error: NodeJS.ErrnoException) => void;
  #closed = false;

  /** @param onClosed called once when the reader has gone (EPIPE) or nothing more can be written */
  constructor(stream: HostStream, environment: Environment, onClosed: (error: NodeJS.ErrnoException) => void) {
    this.#stream = stream;
    this.isTerminal = stream.isTTY === true;
    this.colours = picocolors.createColors(wantsColours(stream, environment));
    this.#onClosed = onClosed;
    stream.on('error', (error: NodeJS.ErrnoException) => this.#close(error));
  }

  /** True once the reader has gone: what is written then goes nowhere. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Width in columns; undefined when this is not a terminal, so that nothing is ever cut in a file. */
  get columns(): number | undefined {
    return this.isTerminal ? Math.max(20, this.#stream.columns ?? 80) : undefined;
  }

  get rows(): number {
    return Math.max(2, this.#stream.rows ?? 24);
  }

  /** Writes and does not wait. */
  write(text: string): void {
    if (!this.#closed) this.#stream.write(text);
  }

  line(text = ''): void {
    this.write(`${text}\n`);
  }

  lines(texts: readonly string[]): void {
    if (texts.length > 0) this.write(`${texts.join('\n')}\n`);
  }

  /** One object on one line. Control characters are escaped, so that a terminal is safe too. */
  json(value: unknown): void {
    this.line(jsonLine(value));
  }

  /** Resolves when what was written has been taken, so that a slow reader never makes memory grow. */
  async drained(): Promise<void> {
    const stream = this.#stream as HostStream & { writableNeedDrain?: boolean };
    if (this.#closed || stream.writableNeedDrain !== true) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    stream.once('drain', resolve);
    stream.once('error', resolve);
    stream.once('close', resolve);
    await promise;
    stream.removeListener('drain', resolve);
    stream.removeListener('error', resolve);
    stream.removeListener('close', resolve);
  }

  /** Resolves when everything has been handed to the system, or nothing more can be. */
  async flushed(): Promise<void> {
    if (this.#closed) return;
    const { promise, resolve } = Promise.withResolvers<NodeJS.ErrnoException | null | undefined>();
    this.#stream.write('', resolve);
    const error = await promise;
    if (error) this.#close(error);
  }

  #close(error: NodeJS.ErrnoException): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#onClosed(error);
  }
}

function jsonLine(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u007f-\u009f\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** NO_COLOR (https://no-color.org) wins, then FORCE_COLOR, then whether this is a terminal that can. */
function wantsColours(stream: HostStream, environment: Environment): boolean {
  if (environment.NO_COLOR) return false;
  const force = environment.FORCE_COLOR;
  if (force !== undefined) return force !== '0' && force !== 'false';
  return stream.isTTY === true && environment.TERM !== 'dumb';
}
