/** Images alone in one folder, named as they were found. */

import { chmod, constants, copyFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../shared/errors.ts';
import { FORMAT_EXTENSION } from '../../shared/vocabulary.ts';
import type { ExportSample } from '../exports/export-types.ts';
import { UniqueNames } from '../names/safe-name.ts';
import { errorCode } from '../store/durable-file.ts';

/** Beyond this many, images are named by their hash: names given out are held in memory. */
const MOST_NAMED = 10_000;
const HASH_NAME_LENGTH = 16;
const AT_ONCE = 8;
/** The store's own files cannot be written; what is dragged out can. */
const MODE = 0o644;
const IMAGE_ENDING = /\.(?:jpe?g|png|webp|gif|avif|hei[cf]|tiff?|bmp|svg)$/i;

export interface PlainFilesOptions {
  readonly samples: AsyncIterable<readonly ExportSample[]>;
  /** How many samples there are. */
  readonly count: number;
  /** Exists, and is empty. */
  readonly folderPath: string;
  readonly pathOf: (sha256: string) => string;
  readonly signal: AbortSignal;
  readonly onProgress: (images: number) => void;
}

/**
 * Copies images, which on file systems that can costs no room: never hard links, since whoever edits what was dragged out
 * would edit the store.
 * @throws AppError `not-found` or `conflict` when a stored image is missing or has another size; `cancelled`
 */
export async function writePlainFiles(options: PlainFilesOptions): Promise<void> {
  const { samples, count, folderPath, pathOf, signal, onProgress } = options;
  const nameOf = count > MOST_NAMED ? hashNames() : foundNames();
  let images = 0;
  for await (const batch of samples) {
    const targets = batch.map((sample) => join(folderPath, nameOf(sample)));
    for (let at = 0; at < batch.length; at += AT_ONCE) {
      if (signal.aborted) throw new AppError('cancelled', 'The drag was cancelled.');
      const group = batch.slice(at, at + AT_ONCE);
      // Whatever fails, nothing may still be written when this ends.
      const outcomes = await Promise.allSettled(
        group.map((sample, index) => copyImage(pathOf(sample.sha256), targets[at + index] as string, sample.bytes)),
      );
      for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
      images += group.length;
      onProgress(images);
    }
  }
}

/** A name for each image, in the order they come in. */
type NameOf = (sample: Pick<ExportSample, 'name' | 'sha256' | 'format'>) => string;

/** The names they were found under, safe on every system and unique, with the ending of what they are. */
export function foundNames(): NameOf {
  const names = new UniqueNames({ fallback: 'image' });
  return ({ name, sha256, format }) => {
    const stem = (name ?? '').replace(IMAGE_ENDING, '');
    const plain = stem.trim() === '' ? sha256.slice(0, HASH_NAME_LENGTH) : stem;
    return names.take(`${plain}.${FORMAT_EXTENSION[format]}`);
  };
}

/** Whole hashes: unique without being remembered. */
function hashNames(): NameOf {
  return ({ sha256, format }) => `${sha256}.${FORMAT_EXTENSION[format]}`;
}

async function copyImage(source: string, target: string, sizeBytes: number): Promise<void> {
  try {
    await copyFile(source, target, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
    throw new AppError('not-found', `A stored image is missing: ${source}. Run "pixcrawler doctor", then drag again.`, {
      details: { path: source },
      cause: error,
    });
  }
  await chmod(target, MODE);
  const { size } = await stat(target);
  if (size !== sizeBytes) {
    throw new AppError(
      'conflict',
      `Expected ${sizeBytes} bytes in ${source}, but it holds ${size}. Run "pixcrawler doctor", then drag again.`,
      { details: { path: source, expected: sizeBytes, size } },
    );
  }
}
