import { t } from '../../messages/index.ts';

/** A parameter of a job as lines of text; none for what was not asked for. */
export function factValues(name: string, value: unknown): string[] {
  if (value === undefined || value === null || value === '' || value === false) return [];
  if (Array.isArray(value)) return value.flatMap((each) => factValues(name, each));
  if (typeof value !== 'object') return [t.jobs.parameterText(name, value)];
  const fields = value as Readonly<Record<string, unknown>>;
  if (typeof fields.source === 'string' && typeof fields.label === 'string')
    return [`${fields.source} → ${fields.label}`];
  return Object.entries(fields).map(
    ([field, each]) => `${t.jobs.ruleTitle(field)}: ${t.jobs.parameterText(field, each)}`,
  );
}
