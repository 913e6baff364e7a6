/**
 * Worker processes as children of this process, each a Node of its own.
 *
 * Messages travel over a pipe of our own and not over Node's IPC channel: that one throws an exception which nobody can
 * catch when a child writes bytes that it cannot decode, and so hands a broken child the parent's life (seen on Node 24.21).
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { closeSync, existsSync, openSync, readSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex, Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { deserialize, serialize } from 'node:v8';
import { createFrameReader, frameHeader } from '../../shared/frames.ts';
import { WORKER_FLAGS, WORKER_TAIL_BYTES, workerEnvironment } from '../../shared/worker-environment.ts';
import type { HostedProcess, ProcessEvents, ProcessHost } from './process-host.ts';

const CHANNEL_FD = 3;
/** How long the pipes of a process may outlive it before its exit is reported anyway. */
const DRAIN_MS = 1000;

export interface ForkProcessHostOptions {
  /** Flags for Node. Default WORKER_FLAGS. */
  readonly execArgv?: readonly string[];
  /** The longest message accepted from a process, in bytes. Default 256 MiB. */
  readonly maxMessageBytes?: number;
}

/** A host that spawns `process.execPath`. */
export function createForkProcessHost(options: ForkProcessHostOptions = {}): ProcessHost {
  const execArgv = options.execArgv ?? WORKER_FLAGS;
  const maxMessageBytes = options.maxMessageBytes ?? 256 * 1024 * 1024;
  return {
    spawn: (entry, events) => {
      const outputFile = openOutputFile();
      const child = spawn(process.execPath, [...execArgv, entry], {
        env: workerEnvironment(process.env),
        stdio: ['ignore', outputFile ?? 'pipe', 'pipe', 'pipe'],
        windowsHide: true,
      });
      return attach(child, events, maxMessageBytes, outputFile);
    },
  };
}

/**
 * A file without a name for a process's standard output, so that what it notes there for each image costs us nothing
 * unless it dies, and nothing is left behind when we do. null where that cannot be had: then it is a pipe.
 */
function openOutputFile(): number | null {
  if (process.platform === 'win32') return null;
  const path = join(tmpdir(), `worker-output-${randomUUID()}`);
  try {
    const file = openSync(path, 'wx+', 0o600);
    unlinkSync(path);
    return file;
  } catch {
    return null;
  }
}

function readAndClose(file: number): string {
  const bytes = Buffer.alloc(WORKER_TAIL_BYTES);
  try {
    return bytes.toString('utf8', 0, readSync(file, bytes, 0, WORKER_TAIL_BYTES, 0));
  } catch {
    return '';
  } finally {
    closeSync(file);
  }
}

function attach(
  child: ChildProcess,
  events: ProcessEvents,
  maxMessageBytes: number,
  outputFile: number | null,
): HostedProcess {
  // A child that could not be spawned because too many files are open has no `stdio`, whatever its type says.
  const stdio: ChildProcess['stdio'] | undefined = child.stdio;
  const channel = stdio?.[CHANNEL_FD] as Duplex | undefined;
  const outputTail = outputFile === null ? keepTail(child.stdout) : () => readAndClose(outputFile);
  const errorTail = keepTail(child.stderr);
  let gone = false;
  let startError = '';

  function kill(): void {
    if (!gone) child.kill('SIGKILL');
  }
  function report(code: number | null, signal: string | null): void {
    if (gone) return;
    gone = true;
    events.onExit({ code, signal, outputTail: outputTail(), errorTail: `${errorTail()}${startError}` });
  }

  const read = createFrameReader(maxMessageBytes, (frame) => {
    if (!gone) events.onMessage(deserialize(frame));
  });
  let trusted = true;
  channel?.on('data', (chunk: Buffer) => {
    if (!trusted) return;
    try {
      read(chunk);
    } catch {
      trusted = false;
      kill();
    }
  });
  // A broken pipe means that the process is ending; its exit is what counts.
  channel?.on('error', () => undefined);
  child.on('error', (error) => {
    startError = error.message;
    if (child.pid === undefined) report(null, null);
  });
  child.on('exit', (code, signal) => {
    setTimeout(() => report(code, signal), DRAIN_MS).unref();
  });
  child.on('close', report);

  return {
    pid: child.pid,
    kill,
    send: (message) => {
      if (gone || channel === undefined || !channel.writable) return;
      const body = serialize(message);
      channel.cork();
      channel.write(frameHeader(body.length));
      channel.write(body);
      channel.uncork();
    },
  };
}

/** Reads a stream to its end and remembers the last of it. */
function keepTail(stream: Readable | null | undefined): () => string {
  let tail: Buffer = Buffer.alloc(0);
  stream?.on('data', (chunk: Buffer) => {
    tail =
      chunk.length >= WORKER_TAIL_BYTES
        ? chunk.subarray(-WORKER_TAIL_BYTES)
        : Buffer.concat([tail.subarray(-WORKER_TAIL_BYTES), chunk]);
  });
  stream?.on('error', () => undefined);
  return () => tail.subarray(-WORKER_TAIL_BYTES).toString('utf8');
}

/**
 * The entry of worker processes: `workers/worker-process.ts` when run from source, else `worker.js` beside the bundle
 * that holds this code or one folder above it (with `task-thread.js` beside it).
 */
export function defaultWorkerEntry(): string {
  const candidates = import.meta.url.endsWith('.ts')
    ? ['../../workers/worker-process.ts']
    : ['./worker.js', '../worker.js'];
  const paths = candidates.map((candidate) => fileURLToPath(new URL(candidate, import.meta.url)));
  return paths.find((path) => existsSync(path)) ?? (paths[0] as string);
}
