/** Tables for people: aligned columns, cut to the width of the terminal. */

import { displayWidth, truncate } from './format.ts';

export interface Column {
  readonly title: string;
  /** Default `left`. */
  readonly align?: 'left' | 'right';
  /** Gives up its width first when the terminal is narrow. */
  readonly flexible?: boolean;
}

const GAP = 2;
const LEAST_FLEXIBLE_WIDTH = 8;

/**
 * @param columns the terminal's width in columns; undefined means as wide as needed
 * @returns lines without colours, the titles first
 */
export function renderTable(
  header: readonly Column[],
  rows: readonly (readonly string[])[],
  columns: number | undefined,
): string[] {
  const widths = header.map((column, index) =>
    rows.reduce((width, row) => Math.max(width, displayWidth(row[index] ?? '')), displayWidth(column.title)),
  );
  if (columns !== undefined) shrink(widths, header, columns);
  return [header.map((column) => column.title), ...rows].map((row) => renderRow(row, header, widths));
}

/** Name and value in two columns, indented by two spaces. Numbers line up at their right. */
export function renderPairs(pairs: readonly (readonly [name: string, value: string])[], alignRight = true): string[] {
  const nameWidth = Math.max(0, ...pairs.map(([name]) => displayWidth(name)));
  const valueWidth = Math.max(0, ...pairs.map(([, value]) => displayWidth(value)));
  return pairs.map(([name, value]) =>
    `  ${pad(name, nameWidth)}${' '.repeat(GAP)}${alignRight ? pad(value, valueWidth, 'right') : value}`.trimEnd(),
  );
}

function shrink(widths: number[], header: readonly Column[], columns: number): void {
  const excess = () => widths.reduce((sum, width) => sum + width + GAP, -GAP) - columns;
  for (let over = excess(); over > 0; over = excess()) {
    const widest = header
      .map((column, index) => ({ flexible: column.flexible === true, width: widths[index]!, index }))
      .filter((column) => column.flexible && column.width > LEAST_FLEXIBLE_WIDTH)
      .sort((a, b) => b.width - a.width);
    const first = widest[0];
    if (first === undefined) return;
    const next = Math.max(widest[1]?.width ?? 0, LEAST_FLEXIBLE_WIDTH);
    widths[first.index] = Math.max(first.width - over, Math.min(next, first.width - 1));
  }
}

function renderRow(row: readonly string[], header: readonly Column[], widths: readonly number[]): string {
  return header
    .map((column, index) => pad(truncate(row[index] ?? '', widths[index]!), widths[index]!, column.align))
    .join(' '.repeat(GAP))
    .trimEnd();
}

function pad(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const space = ' '.repeat(Math.max(0, width - displayWidth(text)));
  return align === 'left' ? text + space : space + text;
}
