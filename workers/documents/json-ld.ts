/** Images named in JSON-LD blocks, after schema.org's ImageObject. */

export interface StructuredImage {
  /** As written, perhaps relative. */
  readonly url: string;
  readonly caption: string | null;
  readonly licence: string | null;
  readonly creator: string | null;
}

/** Limits for one block: values looked at, and images taken. */
const MAX_VALUES = 50_000;
const MAX_IMAGES = 5_000;

/** Properties whose plain strings are addresses of images. */
const IMAGE_PROPERTIES: ReadonlySet<string> = new Set([
  'image',
  'images',
  'photo',
  'photos',
  'primaryImageOfPage',
  'screenshot',
]);
/** Properties whose images are badges, portraits or small copies, not what the page shows. */
const OTHER_PROPERTIES: ReadonlySet<string> = new Set(
  (
    'logo thumbnail thumbnailUrl author creator publisher contributor copyrightHolder provider sourceOrganization ' +
    'brand review reviews comment sponsor isPartOf license'
  ).split(' '),
);

type JsonObject = Readonly<Record<string, unknown>>;

/** The images of one block in their order. Anything that is not JSON gives none. Never throws. */
export function readJsonLd(text: string): StructuredImage[] {
  let root: unknown;
  try {
    root = JSON.parse(unwrap(text));
  } catch {
    return [];
  }
  const images: StructuredImage[] = [];
  const stack: { value: unknown; isImage: boolean }[] = [{ value: root, isImage: false }];
  for (let seen = 0; stack.length > 0 && seen < MAX_VALUES && images.length < MAX_IMAGES; seen++) {
    const { value, isImage } = stack.pop()!;
    if (typeof value === 'string') {
      if (isImage) images.push({ url: unescapeAmpersands(value), caption: null, licence: null, creator: null });
    } else if (Array.isArray(value)) {
      for (let index = Math.min(value.length, MAX_VALUES) - 1; index >= 0; index--) {
        stack.push({ value: value[index], isImage });
      }
    } else if (typeof value === 'object' && value !== null) {
      const node = value as JsonObject;
      if (isImage || isImageObject(node)) {
        const image = readImageObject(node);
        if (image !== null) images.push(image);
      }
      for (const [name, inner] of Object.entries(node).slice(0, MAX_VALUES).reverse()) {
        const named = IMAGE_PROPERTIES.has(name);
        if (OTHER_PROPERTIES.has(name) || (!named && typeof inner !== 'object')) continue;
        stack.push({ value: inner, isImage: named });
      }
    }
  }
  return images;
}

function unwrap(text: string): string {
  const trimmed = text.trim();
  if (trimmed.startsWith('{') || trimmed.startsWith('[')) return trimmed;
  return trimmed
    .replace(/^(?:\/\/|\/\*)?\s{0,9}(?:<!--|<!\[CDATA\[)\s{0,9}(?:\*\/)?/, '')
    .replace(/(?:\/\/|\/\*)?\s{0,9}(?:-->|\]\]>)\s{0,9}(?:\*\/)?$/, '')
    .trim();
}

function isImageObject(node: JsonObject): boolean {
  const types = Array.isArray(node['@type']) ? node['@type'] : [node['@type']];
  return types.some((type) => typeof type === 'string' && /(?:^|[/:])(?:ImageObject|Photograph)$/.test(type));
}

function readImageObject(node: JsonObject): StructuredImage | null {
  const url = [node.contentUrl, node.url, node['@id']].find((value) => typeof value === 'string' && value !== '');
  if (typeof url !== 'string' || url.startsWith('#') || url.startsWith('_:')) return null;
  return {
    url: unescapeAmpersands(url),
    caption: firstText([node.caption, node.name, node.description, node.alternateName], ['name', 'text', '@value']),
    licence: firstText([node.license, node.licence], ['url', '@id', 'name', '@value']),
    creator: firstText(
      [node.creator, node.author, node.copyrightHolder, node.creditText, node.credit],
      ['name', '@value', 'url', '@id'],
    ),
  };
}

/** The first non-empty text among values that may be strings, objects with one of the properties, or lists of these. */
function firstText(values: readonly unknown[], properties: readonly string[]): string | null {
  for (const value of values) {
    const single: unknown = Array.isArray(value) ? value[0] : value;
    if (typeof single === 'string' && single.trim() !== '') return single;
    if (typeof single !== 'object' || single === null) continue;
    for (const property of properties) {
      const inner: unknown = (single as JsonObject)[property];
      if (typeof inner === 'string' && inner.trim() !== '') return inner;
    }
  }
  return null;
}

/** Some templates escape script contents as if they were markup. */
function unescapeAmpersands(url: string): string {
  return url.replaceAll('&amp;', '&');
}
