/** The core's own log: JSON lines in the data directory, for people who look for a cause. Never secrets, never image bytes. */

import { appendFileSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

const MAX_BYTES = 10 * 1024 * 1024;
const FILES_KEPT = 5;

export interface Log {
  write(level: 'info' | 'warning' | 'error', message: string, fields?: Readonly<Record<string, unknown>>): void;
  /** A statement or a transaction that took longer than it should, in words without a user's data. */
  slow(what: string, durationMs: number): void;
  /** An error with its cause chain. */
  error(error: unknown, fields?: Readonly<Record<string, unknown>>): void;
}

/** A log in this directory. It never throws: a full disk must not turn a logged problem into a second one. */
export function openLog(directory: string): Log {
  const path = join(directory, 'core.log');
  const write: Log['write'] = (level, message, fields = {}) => {
    try {
      mkdirSync(directory, { recursive: true });
      rotate(path);
      appendFileSync(path, `${JSON.stringify({ at: new Date().toISOString(), level, message, ...fields })}\n`);
    } catch {
      // There is nowhere left to say it.
    }
  };
  return {
    write,
    slow: (what, durationMs) => write('warning', `slow: ${what}`, { durationMs: Math.round(durationMs) }),
    error: (error, fields = {}) => write('error', describe(error), fields),
  };
}

function rotate(path: string): void {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size < MAX_BYTES) return;
  rmSync(`${path}.${FILES_KEPT}`, { force: true });
  for (let index = FILES_KEPT - 1; index >= 1; index--) {
    if (statSync(`${path}.${index}`, { throwIfNoEntry: false }) !== undefined) {
      renameSync(`${path}.${index}`, `${path}.${index + 1}`);
    }
  }
  renameSync(path, `${path}.1`);
}

function describe(error: unknown): string {
  const lines: string[] = [];
  let current: unknown = error;
  while (current !== undefined && lines.length < 5) {
    lines.push(current instanceof Error ? (current.stack ?? current.message) : String(current));
    current = current instanceof Error ? current.cause : undefined;
  }
  return lines.join('\nCaused by: ');
}
