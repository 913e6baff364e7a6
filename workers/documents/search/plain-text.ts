/** HTML fragments of search services as one line of text. */

const NAMED_ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  ndash: '–',
  mdash: '—',
  hellip: '…',
  copy: '©',
};
/** Tags that part words. */
const BREAKING_TAGS = new Set([
  'br',
  'p',
  'div',
  'li',
  'ul',
  'ol',
  'tr',
  'td',
  'th',
  'table',
  'dd',
  'dt',
  'h1',
  'h2',
  'h3',
]);
/** Fragments are cut here before anything is looked for in them. */
const MAX_FRAGMENT_LENGTH = 20_000;

/**
 * Removes tags, comments, scripts and styles, resolves the usual entities and collapses white space. The result is for
 * people and exports, never for display as HTML.
 *
 * @param maxLength characters kept, default 500
 * @returns null when nothing is left
 */
export function plainText(html: string, maxLength = 500): string | null {
  const text = withoutTags(html.slice(0, MAX_FRAGMENT_LENGTH))
    .replace(/&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|([a-z]{2,8}));/gi, decodeEntity)
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim();
  if (text === '') return null;
  // Cutting by code points keeps surrogate pairs whole.
  return text.length <= maxLength ? text : Array.from(text).slice(0, maxLength).join('').trim();
}

/** The first link of a fragment, absolute; null when there is none to http or https. */
export function firstLink(html: string, baseUrl: string): string | null {
  const href = /<a\s[^>]{0,2000}?href\s*=\s*(?:"([^"]{1,2000})"|'([^']{1,2000})')/i.exec(html.slice(0, 5_000));
  const target = (href?.[1] ?? href?.[2])?.replaceAll('&amp;', '&');
  if (target === undefined || !URL.canParse(target, baseUrl)) return null;
  return webAddress(new URL(target, baseUrl).href);
}

/** The address itself when it is absolute http or https, else null. */
export function webAddress(address: string | null): string | null {
  if (address === null || !URL.canParse(address)) return null;
  return /^https?:$/.test(new URL(address).protocol) ? address : null;
}

function withoutTags(html: string): string {
  // Not `toLowerCase`, which can change the length.
  const lower = html.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
  let text = '';
  let position = 0;
  while (position < html.length) {
    const open = html.indexOf('<', position);
    if (open === -1) return text + html.slice(position);
    text += html.slice(position, open);
    const tag = /^<(?:!--|[/!?]?([a-z][a-z0-9]*))/.exec(lower.slice(open, open + 16));
    if (tag === null) {
      text += '<';
      position = open + 1;
      continue;
    }
    const name = tag[1];
    const hidden = tag[0] === '<script' || tag[0] === '<style';
    const end = name === undefined ? '-->' : hidden ? `</${name}` : '>';
    const close = lower.indexOf(end, open + 1);
    if (close === -1) return text;
    position = hidden ? close : close + end.length;
    if (name !== undefined && BREAKING_TAGS.has(name)) text += ' ';
  }
  return text;
}

function decodeEntity(whole: string, hex?: string, decimal?: string, name?: string): string {
  if (name !== undefined) return NAMED_ENTITIES[name.toLowerCase()] ?? whole;
  const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
  return code > 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff) ? String.fromCodePoint(code) : ' ';
}
