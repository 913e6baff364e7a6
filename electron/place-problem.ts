/** Why nothing could be written to a place that a person chose, in their words: `toAppError` would speak of the data directory. */

import { statSync } from 'node:fs';
import { AppError, isDiskFull } from '../shared/errors.ts';

/**
 * @param thrown by the file system while it wrote to the place; anything else is given back as it is
 * @param folder absolute; the one that was chosen
 */
export function placeProblem(thrown: unknown, folder: string): unknown {
  const { code } = (thrown ?? {}) as { readonly code?: unknown };
  if (thrown instanceof AppError || typeof code !== 'string') return thrown;
  const options = { details: { systemCode: code }, cause: thrown };
  // Before what the code says: a drive that was pulled out is answered with many.
  if (!isFolder(folder)) {
    const message = `Expected the folder ${folder}, but it is no longer there: it was moved, deleted or unplugged. Choose another.`;
    return new AppError('not-found', message, options);
  }
  if (isDiskFull(code)) {
    const message = `The disk that holds ${folder} is full. Free some space there, or choose another disk.`;
    return new AppError('disk-full', message, options);
  }
  switch (code) {
    case 'EACCES':
    case 'EPERM':
    case 'EROFS': {
      const message = `The system does not let PixCrawler write to ${folder} (${code}). Change its permissions, or choose another folder.`;
      return new AppError('forbidden', message, options);
    }
    case 'EFBIG': {
      const message = `The disk that holds ${folder} takes no file as large as this (${code}). Choose a disk with another file system.`;
      return new AppError('payload-too-large', message, options);
    }
    case 'ENAMETOOLONG':
    case 'EINVAL': {
      const message = `The disk that holds ${folder} takes no file of this name (${code}). Choose a folder with a shorter path, or another disk.`;
      return new AppError('bad-request', message, options);
    }
    case 'EMFILE':
    case 'ENFILE':
      return thrown;
  }
  if (!/^E[A-Z0-9]+$/.test(code)) return thrown;
  const message = `Something could not be written to ${folder} (${code}). Check its disk and the connection to it, or choose another folder.`;
  return new AppError('unavailable', message, options);
}

/** False also where the system does not tell. */
export function isFolder(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  } catch {
    return false;
  }
}
