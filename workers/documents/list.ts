/** Reads URL lists (txt, csv, tsv, jsonl) a page of records at a time, at any size of file, in bounded memory. */

import { type FileHandle, open } from 'node:fs/promises';
import { extname } from 'node:path';
import { AppError } from '../../shared/errors.ts';
import type { TaskInput, TaskOutput } from '../tasks.ts';
import { decodeDocument } from './decode-text.ts';
import { fieldsOfObject, fieldsOfRow, findColumns, findHeader, type ListField } from './list-columns.ts';
import { firstLineEnd, lastLineEnd, type RowOptions, readRows } from './list-rows.ts';
import type { ListRecord } from './types.ts';

/** Bytes looked at to find out the layout. */
const SAMPLE_BYTES = 256 * 1024;
/** Rows of these that are looked at. */
const SAMPLE_ROWS = 100;
/** Read and parsed at once; a block without a complete record grows up to the second number. */
const BLOCK_BYTES = 256 * 1024;
const MAX_BLOCK_BYTES = 1024 * 1024;
/** One call stops after this much of the file, with what it has, so that it ends in a second or two. */
const MAX_CALL_BYTES = 32 * 1024 * 1024;

/** What was found out about a list; crosses the boundary as JSON. */
interface ListLayout {
  readonly kind: 'text' | 'table' | 'objects';
  /** One character; only for tables. */
  readonly delimiter: string;
  /** Where the first record starts: behind the byte order mark and the header. */
  readonly firstRecord: number;
  /** Column indexes (tables) or property names (objects). */
  readonly columns: Readonly<Partial<Record<ListField, number | string>>>;
  /** Up to this byte offset quotes mean nothing, because one before it was never closed. */
  readonly literalUntil: number;
}

/**
 * Reads up to `maxRecords` records from a byte offset on. Pass `nextOffset` and `layout` of one answer to the next call;
 * the records are then the same whatever the page size. `done` is true when the end of the file was reached.
 *
 * - The kind comes from the extension (.txt, .csv, .tsv, .jsonl, .ndjson), else from the content. UTF-8, with or without a mark.
 * - A line ends with LF, CR LF, or CR alone.
 * - Text: one address a line; blank lines and lines that start with `#` are passed over, a `#` later is part of the address.
 * - Tables: the separator is found (comma, tab, semicolon, bar), a header too. A quoted cell may hold line ends. A quote that
 *   is not closed within 1 MiB is taken literally, so that one stray quote does not swallow a file.
 * - Objects: JSON Lines, an object or a bare string a line.
 * - Columns are known by their usual names (`list-columns.ts`); an address column without a known name is found by content.
 * - A record without an absolute http or https address counts as skipped, and so does a line above 1 MiB.
 *
 * @throws AppError `not-found` without the file; `bad-request`, naming the columns found, when there is no address column
 *   or not the one asked for; `unsupported-media-type` for compressed, UTF-16, Parquet, spreadsheet and JSON array files
 */
export async function readList(input: TaskInput<'read-list'>): Promise<TaskOutput<'read-list'>> {
  const file = await openList(input.path);
  try {
    return await readRecords(file, input);
  } finally {
    await file.close();
  }
}

