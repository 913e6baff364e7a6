/**
 * The one error that crosses every boundary, and the one table of its codes.
 * Unknown errors become `internal` at the boundary; their cause stays in the core's log.
 */

/** Every code with the HTTP status it is answered with. */
export const ERROR_STATUS = {
  'bad-request': 400,
  unauthorized: 401,
  forbidden: 403,
  'not-found': 404,
  conflict: 409,
  'payload-too-large': 413,
  'unsupported-media-type': 415,
  'in-use': 423,
  'rate-limited': 429,
  cancelled: 499,
  internal: 500,
  unavailable: 503,
  'disk-full': 507,
} as const;

export type ErrorCode = keyof typeof ERROR_STATUS;

/** What failed, in words for a person, with machine-readable details beside it. */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: ErrorCode;
  readonly details: Readonly<Record<string, unknown>>;

  /**
   * @param code one of the table above
   * @param message what was expected, what came, and what to do
   * @param options `details` for programs; `cause` stays in the core
   */
  constructor(
    code: ErrorCode,
    message: string,
    options: { details?: Readonly<Record<string, unknown>>; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.details = options.details ?? {};
  }

  get status(): number {
    return ERROR_STATUS[this.code];
  }
}

/** Node has no name for EDQUOT, which is 122 on Linux and 69 on macOS. */
const DISK_FULL_CODES: readonly unknown[] = [
  'ENOSPC',
  'EDQUOT',
  'Unknown system error -122',
  'Unknown system error -69',
  'SQLITE_FULL',
];

/** Whether the `code` of a system's or SQLite's error says that a disk is full, or a quota of it used up. */
export function isDiskFull(code: unknown): boolean {
  return DISK_FULL_CODES.includes(code);
}

/** Whether something failed because too many files are open, be it a thread that could not start. */
export function isOutOfFiles(thrown: unknown): boolean {
  const { code, message } = (thrown ?? {}) as { code?: unknown; message?: unknown };
  if (code === 'ERR_WORKER_INIT_FAILED') return /\bE[MN]FILE\b/.test(String(message));
  return code === 'EMFILE' || code === 'ENFILE';
}

/** Anything thrown, as an AppError; what is not one already becomes `internal` and keeps its cause. */
export function toAppError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  const code = (thrown as { code?: unknown } | null)?.code;
  if (isDiskFull(code)) {
    return new AppError('disk-full', 'The disk that holds the data directory is full. Free some space and resume.', {
      cause: thrown,
    });
  }
  if (typeof code === 'string' && /^(EIO|EROFS|ENXIO|ENODEV|ESTALE|SQLITE_IOERR.*|SQLITE_CANTOPEN.*)$/.test(code)) {
    return new AppError(
      'unavailable',
      `The disk that holds the data directory failed (${code}). Check the disk and its connection, then resume.`,
      { details: { systemCode: code }, cause: thrown },
    );
  }
  if (isOutOfFiles(thrown)) {
    const message = 'The system allows no more open files (EMFILE). Close programs or raise the limit, then resume.';
    return new AppError('unavailable', message, { details: { systemCode: code }, cause: thrown });
  }
  const { path } = (thrown ?? {}) as { path?: unknown };
  const where = typeof path === 'string' ? `"${path}"` : 'a path that was given';
  if (code === 'EACCES' || code === 'EPERM') {
    const message = `The system does not let PixCrawler use ${where} (${code}). Check its permissions, or name another place.`;
    return new AppError('forbidden', message, { details: { systemCode: code }, cause: thrown });
  }
  if (typeof code === 'string' && /^(ENOTDIR|EISDIR|ELOOP|ENAMETOOLONG)$/.test(code)) {
    const message = `No file or folder can be at ${where} (${code}). Name another place.`;
    return new AppError('bad-request', message, { details: { systemCode: code }, cause: thrown });
  }
  return new AppError('internal', 'Something failed inside PixCrawler. The log has the details.', { cause: thrown });
}

/** For the default branch of a switch that must name every member of a union. */
export function unreachable(value: never): never {
  throw new Error(`Unhandled case: ${JSON.stringify(value)}`);
}
