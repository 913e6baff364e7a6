/** Cuts a block of a list into complete rows, with the offset behind each. */

import { parse } from 'csv-parse/sync';

const LF = 0x0a;
const CR = 0x0d;

export interface RowOptions {
  readonly delimiter: string;
  /** Whether `"` quotes a cell. */
  readonly quotes: boolean;
  /** Rows after which the block is left, at least 1. */
  readonly maxRows: number;
}

interface Row {
  /** Text: the line. Table: its cells. Objects: the parsed value; undefined when the line is not JSON. */
  readonly value: unknown;
  /** Offset behind the row in the block. */
  readonly endBytes: number;
}

export interface Rows {
  readonly rows: readonly Row[];
  /** Bytes that the rows and what is passed over between them take; 0 when the block holds no complete row. */
  readonly consumedBytes: number;
  /** The block ends inside a quoted cell. */
  readonly hasOpenQuote: boolean;
}

/**
 * The complete rows at the start of a block. Blank lines are passed over, in texts also lines that start with `#`.
 * @param isEnd the block ends with the file, so that its last row needs no line end
 */
export function readRows(block: Buffer, kind: 'text' | 'table' | 'objects', isEnd: boolean, options: RowOptions): Rows {
  const end = isEnd ? block.length : lastLineEnd(block);
  const complete = block.subarray(0, end);
  return kind === 'table' ? readTable(complete, isEnd, options) : readLines(complete, kind, options.maxRows);
}

/** The offset behind the last line end: LF, CR LF, or CR alone as old programs write; 0 without one. */
export function lastLineEnd(block: Buffer): number {
  return Math.max(block.lastIndexOf(LF), block.lastIndexOf(CR)) + 1;
}

/** The offset of the first line end; -1 without one. Of CR LF it is the CR: the LF then ends an empty line. */
export function firstLineEnd(block: Buffer): number {
  const lineFeed = block.indexOf(LF);
  const carriageReturn = block.subarray(0, lineFeed === -1 ? block.length : lineFeed).indexOf(CR);
  return carriageReturn === -1 ? lineFeed : carriageReturn;
}

function readLines(block: Buffer, kind: 'text' | 'objects', maxRows: number): Rows {
  const rows: Row[] = [];
  let start = 0;
  // Each is looked for only once it was passed: of most files one of them never comes.
  let lineFeed = -1;
  let carriageReturn = -1;
  const next = (byte: number) => {
    const at = block.indexOf(byte, start);
    return at === -1 ? block.length : at;
  };
  while (start < block.length && rows.length < maxRows) {
    if (lineFeed < start) lineFeed = next(LF);
    if (carriageReturn < start) carriageReturn = next(CR);
    const end = Math.min(lineFeed, carriageReturn);
    const line = block.toString('utf8', start, end).trim();
    start = Math.min(end + 1, block.length);
    if (line === '' || (kind === 'text' && line.startsWith('#'))) continue;
    rows.push({ value: kind === 'text' ? line : parseJson(line), endBytes: start });
  }
  return { rows, consumedBytes: start, hasOpenQuote: false };
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function readTable(block: Buffer, isEnd: boolean, options: RowOptions): Rows {
  const rows: Row[] = [];
  try {
    parse(block, {
      delimiter: options.delimiter,
      quote: options.quotes ? '"' : null,
      escape: options.quotes ? '"' : null,
      // Fixed, since a block may start anywhere and the library would guess anew in each.
      record_delimiter: ['\r\n', '\n', '\r'],
      relax_column_count: true,
      relax_quotes: true,
      skip_empty_lines: true,
      to: options.maxRows,
      on_record: (cells: string[], { bytes }) => {
        rows.push({ value: cells, endBytes: Math.min(bytes, block.length) });
        return null;
      },
    });
    const isCut = rows.length >= options.maxRows;
    return { rows, consumedBytes: isCut ? rows.at(-1)!.endBytes : block.length, hasOpenQuote: false };
  } catch {
    // The only complaint left is a quote that is still open at the end of the block.
    const consumedBytes = rows.at(-1)?.endBytes ?? 0;
    return { rows, consumedBytes, hasOpenQuote: isEnd || rows.length === 0 };
  }
}
