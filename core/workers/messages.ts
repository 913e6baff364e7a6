/** Checks what a worker process says. A process that parses hostile files may have been taken over by one. */

import { ERROR_STATUS, type ErrorCode } from '../../shared/errors.ts';
import type { MessageToCore, RunningTask } from '../../workers/protocol.ts';

/** The message, or undefined when it is none: the process is then not to be trusted any more. */
export function parseMessage(message: unknown): MessageToCore | undefined {
  if (!isRecord(message)) return undefined;
  const { type, id, rssBytes } = message;
  switch (type) {
    case 'ready':
      return { type };
    case 'done':
      return isCount(id) && isCount(rssBytes) ? { type, id, output: message.output, rssBytes } : undefined;
    case 'failed': {
      if (!isCount(id) || !isCount(rssBytes) || typeof message.message !== 'string') return undefined;
      return { type, id, rssBytes, code: errorCode(message.code), message: message.message.slice(0, 2000) };
    }
    case 'dropped':
      return isCount(id) ? { type, id } : undefined;
    case 'alive': {
      const { running } = message;
      if (!isCount(rssBytes) || !Array.isArray(running) || running.length > 1024) return undefined;
      return running.every(isRunningTask) ? { type, rssBytes, running } : undefined;
    }
    case 'breaking': {
      const { index, why } = message;
      if ((id !== null && !isCount(id)) || typeof index !== 'number') return undefined;
      return why === 'deadline' || why === 'memory' || why === 'crash' ? { type, id, index, why } : undefined;
    }
    default:
      return undefined;
  }
}

/** The item that a task had begun when its process ended, from the lines `<task> <item>` that it wrote; null when unknown. */
export function lastBegun(outputTail: string, id: number): number | null {
  let begun: number | null = null;
  for (const match of outputTail.matchAll(/^(\d+) (\d+) *$/gm)) {
    if (Number(match[1]) === id) begun = Number(match[2]);
  }
  return begun;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isRunningTask(value: unknown): value is RunningTask {
  return isRecord(value) && isCount(value.id) && typeof value.index === 'number' && typeof value.elapsedMs === 'number';
}

function errorCode(value: unknown): ErrorCode | null {
  return typeof value === 'string' && Object.hasOwn(ERROR_STATUS, value) ? (value as ErrorCode) : null;
}
