import { posix } from 'node:path';
import { csvLine, readCsv } from './csv.ts';
import type { ExportFormatName, ExportSample } from './export-types.ts';

/** What can be read back from a row of a metadata document. */
interface ReadRow {
  /** Relative to the document's folder, with `/`. */
  readonly fileName: string;
  readonly sha256: string;
  readonly label: string | null;
  readonly split: string | null;
}

/** A way to lay out samples in files. Stateless, and a function of the sample alone. */
export interface ExportFormat {
  readonly name: ExportFormatName;
  /** The folder of an image below the root; `labelFolder` is its label as a safe name. */
  imageFolder(sample: ExportSample, labelFolder: string): string;
  /** The metadata document that holds the sample's row; at the root or in a split's folder. */
  documentOf(sample: ExportSample): string;
  /** Starts each metadata document. */
  readonly header: string;
  /** @param fileName relative to the document's folder */
  row(sample: ExportSample, fileName: string): string;
  /** @throws Error when the text is not what `header` and `row` write */
  readRows(pieces: Iterable<string>): Generator<ReadRow>;
}

/**
 * Hugging Face ImageFolder, which torchvision and Keras read too: `<split>/<label>/<file>`, with one `metadata.jsonl` a
 * split, or `<label>/<file>` where no split is set. Source: hub-docs "datasets-image".
 * Every row has every column with one type, and null where there is nothing, as its loader wants.
 */
const imagefolder: ExportFormat = {
  name: 'imagefolder',
  imageFolder: (sample, labelFolder) => (sample.split === null ? labelFolder : `${sample.split}/${labelFolder}`),
  documentOf: (sample) => (sample.split === null ? 'metadata.jsonl' : `${sample.split}/metadata.jsonl`),
  header: '',
  row: (sample, fileName) => `${JSON.stringify(flatRow(sample, fileName))}\n`,
  readRows: readJsonLines,
};

/** One `samples.csv` beside `images/<label>/<file>`; lists are JSON in their cell. */
const csv: ExportFormat = {
  name: 'csv',
  imageFolder: (_, labelFolder) => `images/${labelFolder}`,
  documentOf: () => 'samples.csv',
  header: csvLine(Object.keys(flatRow(emptySample(), ''))),
  row: (sample, fileName) =>
    csvLine(
      Object.values(flatRow(sample, fileName)).map((value) =>
        Array.isArray(value) ? JSON.stringify(value) : value,
      ) as (string | number | null)[],
    ),
  *readRows(pieces) {
    const rows = readCsv(pieces);
    const header = rows.next().value as (string | null)[] | undefined;
    if (header === undefined || csvLine(header) !== csv.header) throw new Error('Expected the header of samples.csv.');
    for (const cells of rows) {
      if (cells.length !== header.length)
        throw new Error(`Expected ${header.length} cells in a row, but got ${cells.length}.`);
      yield toReadRow(Object.fromEntries(header.map((column, index) => [column, cells[index]])));
    }
  },
};

/** One `samples.jsonl` beside `images/<label>/<file>`, with every origin of every sample. */
const jsonl: ExportFormat = {
  name: 'jsonl',
  imageFolder: csv.imageFolder,
  documentOf: () => 'samples.jsonl',
  header: '',
  row(sample, fileName) {
    const origins = sample.origins.map(originColumns);
    return `${JSON.stringify({ ...sampleColumns(sample, fileName), origins })}\n`;
  },
  readRows: readJsonLines,
};

export const FORMATS: Readonly<Record<ExportFormatName, ExportFormat>> = { imagefolder, csv, jsonl };

/** Where an image is, given its document and its `file_name`. */
export function resolveFileName(document: string, fileName: string): string {
  return posix.join(posix.dirname(document), fileName);
}

function sampleColumns(sample: ExportSample, fileName: string) {
  return {
    file_name: fileName,
    label: sample.label,
    split: sample.split,
    sha256: sample.sha256,
    width: sample.width,
    height: sample.height,
    format: sample.format,
    bytes: sample.bytes,
    status: sample.status,
    reasons: sample.reasons,
    caption: sample.caption,
    tags: sample.tags,
    original_name: sample.name,
  };
}

function originColumns(origin: ExportSample['origins'][number] | undefined) {
  return {
    source: origin?.source ?? null,
    page_url: origin?.pageUrl ?? null,
    image_url: origin?.imageUrl ?? null,
    license: origin?.licence ?? null,
    creator: origin?.creator ?? null,
    attribution: origin?.attribution ?? null,
    consent: origin?.consent.verdict ?? null,
    consent_signals: origin?.consent.signals ?? [],
    fetched_at: origin === undefined ? null : new Date(origin.fetchedAt).toISOString(),
    http_status: origin?.httpStatus ?? null,
  };
}

/** Of several origins the first, and of its signals the names of those that refused; ATTRIBUTION.csv has all origins. */
function flatRow(sample: ExportSample, fileName: string) {
  const origin = originColumns(sample.origins[0]);
  const refusals = origin.consent_signals.filter(({ refused }) => refused).map(({ signal }) => signal);
  return { ...sampleColumns(sample, fileName), ...origin, consent_signals: refusals };
}

function emptySample(): ExportSample {
  return {
    sha256: '',
    label: null,
    split: null,
    status: 'accepted',
    reasons: [],
    width: 0,
    height: 0,
    format: 'unknown',
    bytes: 0,
    caption: null,
    name: null,
    tags: [],
    origins: [],
  };
}

function* readJsonLines(pieces: Iterable<string>): Generator<ReadRow> {
  let rest = '';
  for (const piece of pieces) {
    const lines = (rest + piece).split('\n');
    rest = lines.pop() as string;
    for (const line of lines) yield toReadRow(JSON.parse(line));
  }
  if (rest !== '') throw new Error('Expected the JSONL to end with a whole line.');
}

function toReadRow(row: Record<string, unknown>): ReadRow {
  const { file_name: fileName, sha256, label, split } = row;
  if (typeof sha256 !== 'string') throw new Error('Expected a sha256 in each row.');
  return {
    fileName: typeof fileName === 'string' ? fileName : '',
    sha256,
    label: typeof label === 'string' ? label : null,
    split: typeof split === 'string' ? split : null,
  };
}
