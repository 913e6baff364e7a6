/** zod fields for answers of other people's services: what is missing or of another type is null, never an error. */

import { z } from 'zod';
import { AppError } from '../../../shared/errors.ts';

/** A string that holds something; numbers are taken as text. */
export const lenientText = z
  .union([z.string(), z.number().transform(String)])
  .transform((text) => (text.trim() === '' ? null : text.trim()))
  .nullable()
  .catch(null);

/** A positive whole number. */
export const lenientCount = z.number().int().positive().nullable().catch(null);

/**
 * The document as JSON.
 * @throws AppError `unavailable` when it is not JSON
 */
export function parseJsonAnswer(text: string, service: string, url: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    throw unexpectedAnswer(service, url, JSON.stringify(text.slice(0, 80)), error);
  }
}

/** For an answer that is not what the service's documentation promises. */
export function unexpectedAnswer(service: string, url: string, got: string, cause?: unknown): AppError {
  return new AppError(
    'unavailable',
    `Expected search results as JSON from ${service}, got ${got}. Try later, or check the base address in the settings.`,
    { details: { url }, cause },
  );
}
