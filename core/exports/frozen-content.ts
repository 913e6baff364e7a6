/** What an export writes, as it was at one moment, however long the writing takes and whatever is changed meanwhile. */

import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../shared/errors.ts';
import { DatabaseReader, type LinesQuery, type ReaderQuery } from '../db/reader.ts';
import { parseTags } from '../samples/stored-tags.ts';
import type { ExportContent, ExportDataset, ExportSample } from './export-types.ts';

const BATCH_SIZE = 500;
const READ_BYTES = 256 * 1024;

/** A sample as `ExportRepository` writes it. */
type FrozenSample = Omit<ExportSample, 'reasons' | 'tags'> & { readonly reasons: string; readonly tags: string };

export interface FreezeOptions {
  readonly databasePath: string;
  /** See `ExportRepository.content`. */
  readonly queries: readonly [ReaderQuery, LinesQuery];
  /** Where what is frozen lies until it has been read, some 600 bytes an image, and twice that for a moment. */
  readonly folderPath: string;
  readonly signal: AbortSignal;
}

/**
 * Copies the rows of an export into a file, from one state of the database. On a thread of its own: a million samples take
 * some 10 s, which would hold up other reads.
 * @returns what was frozen; its samples can be read once
 * @throws AppError `not-found` when the dataset is gone; `cancelled`
 */
export async function freezeContent({
  databasePath,
  queries,
  folderPath,
  signal,
}: FreezeOptions): Promise<ExportContent> {
  const path = join(folderPath, 'samples');
  const reader = new DatabaseReader(databasePath);
  const stop = () => void reader.close();
  signal.addEventListener('abort', stop);
  try {
    signal.throwIfAborted();
    const [datasets, images = 0] = await reader.lines(queries, path);
    if (datasets !== 1) throw missingDataset();
    return { dataset: await readDataset(path), images, samples: readSamples(path) };
  } catch (error) {
    if (signal.aborted) throw new AppError('cancelled', 'The export was cancelled.', { cause: error });
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
    await reader.close();
  }
}

async function readDataset(path: string): Promise<ExportDataset> {
  for await (const [line = ''] of readBatches(path)) return JSON.parse(line) as ExportDataset;
  throw new Error(`Expected the dataset in the first line of ${path}.`);
}

async function* readSamples(path: string): AsyncGenerator<readonly ExportSample[]> {
  let isHead = true;
  for await (const lines of readBatches(path)) {
    if (!isHead) yield lines.map(parseSample);
    isHead = false;
  }
  await rm(path, { force: true });
}

/** What `ExportRepository.contentHere` gives. @throws AppError `not-found` when the dataset is gone */
export function contentOfTexts([datasets, samples]: readonly [readonly string[], readonly string[]]): ExportContent {
  const [dataset] = datasets;
  if (dataset === undefined) throw missingDataset();
  async function* all() {
    yield samples.map(parseSample);
  }
  return { dataset: JSON.parse(dataset) as ExportDataset, images: samples.length, samples: all() };
}

function missingDataset(): AppError {
  return new AppError('not-found', 'The dataset is no longer there.');
}

function parseSample(line: string): ExportSample {
  const row = JSON.parse(line) as FrozenSample;
  return { ...row, reasons: row.reasons === '' ? [] : row.reasons.split(','), tags: parseTags(row.tags) };
}

/** Lines of a file: the first alone, then many together. */
async function* readBatches(path: string): AsyncGenerator<readonly string[]> {
  const lines: string[] = [];
  let size = 1;
  let rest = '';
  for await (const text of createReadStream(path, { encoding: 'utf8', highWaterMark: READ_BYTES })) {
    const found = (rest + text).split('\n');
    rest = found.pop() as string;
    lines.push(...found);
    for (; lines.length >= size; size = BATCH_SIZE) yield lines.splice(0, size);
  }
  if (lines.length > 0) yield lines;
}