async function readRecords(file: FileHandle, input: TaskInput<'read-list'>): Promise<TaskOutput<'read-list'>> {
  const { size } = await file.stat();
  const read = async (offset: number, length: number): Promise<Buffer> => {
    const { buffer, bytesRead } = await file.read(
      Buffer.alloc(Math.min(length, Math.max(0, size - offset))),
      0,
      undefined,
      offset,
    );
    return buffer.subarray(0, bytesRead);
  };
  let layout = parseLayout(input.layout) ?? detectLayout(input, await read(0, SAMPLE_BYTES), size);
  let offset = Math.max(input.offset, layout.firstRecord);
  const records: ListRecord[] = [];
  let skipped = 0;
  const stopAt = offset + MAX_CALL_BYTES;
  let blockBytes = BLOCK_BYTES;
  while (records.length < input.maxRecords && offset < size && offset < stopAt) {
    const isLiteral = offset < layout.literalUntil;
    const end = Math.min(offset + blockBytes, isLiteral ? layout.literalUntil : size);
    const block = await read(offset, end - offset);
    if (block.length === 0) break;
    const maxRows = input.maxRecords - records.length;
    const rowOptions: RowOptions = { delimiter: layout.delimiter, quotes: !isLiteral, maxRows };
    const rows = readRows(block, layout.kind, offset + block.length >= size, rowOptions);
    if (rows.consumedBytes === 0) {
      if (blockBytes < MAX_BLOCK_BYTES && offset + block.length < size && end !== layout.literalUntil) {
        blockBytes = MAX_BLOCK_BYTES;
        continue;
      }
      if (rows.hasOpenQuote) {
        const length = offset + block.length >= size ? block.length : lastLineEnd(block);
        layout = { ...layout, literalUntil: offset + length };
        continue;
      }
      // A line longer than the largest block.
      offset = await nextLine(read, offset + block.length, size);
      skipped++;
      continue;
    }
    for (const { value } of rows.rows) {
      const record = recordOf(value, layout);
      if (record === null) skipped++;
      else records.push(record);
    }
    offset += rows.consumedBytes;
    blockBytes = BLOCK_BYTES;
  }
  return { records, nextOffset: offset, layout: JSON.stringify(layout), done: offset >= size, skipped };
}

async function openList(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r');
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'ENOENT') throw error;
    throw new AppError('not-found', `The list ${path} does not exist. Check the path.`, { cause: error });
  }
}

/** The offset behind the next line end at or after one. */
async function nextLine(
  read: (offset: number, length: number) => Promise<Buffer>,
  from: number,
  size: number,
): Promise<number> {
  for (let offset = from; offset < size; ) {
    const block = await read(offset, MAX_BLOCK_BYTES);
    if (block.length === 0) return size;
    const lineEnd = firstLineEnd(block);
    if (lineEnd !== -1) return offset + lineEnd + 1;
    offset += block.length;
  }
  return size;
}

function parseLayout(layout: string | null): ListLayout | null {
  return layout === null ? null : (JSON.parse(layout) as ListLayout);
}

function recordOf(value: unknown, layout: ListLayout): ListRecord | null {
  switch (layout.kind) {
    case 'text':
      return toRecord({ url: value as string });
    case 'table':
      return toRecord(fieldsOfRow(value as readonly string[], layout.columns));
    case 'objects':
      return typeof value === 'string' ? toRecord({ url: value }) : toRecord(fieldsOfObject(value, layout.columns));
  }
}

function toRecord(fields: Readonly<Partial<Record<ListField, string | null>>>): ListRecord | null {
  const url = absoluteAddress(fields.url);
  if (url === null) return null;
  return {
    url,
    caption: fields.caption ?? null,
    label: fields.label ?? null,
    licence: fields.licence ?? null,
    creator: fields.creator ?? null,
    pageUrl: absoluteAddress(fields.pageUrl),
  };
}

function absoluteAddress(text: string | null | undefined): string | null {
  const trimmed = text?.trim() ?? '';
  if (!/^https?:/i.test(trimmed)) return null;
  return URL.parse(trimmed)?.href ?? null;
}

