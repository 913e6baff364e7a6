import { formatCount } from '../../messages/format.ts';

/** A parameter of a job as lines of text; none for what was not asked for. */
export function factValues(value: unknown): string[] {
  if (value === undefined || value === null || value === '' || value === false) return [];
  if (Array.isArray(value)) return value.flatMap(factValues);
  if (typeof value === 'number') return [formatCount(value)];
  if (typeof value !== 'object') return [String(value)];
  const fields = value as Readonly<Record<string, unknown>>;
  if (typeof fields.source === 'string' && typeof fields.label === 'string')
    return [`${fields.source} → ${fields.label}`];
  return Object.entries(fields).map(
    ([name, field]) => `${name}: ${typeof field === 'number' ? formatCount(field) : String(field)}`,
  );
}
