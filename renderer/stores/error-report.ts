import { AppError } from '../../shared/errors.ts';

/**
 * What an error says besides its message, for whoever is asked for help: code and details, a line each; of an error inside the
 * interface where it happened. Never throws.
 */
export function errorReport(error: unknown): string {
  if (error instanceof AppError) {
    return [
      `code: ${error.code}`,
      ...Object.entries(error.details).map(([name, value]) => `${name}: ${shown(value)}`),
    ].join('\n');
  }
  return error instanceof Error ? (error.stack ?? `${error.name}: ${error.message}`) : String(error);
}

function shown(value: unknown): string {
  if (typeof value === 'string') return value;
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    // A cycle, or a number too large for JSON.
    return String(value);
  }
}
