/** A process without a process: what the command line writes, asks and ends with is what tests read. */

import { Writable } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import type { CoreOptions, OwnerAddress } from '../../core/index.ts';
import { AppError } from '../../shared/errors.ts';
import { runCli } from '../run.ts';
import type { ServeRequest } from '../session.ts';
import { type FakeCore, type FakeOptions, makeFakeCore } from './fake-core.ts';

/** Collects what is written; a terminal when it is given a width. */
export class TestStream extends Writable {
  readonly isTTY: boolean;
  columns: number;
  rows = 24;
  text = '';
  /** Every write by itself. */
  readonly writes: string[] = [];
  #error: Error | null = null;

  constructor(columns?: number) {
    super({ decodeStrings: false });
    this.isTTY = columns !== undefined;
    this.columns = columns ?? 0;
  }

  override _write(chunk: string, _encoding: string, done: (error?: Error | null) => void): void {
    this.text += chunk;
    this.writes.push(chunk);
    done(this.#error);
  }

  /** From now on nobody reads. */
  breakPipe(code = 'EPIPE'): void {
    this.#error = Object.assign(new Error(`write ${code}`), { code });
  }

  /** Without colours and cursor movements. */
  get plain(): string {
    return stripVTControlCharacters(this.text);
  }
}

export interface CliOptions extends FakeOptions {
  readonly environment?: Readonly<Record<string, string>>;
  /** Width of a terminal; absent when the stream is not one. */
  readonly stdoutColumns?: number;
  readonly stderrColumns?: number;
  readonly answer?: string | null;
  readonly openError?: unknown;
  readonly workingDirectory?: string;
  /** Who has the data directory open, as its owner file says. */
  readonly owner?: OwnerAddress;
  /** Whether that one answers; then it is a core with the same options. Default true. */
  readonly ownerAnswers?: boolean;
  readonly serveError?: unknown;
}

export interface CliRun {
  readonly core: FakeCore;
  readonly stdout: TestStream;
  readonly stderr: TestStream;
  readonly opened: CoreOptions[];
  /** What was asked to be served; emptied when it is closed. */
  readonly served: ServeRequest[];
  /** Addresses shown in a browser. */
  readonly shown: string[];
  readonly questions: string[];
  /** Exit codes of ends at once. */
  readonly ends: number[];
  readonly exitCode: Promise<number>;
  /** Ctrl-C. */
  signal(): void;
  /** What a process does on its way out. */
  exit(): void;
}

/** Starts a command line, given as words. */
export function startCli(argv: readonly string[], options: CliOptions = {}): CliRun {
  const core = makeFakeCore(options);
  const stdout = new TestStream(options.stdoutColumns);
  const stderr = new TestStream(options.stderrColumns);
  const opened: CoreOptions[] = [];
  const served: ServeRequest[] = [];
  const shown: string[] = [];
  const questions: string[] = [];
  const ends: number[] = [];
  const listeners = new Set<() => void>();
  const cleanups = new Set<() => void>();
  const { answer } = options;
  const exitCode = runCli({
    argv,
    stdout,
    stderr,
    environment: options.environment ?? {},
    platform: 'linux',
    homeDirectory: '/home/ann',
    workingDirectory: options.workingDirectory ?? '/home/ann/pictures',
    version: '1.2.3',
    openCore: async (given) => {
      opened.push(given);
      if (options.openError !== undefined) throw options.openError;
      return core;
    },
    findOwner: async () => options.owner ?? null,
    connect: async () => {
      if (options.ownerAnswers === false) throw new AppError('unavailable', 'It does not answer.');
      return core.client;
    },
    serve: async (_core, request) => {
      if (options.serveError !== undefined) throw options.serveError;
      served.push(request);
      return {
        url: `http://${request.host}:${request.port}/?token=secret`,
        close: async () => {
          served.length = 0;
        },
      };
    },
    openBrowser: async (url) => void shown.push(url),
    onSignal: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    exitNow: (code) => ends.push(code),
    atExit: (cleanup) => {
      cleanups.add(cleanup);
      return () => cleanups.delete(cleanup);
    },
    ask:
      answer === undefined
        ? undefined
        : async (question) => {
            questions.push(question);
            return answer;
          },
  });
  return {
    core,
    stdout,
    stderr,
    opened,
    served,
    shown,
    questions,
    ends,
    exitCode,
    signal: () => {
      for (const listener of listeners) listener();
    },
    exit: () => {
      for (const cleanup of cleanups) cleanup();
    },
  };
}

export interface CliResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** The lines of stdout, each as JSON; throws when one is not. */
  readonly objects: Record<string, unknown>[];
  readonly run: CliRun;
}

/** Runs a command line to its end. */
export async function cli(argv: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  const run = startCli(argv, options);
  const code = await run.exitCode;
  const { text } = run.stdout;
  return {
    code,
    stdout: text,
    stderr: run.stderr.text,
    get objects() {
      return text
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Record<string, unknown>);
    },
    run,
  };
}
