/**
 * `X-Robots-Tag` and `Robots-Tag` headers and `<meta name=robots>`: rules that travel with one document. Only negative
 * rules are kept, and only ever added: no rule takes another one back (draft-illyes-repext: obey the sum of the negative
 * rules of the own and the global token).
 */

/** The negative rules that mean something to us; everything else (`all`, `nosnippet`, `max-*`, …) is passed over. */
const NEGATIVE_RULES = ['noai', 'noimageai', 'noindex', 'noimageindex', 'none', 'nofollow'] as const;
type RobotsTagRule = (typeof NEGATIVE_RULES)[number];

/** Rules that keep an image out of a dataset. */
const IMAGE_RULES: readonly RobotsTagRule[] = ['noai', 'noimageai', 'noindex', 'noimageindex', 'none'];

/** The draft asks for at least 8 KiB. A longer value cannot be known to hold no rule, so it counts as `none`. */
const MAX_VALUE_LENGTH = 16 * 1024;
const MAX_VALUES = 100;

export interface RobotsTag {
  readonly rules: ReadonlySet<RobotsTagRule>;
  /** The earliest `unavailable_after`, in milliseconds since 1970; null when none was given or could be read. */
  readonly unavailableAfterMs: number | null;
}

/**
 * Reads the values of the header, each as one field line. Never throws.
 *
 * A value is a list of rules; `bot: rule, rule` (or `bot=rule; …`) addresses one bot until the next prefix or `;`.
 * @param productToken our name, compared without regard to case
 */
export function parseRobotsTag(values: readonly string[], productToken: string): RobotsTag {
  const rules = new Set<RobotsTagRule>();
  let unavailableAfterMs: number | null = null;
  if (values.length > MAX_VALUES) rules.add('none');
  for (const value of values.slice(0, MAX_VALUES)) {
    if (value.length > MAX_VALUE_LENGTH) {
      rules.add('none');
      continue;
    }
    for (const part of value.toLowerCase().split(';')) {
      const read = readList(part.split(','), productToken.toLowerCase());
      for (const rule of read.rules) rules.add(rule);
      unavailableAfterMs = earliest(unavailableAfterMs, read.unavailableAfterMs);
    }
  }
  return { rules, unavailableAfterMs };
}

/** Reads `<meta>` elements as [name, content] pairs; those named neither `robots` nor as we are, are passed over. */
export function parseMetaRobots(pairs: readonly (readonly [string, string])[], productToken: string): RobotsTag {
  const token = productToken.toLowerCase();
  const contents = pairs
    .filter(([name]) => ['robots', token].includes(name.trim().toLowerCase()))
    .map(([, content]) => content);
  return parseRobotsTag(contents, productToken);
}

/** The rule that keeps an image out, in words for the evidence, or null when none does. */
export function imageRefusedBy(tag: RobotsTag, nowMs: number): string | null {
  const rule = IMAGE_RULES.find((name) => tag.rules.has(name));
  if (rule !== undefined) return rule;
  if (tag.unavailableAfterMs === null || tag.unavailableAfterMs > nowMs) return null;
  return `unavailable_after ${new Date(tag.unavailableAfterMs).toISOString()}`;
}

/** May the links of the page be followed? */
export function mayFollow(tag: RobotsTag): boolean {
  return !tag.rules.has('nofollow') && !tag.rules.has('none');
}

function readList(
  items: readonly string[],
  token: string,
): { rules: RobotsTagRule[]; unavailableAfterMs: number | null } {
  const rules: RobotsTagRule[] = [];
  let unavailableAfterMs: number | null = null;
  let addressed = true;
  for (let index = 0; index < items.length; index += 1) {
    let item = (items[index] as string).trim();
    let prefix = /^([^:=]*)[:=](.*)$/s.exec(item);
    while (prefix !== null) {
      const name = (prefix[1] as string).trim();
      const rest = (prefix[2] as string).trim();
      if (name === 'unavailable_after') {
        let date = rest;
        // A date may hold a comma after its weekday.
        if (/^[a-z]*$/.test(rest) && index + 1 < items.length && !isRule((items[index + 1] as string).trim())) {
          index += 1;
          date = `${rest}, ${items[index]}`;
        }
        if (addressed) unavailableAfterMs = earliest(unavailableAfterMs, readDate(date));
        item = '';
        break;
      }
      if (name.startsWith('max-')) {
        item = '';
        break;
      }
      if (isRule(name)) {
        item = name;
        break;
      }
      addressed = name === '*' || name === '' || /^[a-z_-]*/.exec(name)?.[0] === token;
      item = rest;
      prefix = /^([^:=]*)[:=](.*)$/s.exec(item);
    }
    if (addressed && isRule(item)) rules.push(item);
  }
  return { rules, unavailableAfterMs };
}

function isRule(text: string): text is RobotsTagRule {
  return (NEGATIVE_RULES as readonly string[]).includes(text);
}

function readDate(text: string): number | null {
  const parsed = Date.parse(text.replace(/^[a-z]+,\s*/, '').replace(/^(\d{1,2})-([a-z]{3})-(\d{2,4})/, '$1 $2 $3'));
  return Number.isNaN(parsed) ? null : parsed;
}

function earliest(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b;
  return Math.min(a, b);
}
