/** One run of one command: its streams, its settings, the core it opens when it first needs it, and Ctrl-C. */

import type { Core, CoreClient, CoreOptions, OwnerAddress } from '../core/index.ts';
import { asAppError, InterruptedError } from './errors.ts';
import type { Environment, HostStream, Output } from './output.ts';
import { dataDirectoryOf, type Place } from './paths.ts';

/** What the process gives to the command line. Tests give their own. */
export interface CliHost extends Place {
  /** What follows the program's name. */
  readonly argv: readonly string[];
  readonly environment: Environment;
  readonly version: string;
  readonly stdout: HostStream;
  readonly stderr: HostStream;
  openCore(options: CoreOptions): Promise<Core>;
  /** Where the program answers that has a data directory open; null when none does. */
  findOwner(dataDirectory: string): Promise<OwnerAddress | null>;
  /** The contract of a core in another program. @throws AppError `unavailable` when it does not answer soon */
  connect(owner: OwnerAddress): Promise<CoreClient>;
  /** Serves a core over HTTP until it is closed. */
  serve(core: Core, options: ServeRequest): Promise<{ readonly url: string; close(): Promise<void> }>;
  /** Shows an address in the user's browser. Whether there is one is not this program's business. */
  openBrowser(url: string): Promise<void>;
  /** Called for SIGINT, SIGTERM and SIGHUP; returns what ends that. */
  onSignal(listener: () => void): () => void;
  /** Ends the process at once. */
  exitNow(exitCode: number): void;
  /** Runs `cleanup` when the process ends for any reason; returns what takes that back. */
  atExit(cleanup: () => void): () => void;
  /** Asks on the terminal; null when there is no answer, undefined where nobody can be asked. */
  readonly ask: ((question: string, signal: AbortSignal) => Promise<string | null>) | undefined;
}

/** What `pixcrawler serve` asks for. */
export interface ServeRequest {
  readonly dataDirectory: string;
  readonly host: string;
  readonly port: number;
  readonly token: string | undefined;
}

/** The flags that every command takes. */
export interface GlobalOptions {
  readonly dataDir?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** Ctrl-C, once: a command that has something to put in order handles it, every other command just ends. */
export class Interrupt {
  readonly #controller = new AbortController();
  readonly #unhandled = Promise.withResolvers<never>();
  #handler: (() => void) | null = null;

  constructor() {
    // Whoever races against it sees the rejection; nobody has to.
    this.#unhandled.promise.catch(() => {});
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Rejects with an InterruptedError when nothing handles the interrupt. */
  get unhandled(): Promise<never> {
    return this.#unhandled.promise;
  }

  trigger(): void {
    if (this.signal.aborted) return;
    this.#controller.abort();
    if (this.#handler === null) this.#unhandled.reject(new InterruptedError());
    else this.#handler();
  }

  /** From now on `handler` decides what an interrupt means; returns what gives that up. */
  handle(handler: () => void): () => void {
    this.#handler = handler;
    return () => {
      this.#handler = null;
    };
  }
}

export class Session {
  readonly host: CliHost;
  readonly out: Output;
  readonly err: Output;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly interrupt: Interrupt;
  readonly dataDirectory: string;
  #core: Promise<Core> | null = null;
  #remote: Promise<CoreClient> | null = null;

  constructor(host: CliHost, streams: { out: Output; err: Output }, interrupt: Interrupt, options: GlobalOptions) {
    this.host = host;
    this.out = streams.out;
    this.err = streams.err;
    this.interrupt = interrupt;
    this.json = options.json === true;
    this.quiet = options.quiet === true;
    this.dataDirectory = dataDirectoryOf(host, options.dataDir);
  }

  /**
   * The contract: of the core in this process, or in the program that has the data directory open.
   * @param purpose as of `core`
   */
  async client(purpose: 'use' | 'create' = 'use'): Promise<CoreClient> {
    if (this.#remote !== null) return this.#remote;
    try {
      return (await this.core(purpose)).client;
    } catch (error) {
      this.#remote = this.#connectToOwner(error);
      return this.#remote;
    }
  }

  /** @throws `inUse` unless the program that has the data directory open answers */
  async #connectToOwner(inUse: unknown): Promise<CoreClient> {
    if (asAppError(inUse).code !== 'in-use') throw inUse;
    const owner = await this.host.findOwner(this.dataDirectory);
    if (owner === null) throw inUse;
    let client: CoreClient;
    try {
      client = await this.host.connect(owner);
    } catch {
      throw inUse;
    }
    const { version } = await client.library.info();
    if (version !== this.host.version) {
      this.note(`PixCrawler ${version} has this library open and answers; this is ${this.host.version}.`);
    }
    return client;
  }

  /**
   * The core in this process, opened when it is first asked for.
   * @param purpose only what is to `create` something makes a library where there is none: a mistyped path, or a disk
   *   that is away, must not look like an empty library
   */
  core(purpose: 'use' | 'create' = 'use'): Promise<Core> {
    this.#core ??= this.host.openCore({
      dataDirectory: this.dataDirectory,
      create: purpose === 'create' ? 'if-new' : 'never',
      environment: this.host.environment,
      version: this.host.version,
    });
    return this.#core;
  }

  /** Closes the core when it was opened. An opening that failed has nothing to close. */
  async close(): Promise<void> {
    const core = await this.#core?.catch(() => null);
    await core?.close();
  }

  /** The one line that says what was done, or the object with it. */
  result(line: string, value: unknown): void {
    if (this.json) this.out.json(value);
    else this.out.line(line);
  }

  /** Something a person may want to know, and nobody has to. */
  note(line: string): void {
    if (!this.json && !this.quiet) this.err.line(this.err.colours.dim(line));
  }
}
