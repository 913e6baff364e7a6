/** How answers of a host reach a caller: one kind of error, and streams that end when they are told to. */

import { ORPCError } from '@orpc/client';
import { AppError, ERROR_STATUS, type ErrorCode } from '../shared/errors.ts';

export type Stream = AsyncIteratorObject<unknown, unknown, void>;

interface Call {
  readonly signal?: AbortSignal | undefined;
  next(): Promise<unknown>;
}

/** Makes the call; it rejects with the AppError of the core, `unavailable` or `cancelled`, and so does a stream it gives. */
export async function answered({ next, signal }: Call): Promise<unknown> {
  try {
    const output = await next();
    return isStream(output) ? untilSignal(output, signal) : output;
  } catch (error) {
    throw toAppError(error, signal);
  }
}

export function isStream(output: unknown): output is Stream {
  return typeof output === 'object' && output !== null && Symbol.asyncIterator in output;
}

/**
 * A stream whose end is what it is in process: quiet, and at once when the signal fires. The signal of a request is not
 * relied on: it dies with the request, which nothing holds once its answer has begun.
 */
function untilSignal(stream: Stream, signal: AbortSignal | undefined): Stream {
  const end = { done: true, value: undefined } as const;
  const waiting = new Set<() => void>();
  let isLeft = false;
  const leave = async () => {
    isLeft = true;
    signal?.removeEventListener('abort', leave);
    for (const wake of waiting) wake();
    // The connection may be gone already: left is left.
    await stream.return?.().catch(() => undefined);
  };
  signal?.addEventListener('abort', leave);
  if (signal?.aborted === true) void leave();
  return {
    next() {
      if (isLeft) return Promise.resolve(end);
      const { promise, resolve, reject } = Promise.withResolvers<IteratorResult<unknown, unknown>>();
      const wake = () => resolve(end);
      waiting.add(wake);
      stream
        .next()
        .then(resolve, (error: unknown) => (isLeft ? resolve(end) : reject(toAppError(error, signal))))
        .finally(() => waiting.delete(wake));
      return promise;
    },
    async return() {
      await leave();
      return end;
    },
    [Symbol.asyncIterator]() {
      return this;
    },
    [Symbol.asyncDispose]: leave,
  };
}

function toAppError(error: unknown, signal: AbortSignal | undefined): AppError {
  if (signal?.aborted === true) return new AppError('cancelled', 'The request was cancelled.', { cause: error });
  if (error instanceof AppError) return error;
  if (!(error instanceof ORPCError)) {
    return new AppError('unavailable', 'PixCrawler cannot be reached. It may have been closed.', { cause: error });
  }
  const details = (error.data as { details?: Record<string, unknown> } | undefined)?.details ?? {};
  const code = Object.hasOwn(ERROR_STATUS, error.code) ? (error.code as ErrorCode) : codeOf(error.status);
  return new AppError(code, error.message, { details, cause: error });
}

/** What an answer means that is none of ours, such as that of a proxy. */
function codeOf(status: number): ErrorCode {
  const known = Object.entries(ERROR_STATUS).find(([, each]) => each === status);
  return (known?.[0] as ErrorCode | undefined) ?? (status >= 500 ? 'unavailable' : 'bad-request');
}
