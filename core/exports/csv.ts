/**
 * CSV as of RFC 4180: comma, CRLF, quotes doubled, UTF-8 without a byte order mark.
 *
 * Spreadsheets run cells that start with `=`, `+`, `-`, `@`, a tab or a carriage return as formulas (OWASP, "CSV
 * Injection"). Such text cells get an apostrophe in front, and so do those that start with one already; a reader that
 * wants the exact text drops one leading apostrophe, as `readCsv` does. Numbers are written as they are.
 */

const NEEDS_GUARD = /^[=+\-@\t\r']/;
const NEEDS_QUOTES = /[",\r\n]|^\s|\s$/;

/** One line with its end; null is an empty cell. */
export function csvLine(cells: readonly (string | number | null)[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`;
}

function csvCell(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const guarded = NEEDS_GUARD.test(value) ? `'${value}` : value;
  // An empty string keeps its quotes, so that it is not taken for null.
  return guarded === '' || NEEDS_QUOTES.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded;
}

/**
 * Reads what `csvLine` writes, from pieces of text cut anywhere. Apostrophe guards are dropped, and unquoted empty
 * cells are null.
 * @throws Error for text that is not RFC 4180
 */
export function* readCsv(pieces: Iterable<string>): Generator<(string | null)[]> {
  let row: (string | null)[] = [];
  let cell = '';
  let state: 'start' | 'plain' | 'quoted' | 'quote-in-quoted' | 'line-feed' = 'start';
  let wasQuoted = false;
  const endCell = () => {
    row.push(cell === '' && !wasQuoted ? null : cell.replace(/^'/, ''));
    cell = '';
    wasQuoted = false;
    state = 'start';
  };
  for (const piece of pieces) {
    for (let at = 0; at < piece.length; at += 1) {
      const character = piece[at] as string;
      if (state === 'line-feed') {
        if (character !== '\n') throw new Error('Expected a line feed after a carriage return in the CSV.');
        endCell();
        yield row;
        row = [];
      } else if (state === 'quoted') {
        const end = piece.indexOf('"', at);
        cell += piece.slice(at, end === -1 ? piece.length : end);
        at = end === -1 ? piece.length : end;
        if (end !== -1) state = 'quote-in-quoted';
      } else if (character === '"' && state === 'quote-in-quoted') {
        cell += '"';
        state = 'quoted';
      } else if (character === '"' && state === 'start') {
        wasQuoted = true;
        state = 'quoted';
      } else if (character === ',') {
        endCell();
      } else if (character === '\r') {
        state = 'line-feed';
      } else if (state === 'quote-in-quoted' || character === '"' || character === '\n') {
        throw new Error('Expected a comma or the end of the line after a cell of the CSV.');
      } else {
        cell += character;
        state = 'plain';
      }
    }
  }
  if (row.length > 0 || cell !== '' || state !== 'start') throw new Error('Expected the CSV to end with a whole line.');
}