function detectLayout(input: TaskInput<'read-list'>, sample: Buffer, size: number): ListLayout {
  refuseForeign(sample, input.path);
  const mark = sample.length >= 3 && sample[0] === 0xef && sample[1] === 0xbb && sample[2] === 0xbf ? 3 : 0;
  const start = sample.subarray(mark);
  const isWhole = sample.length >= size;
  const kind = detectKind(input.path, decodeDocument(start.subarray(0, 64 * 1024), 'text/plain; charset=utf-8'));
  const base = { kind, delimiter: ',', firstRecord: mark, columns: {}, literalUntil: 0 } as const;
  if (kind === 'text') return base;
  if (kind === 'objects') {
    const { rows } = readRows(start, kind, isWhole, { delimiter: ',', quotes: true, maxRows: SAMPLE_ROWS });
    const objects = rows.map(({ value }) => value).filter((value) => typeof value === 'object' && value !== null);
    if (objects.length === 0) return { ...base, columns: { url: input.urlColumn ?? 'url' } };
    const names = [...new Set(objects.flatMap((value) => Object.keys(value as object).slice(0, 1000)))];
    const cells = objects.map((object) => names.map((name) => (object as Record<string, unknown>)[name]));
    const columns = findColumns(names, cells, input.urlColumn);
    return {
      ...base,
      columns: Object.fromEntries(Object.entries(columns).map(([field, index]) => [field, names[index]])),
    };
  }
  const delimiter = detectDelimiter(input.path, start);
  let table = readRows(start, kind, isWhole, { delimiter, quotes: true, maxRows: SAMPLE_ROWS });
  if (table.rows.length === 0) table = readRows(start, kind, true, { delimiter, quotes: false, maxRows: SAMPLE_ROWS });
  const cells = table.rows.map(({ value }) => value as readonly string[]);
  if (cells.length === 0) return { ...base, delimiter };
  const header = findHeader(cells, input.urlColumn);
  const columns = findColumns(header, header === null ? cells : cells.slice(1), input.urlColumn);
  return { ...base, delimiter, columns, firstRecord: mark + (header === null ? 0 : table.rows[0]!.endBytes) };
}

function detectKind(path: string, start: string): ListLayout['kind'] {
  switch (extname(path).toLowerCase()) {
    case '.txt':
    case '.lst':
      return 'text';
    case '.csv':
    case '.tsv':
    case '.tab':
      return 'table';
    case '.jsonl':
    case '.ndjson':
      return 'objects';
    default: {
      const line = start.split(/\r\n?|\n/, 100).find((candidate) => candidate.trim() !== '') ?? '';
      if (/^\s*\{/.test(line)) return 'objects';
      return /^https?:\S+$|^#/.test(line.trim()) || !/[,;\t|]/.test(line) ? 'text' : 'table';
    }
  }
}

/** The separator that occurs most often in the first line outside of quotes; the comma when none does. */
function detectDelimiter(path: string, start: Buffer): string {
  if (/\.(?:tsv|tab)$/i.test(path)) return '\t';
  const counts = new Map([',', '\t', ';', '|'].map((delimiter) => [delimiter, 0]));
  let isQuoted = false;
  for (const character of start.toString('latin1')) {
    if (character === '"') isQuoted = !isQuoted;
    if (isQuoted) continue;
    if (character === '\n' || character === '\r') break;
    const count = counts.get(character);
    if (count !== undefined) counts.set(character, count + 1);
  }
  let best = ',';
  for (const [delimiter, count] of counts) if (count > counts.get(best)!) best = delimiter;
  return best;
}

const FOREIGN_FORMATS: readonly { readonly magic: string; readonly what: string; readonly remedy: string }[] = [
  { magic: '1f8b', what: 'gzip', remedy: 'Unpack it first (gunzip).' },
  { magic: '28b52ffd', what: 'Zstandard', remedy: 'Unpack it first (unzstd).' },
  { magic: '504b0304', what: 'a zip or spreadsheet file', remedy: 'Unpack it, or save it as CSV.' },
  { magic: '50415231', what: 'Parquet', remedy: 'Convert it to CSV or JSON Lines.' },
  { magic: 'fffe', what: 'UTF-16 text', remedy: 'Save it as UTF-8.' },
  { magic: 'feff', what: 'UTF-16 text', remedy: 'Save it as UTF-8.' },
];

function refuseForeign(sample: Buffer, path: string): void {
  const start = sample.subarray(0, 8).toString('hex');
  const foreign = FOREIGN_FORMATS.find(({ magic }) => start.startsWith(magic));
  const isJsonArray = /\.json$/i.test(path) && /^\s*\[/.test(sample.toString('latin1', 0, 1000));
  if (foreign === undefined && !isJsonArray) return;
  const { what, remedy } = foreign ?? { what: 'a JSON array', remedy: 'Write one object a line (JSON Lines).' };
  throw new AppError(
    'unsupported-media-type',
    `A list as txt, csv, tsv or jsonl was expected; ${path} is ${what}. ${remedy}`,
  );
}
