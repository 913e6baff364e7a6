/** Which column of a list holds what: by the names that datasets use, else by content. */

import { AppError } from '../../shared/errors.ts';

export type ListField = 'url' | 'caption' | 'label' | 'licence' | 'creator' | 'pageUrl';

/** Longest text that is kept of a field, in characters. */
const MAX_FIELD_LENGTH = 10_000;

/** Names in order of preference, lower case without separators (LAION, CC3M, Open Images, Unsplash, Openverse and others). */
const NAMES: Readonly<Record<ListField, readonly string[]>> = {
  url: (
    'url imageurl imgurl contenturl fileurl originalurl photoimageurl imagelink downloadurl mediaurl imagesrc src image img ' +
    'link uri href source picture photo path'
  ).split(' '),
  caption: 'caption text alt alttext title description prompt toptext'.split(' '),
  label: 'label class category classname labelname folder'.split(' '),
  licence: 'license licence licenseurl licenceurl rights'.split(' '),
  creator: 'creator author photographer artist credit owner'.split(' '),
  pageUrl:
    'pageurl page sourcepage pagelink foreignlandingurl originallandingurl landingurl landingpage referrer sourceurl photourl'.split(
      ' ',
    ),
};

const FIELDS = Object.keys(NAMES) as readonly ListField[];

export type ListColumns = Partial<Record<ListField, number>>;

/**
 * The header of a table: its first row, unless that row holds an address or nothing that could be a name.
 * @returns null when the table has none
 */
export function findHeader(rows: readonly (readonly string[])[], urlColumn: string | null): readonly string[] | null {
  const first = rows[0];
  if (first === undefined || first.some(isAddress)) return null;
  const isNamed = urlColumn !== null && first.some((cell) => foldName(cell) === foldName(urlColumn));
  const isKnown = first.some((cell) => FIELDS.some((field) => NAMES[field].includes(foldName(cell))));
  // Without a known name it is still a header if the rows below hold addresses and it does not.
  return isNamed || isKnown || rows.slice(1).some((row) => row.some(isAddress)) ? first : null;
}

/**
 * The column of each field.
 *
 * @param names the header, or the property names of objects; null for a table without a header
 * @param rows some records, to tell columns of addresses by content
 * @param urlColumn asked for by name (exact, else ignoring case and separators) or, without a header, by number from 1
 * @throws AppError `bad-request`, naming the columns found, when no column can hold the addresses
 */
export function findColumns(
  names: readonly string[] | null,
  rows: readonly (readonly unknown[])[],
  urlColumn: string | null,
): ListColumns {
  const width = Math.max(names?.length ?? 0, ...rows.map((row) => Math.min(row.length, 10_000)));
  const addresses = Array.from({ length: width }, (_, index) => rows.filter((row) => isAddress(row[index])).length);
  const url = urlColumn === null ? findUrlColumn(names, addresses, rows.length) : findNamed(names, urlColumn, width);
  const columns: ListColumns = { url };
  if (names === null) return columns;
  const folded = names.map(foldName);
  for (const field of FIELDS) {
    if (field === 'url') continue;
    const name = NAMES[field].find((known) => folded.includes(known) && folded.indexOf(known) !== url);
    if (name !== undefined) columns[field] = folded.indexOf(name);
  }
  return columns;
}

function findNamed(names: readonly string[] | null, wanted: string, width: number): number {
  if (names !== null) {
    const exact = names.findIndex((name) => name.trim() === wanted.trim());
    const index = exact === -1 ? names.findIndex((name) => foldName(name) === foldName(wanted)) : exact;
    if (index !== -1) return index;
  } else if (/^[0-9]{1,5}$/.test(wanted) && Number(wanted) >= 1 && Number(wanted) <= width) {
    return Number(wanted) - 1;
  }
  throw new AppError('bad-request', `The list has no column "${wanted}". ${describeColumns(names, width)}`, {
    details: { columns: names?.slice(0, 100) ?? [], urlColumn: wanted },
  });
}

function findUrlColumn(names: readonly string[] | null, addresses: readonly number[], rowCount: number): number {
  if (names !== null) {
    const folded = names.map(foldName);
    const known = NAMES.url.flatMap((name) => folded.flatMap((column, index) => (column === name ? [index] : [])));
    // An `image` column often holds file names or ids beside the real addresses.
    const filled = known.find((index) => addresses[index]! > 0);
    if (filled !== undefined) return filled;
    if (known.length > 0 && (rowCount === 0 || addresses.every((count) => count === 0))) return known[0]!;
  }
  const isPage = (index: number): boolean => names !== null && NAMES.pageUrl.includes(foldName(names[index] ?? ''));
  let best = -1;
  for (const [index, count] of addresses.entries()) {
    if (count === 0) continue;
    if (best === -1 || (isPage(best) && !isPage(index)) || (count > addresses[best]! && isPage(best) === isPage(index)))
      best = index;
  }
  if (best !== -1) return best;
  throw new AppError(
    'bad-request',
    `A column of http or https addresses was expected; none was found. ${describeColumns(names, addresses.length)}`,
    { details: { columns: names?.slice(0, 100) ?? [] } },
  );
}

function describeColumns(names: readonly string[] | null, width: number): string {
  if (names === null) return `It has ${width} columns without names; give a number from 1 to ${width}.`;
  const shown = names.slice(0, 30).map((name) => name.slice(0, 60));
  return `Its columns are: ${shown.join(', ')}${names.length > shown.length ? ', …' : ''}. Name one of these.`;
}

/** The fields of a table's row. */
export function fieldsOfRow(
  row: readonly string[],
  columns: Readonly<Partial<Record<ListField, number | string>>>,
): Partial<Record<ListField, string | null>> {
  const fields: Partial<Record<ListField, string | null>> = {};
  for (const field of FIELDS) {
    const column = columns[field];
    if (typeof column === 'number') fields[field] = tidyField(row[column]);
  }
  return fields;
}

/** The fields of a JSON object; none for any other value. */
export function fieldsOfObject(
  value: unknown,
  columns: Readonly<Partial<Record<ListField, number | string>>>,
): Partial<Record<ListField, string | null>> {
  const fields: Partial<Record<ListField, string | null>> = {};
  if (typeof value !== 'object' || value === null) return fields;
  for (const field of FIELDS) {
    const column = columns[field];
    if (typeof column === 'string' && Object.hasOwn(value, column)) {
      fields[field] = tidyField((value as Record<string, unknown>)[column]);
    }
  }
  return fields;
}

function tidyField(value: unknown): string | null {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value !== 'string') return null;
  const tidy = value.slice(0, MAX_FIELD_LENGTH).trim().toWellFormed();
  return tidy === '' ? null : tidy;
}

function foldName(name: string): string {
  return name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
}

function isAddress(value: unknown): boolean {
  return typeof value === 'string' && /^\s*https?:\/\/\S/i.test(value);
}
