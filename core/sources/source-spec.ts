/** The SOURCE argument: where a crawl starts. */

import { AppError } from '../../shared/errors.ts';

export type SourceSpec =
  | { readonly kind: 'page'; readonly url: string }
  | { readonly kind: 'sitemap'; readonly url: string }
  /** `column` names the column that holds the address; null when it is to be found. */
  | { readonly kind: 'urls'; readonly path: string; readonly column: string | null }
  | { readonly kind: 'folder'; readonly path: string }
  | { readonly kind: 'openverse'; readonly query: string }
  | { readonly kind: 'wikimedia'; readonly query: string };

const FORMS = [
  'https://example.com/gallery (a web page, http or https)',
  'sitemap:https://example.com/sitemap.xml',
  'urls:list.csv or urls:list.csv#column=image_url (txt, csv, tsv, jsonl)',
  'folder:path/to/images',
  'openverse:red panda',
  'wikimedia:red panda or wikimedia:Category:Red pandas',
] as const;

/**
 * Reads one SOURCE argument. Paths stay as written; whoever opens them resolves them. The column of a list follows
 * `#column=` at the end, so that drive letters and other colons of a path are never mistaken for it.
 *
 * @throws AppError `bad-request` that lists the accepted forms
 */
export function parseSourceSpec(argument: string): SourceSpec {
  const text = argument.trim();
  const prefix = /^([a-z]+):/i.exec(text)?.[1]?.toLowerCase();
  const rest = text.slice((prefix?.length ?? 0) + 1).trim();
  switch (prefix) {
    case 'http':
    case 'https':
      return { kind: 'page', url: webAddressOrThrow(text, argument) };
    case 'sitemap':
      return { kind: 'sitemap', url: webAddressOrThrow(rest, argument) };
    case 'urls': {
      const column = /^(.*)#column=([^#]+)$/s.exec(rest);
      const path = column?.[1] ?? rest;
      return { kind: 'urls', path: present(path, 'a file', argument), column: column?.[2] ?? null };
    }
    case 'folder':
      return { kind: 'folder', path: present(rest, 'a folder', argument) };
    case 'openverse':
    case 'wikimedia':
      return { kind: prefix, query: present(rest, 'a search query', argument) };
    default:
      throw badSource(argument, 'a form that is not known');
  }
}

function webAddressOrThrow(text: string, argument: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol) || !/^https?:\/\//i.test(text)) {
    throw badSource(argument, 'no http or https address');
  }
  return url.href;
}

function present(text: string, what: string, argument: string): string {
  if (text === '' || text.includes('\0')) throw badSource(argument, `no name of ${what}`);
  return text;
}

function badSource(argument: string, problem: string): AppError {
  return new AppError(
    'bad-request',
    `Expected a source in one of the forms below, got ${JSON.stringify(argument.slice(0, 200))} (${problem}).\n` +
      FORMS.map((form) => `  ${form}`).join('\n'),
    { details: { argument: argument.slice(0, 200), forms: FORMS } },
  );
}
