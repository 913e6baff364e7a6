/** What went wrong, as an exit code and as words. */

import { AppError, ERROR_STATUS, type ErrorCode, toAppError } from '../shared/errors.ts';

/** The exit codes of the command line. */
export const EXIT = {
  done: 0,
  /** A job failed, or a request could not be answered. */
  failed: 1,
  /** The command line itself is wrong, or a value in it. */
  usage: 2,
  /** Done, but something needs attention. */
  attention: 3,
  interrupted: 130,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** A command line that is wrong in a way the parser cannot see. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Thrown by a command that Ctrl-C ended before it had anything to pause. */
export class InterruptedError extends Error {
  override readonly name = 'InterruptedError';
}

/** Anything a call to the core threw, as an AppError. Errors of other links (`NOT_FOUND`) get our codes. */
export function asAppError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  const { code, message, data } = (thrown ?? {}) as { code?: unknown; message?: unknown; data?: unknown };
  if (typeof code === 'string' && typeof message === 'string') {
    const ours = code.toLowerCase().replaceAll('_', '-');
    if (Object.hasOwn(ERROR_STATUS, ours)) {
      const content = (data ?? {}) as { details?: Record<string, unknown>; issues?: readonly Issue[] };
      const issues = content.issues?.map(describeIssue).join('; ');
      return new AppError(ours as ErrorCode, issues ?? message, {
        details: content.details ?? {},
        cause: thrown,
      });
    }
  }
  return toAppError(thrown);
}

/** `bad-request` is the user's command line; everything else happened at run time. */
export function exitCodeOf(error: AppError): ExitCode {
  return error.code === 'bad-request' ? EXIT.usage : error.code === 'cancelled' ? EXIT.interrupted : EXIT.failed;
}

/** The innermost words of what caused an error, for `internal` ones. */
export function causeOf(error: Error): string | null {
  let cause: unknown = error.cause;
  let words: string | null = null;
  for (let depth = 0; cause instanceof Error && depth < 10; depth += 1) {
    words = cause.message;
    cause = cause.cause;
  }
  return words;
}

interface Issue {
  readonly message: string;
  readonly path?: readonly unknown[];
}

function describeIssue(issue: Issue): string {
  const where = issue.path?.map(String).join('.') ?? '';
  return where === '' ? issue.message : `${where}: ${issue.message}`;
}
