/** Reads a saved answer of a search service. */

import { readFile } from 'node:fs/promises';
import { AppError } from '../../../shared/errors.ts';
import type { TaskInput, TaskOutput } from '../../tasks.ts';
import { openverse } from './openverse.ts';
import type { SearchReader, SearchServiceId } from './types.ts';
import { wikimedia } from './wikimedia.ts';

const READERS: Readonly<Record<SearchServiceId, SearchReader>> = { openverse, wikimedia };

/** A longer address of a next page is none that a service would take. */
const MAX_NEXT_LENGTH = 8_192;

/**
 * Any content gives a result; only a file that cannot be read rejects. Results past `maxResults` count as skipped, and
 * the next page is then still given: services that keep to what they promise never send so many.
 */
export async function readSearchAnswer(
  input: TaskInput<'read-search-answer'>,
): Promise<TaskOutput<'read-search-answer'>> {
  const text = await readFile(input.path, 'utf8');
  try {
    const { images, next, totalFound, skipped } = READERS[input.service].parse(text, input.url);
    return {
      page: {
        images: images.slice(0, input.maxResults),
        next: next === null || next.length > MAX_NEXT_LENGTH ? null : next,
        totalFound,
        skipped: skipped + Math.max(0, images.length - input.maxResults),
      },
      problem: null,
    };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const { retryAfterMs } = error.details;
    return {
      page: null,
      problem: {
        isTransient: error.code === 'rate-limited',
        message: error.message,
        retryAfterMs: typeof retryAfterMs === 'number' ? retryAfterMs : null,
      },
    };
  }
}
