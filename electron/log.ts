/** Main's own log: JSON lines beside the core's, for people who look for a cause. Never secrets. */

import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** A longer file is put aside; the one that was put aside before it is given up. */
const MAX_BYTES = 5 * 1024 * 1024;
/** Longer texts are cut: a process that writes without end is no reason to fill a disk. */
const MAX_TEXT_CHARACTERS = 8_000;

type LogLevel = 'info' | 'warning' | 'error';

export interface MainLog {
  /** Absolute path of the file. */
  readonly path: string;
  write(level: LogLevel, message: string, fields?: Readonly<Record<string, unknown>>): void;
  /** An error with its causes. */
  error(error: unknown, fields?: Readonly<Record<string, unknown>>): void;
}

/**
 * `main.log` in this folder, which is made now: where its disk goes away later nothing is made in its place. It never throws:
 * a full disk must not turn a logged problem into a second one.
 */
export function openMainLog(directory: string): MainLog {
  const path = join(directory, 'main.log');
  try {
    mkdirSync(directory, { mode: 0o700 });
  } catch {
    // It is there, or cannot be: then nothing is logged.
  }
  const write: MainLog['write'] = (level, message, fields = {}) => {
    try {
      if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) >= MAX_BYTES) renameSync(path, `${path}.1`);
      const entry = { at: new Date().toISOString(), level, message: message.slice(0, MAX_TEXT_CHARACTERS), ...fields };
      appendFileSync(path, `${JSON.stringify(entry)}\n`, { mode: 0o600 });
    } catch {
      // There is nowhere left to say it.
    }
  };
  return { path, write, error: (error, fields = {}) => write('error', describe(error), fields) };
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const own = error.stack ?? error.message;
  return error.cause === undefined ? own : `${own}\nCaused by: ${describe(error.cause)}`;
}
