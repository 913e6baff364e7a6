/** The report of an export, as a job's result has it. */

export interface ExportReport {
  /** null where the report does not say. */
  readonly outPath: string | null;
  readonly images: number | null;
  readonly files: number | null;
  readonly bytes: number | null;
  readonly writeMs: number | null;
  readonly checkMs: number | null;
  /** Most images first; '' is "none". */
  readonly byLabel: readonly (readonly [string, number])[];
  readonly byLicence: readonly (readonly [string, number])[];
  readonly warnings: readonly string[];
  /** How many images are not in it, and the first of them. */
  readonly leftOut: { readonly images: number; readonly samples: readonly LeftOut[] };
}

interface LeftOut {
  readonly sha256: string;
  readonly name: string | null;
  /** A code of the vocabulary. */
  readonly reason: string;
}

/** Reads a result of any version: what it does not have is left out. Never throws. */
export function readExportReport(result: Readonly<Record<string, unknown>>): ExportReport {
  const number = (name: string) => (typeof result[name] === 'number' ? result[name] : null);
  return {
    outPath: typeof result.outPath === 'string' ? result.outPath : null,
    images: number('images'),
    files: number('files'),
    bytes: number('bytes'),
    writeMs: number('writeMs'),
    checkMs: number('checkMs'),
    byLabel: counts(result.byLabel),
    byLicence: counts(result.byLicence),
    warnings: Array.isArray(result.warnings) ? result.warnings.filter((each) => typeof each === 'string') : [],
    leftOut: leftOutOf(result.leftOut),
  };
}

function leftOutOf(value: unknown): ExportReport['leftOut'] {
  const { images, samples } = recordOf(value);
  const listed = Array.isArray(samples) ? samples.map(recordOf) : [];
  return {
    images: typeof images === 'number' ? images : 0,
    samples: listed.flatMap(({ sha256, name, from, reason }) =>
      typeof sha256 === 'string' && typeof reason === 'string'
        ? [{ sha256, name: [name, from].find((each) => typeof each === 'string') ?? null, reason }]
        : [],
    ),
  };
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function counts(value: unknown): (readonly [string, number])[] {
  if (typeof value !== 'object' || value === null) return [];
  const entries = Object.entries(value).filter((entry): entry is [string, number] => typeof entry[1] === 'number');
  return entries.sort(([a, countA], [b, countB]) => countB - countA || a.localeCompare(b));
}

/** One line that loads what was written, in the language people train with; null where there is none. */
export function loadingLine(format: unknown, archive: unknown, path: string): string | null {
  const quoted = JSON.stringify(path);
  if (format === 'imagefolder' && archive === 'none') return `load_dataset("imagefolder", data_dir=${quoted})`;
  if (format === 'csv' && archive === 'none') return `pandas.read_csv(${JSON.stringify(`${path}/samples.csv`)})`;
  if (format === 'jsonl' && archive === 'none') {
    return `pandas.read_json(${JSON.stringify(`${path}/samples.jsonl`)}, lines=True)`;
  }
  return null;
}
