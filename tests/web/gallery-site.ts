/** An honest site: pictures of every format, named in every way HTML knows, among the usual chaff. */

import { createHash } from 'node:crypto';
import { type Drawing, type DrawnFormat, draw, drawFlat, encode, type Picture } from './draw.ts';
import { send, sendHtml, sendNotFound } from './site-server.ts';
import type { Handler, LocalSite, PictureFact, PictureKind } from './types.ts';

/** Mostly JPEG, as on the web; every format once in fourteen. */
const FORMATS = 'jpeg jpeg png jpeg webp jpeg gif jpeg jpeg bmp jpeg tiff jpeg avif'.split(' ') as DrawnFormat[];

const EXTENSIONS: Readonly<Record<string, string>> = { jpeg: 'jpg', tiff: 'tif' };
const PIXEL = 'data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7';
const SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="300" height="300"><circle cx="150" cy="150" r="90"/></svg>';

interface Served {
  readonly path: string;
  readonly kind: PictureKind;
  readonly ofPath: string | null;
  readonly bytes: Buffer;
  readonly contentType: string;
  readonly format: string;
  readonly width: number;
  readonly height: number;
}

export interface Gallery {
  readonly pictures: readonly Served[];
  readonly pageCount: number;
  /** Reduced candidates of srcset that a good crawler leaves alone. */
  readonly reduced: ReadonlyMap<string, Picture>;
}

function serve(path: string, kind: PictureKind, ofPath: string | null, picture: Picture): Served {
  return { path, kind, ofPath, ...picture };
}

function cut(served: Served): Served {
  return { ...served, bytes: served.bytes.subarray(0, Math.floor(served.bytes.length * 0.6)) };
}

function text(path: string, kind: PictureKind, contentType: string, format: string, body: string): Served {
  return { path, kind, ofPath: null, bytes: Buffer.from(body), contentType, format, width: 0, height: 0 };
}

/** Draws everything the gallery serves; takes about 15 ms a picture. */
export async function drawGallery(seed: number, imageCount: number, pageCount: number): Promise<Gallery> {
  const drawings: Drawing[] = [];
  const pictures: Served[] = [];
  const reduced = new Map<string, Picture>();
  for (let index = 0; index < imageCount; index++) {
    const drawing = draw(seed * 1_000_003 + index, 320 + (index % 5) * 32, 240 + (index % 3) * 40);
    const format = FORMATS[index % FORMATS.length]!;
    const path = `/pictures/${String(index).padStart(4, '0')}.${EXTENSIONS[format] ?? format}`;
    drawings.push(drawing);
    pictures.push(serve(path, 'honest', null, await encode(drawing, format)));
    if (mentionOf(index) === 1) reduced.set(`/reduced/${index}.jpg`, await encode(drawing, 'jpeg', { scale: 0.5 }));
  }
  for (const [number, index] of [0, 1, 3].entries()) {
    const original = pictures[index];
    const drawing = drawings[index];
    if (original === undefined || drawing === undefined || original.kind !== 'honest') continue;
    pictures.push({ ...original, path: `/copies/${number}.jpg`, kind: 'exact-duplicate', ofPath: original.path });
    const smaller = await encode(drawing, 'jpeg', { scale: 0.8, quality: 75 });
    pictures.push(serve(`/again/${number}.jpg`, 'near-duplicate', original.path, smaller));
  }
  const extra = (offset: number): Drawing => draw(seed * 1_000_003 + 900_000 + offset, 400, 300);
  const small = draw(seed * 1_000_003 + 910_000, 64, 48);
  pictures.push(
    serve('/chaff/icon.png', 'too-small', null, await encode(small, 'png')),
    serve('/chaff/banner.jpg', 'flat', null, await encode(drawFlat(300, 240, 200), 'jpeg')),
    cut(serve('/chaff/cut.jpg', 'damaged', null, await encode(extra(1), 'jpeg'))),
    cut(serve('/chaff/cut.png', 'damaged', null, await encode(extra(2), 'png'))),
    text('/chaff/error.jpg', 'not-an-image', 'image/jpeg', 'unknown', '<html><body>Not here.</body></html>'),
    text('/chaff/logo.svg', 'svg', 'image/svg+xml', 'svg', SVG),
    serve('/private/own.jpg', 'robots-disallowed', null, await encode(extra(3), 'jpeg')),
  );
  return { pictures, pageCount: Math.max(1, pageCount), reduced };
}

export function galleryFacts(gallery: Gallery, site: LocalSite): PictureFact[] {
  return gallery.pictures.map(({ path, kind, ofPath, format, width, height, bytes }) => ({
    url: site.origin + path,
    path,
    kind,
    of: ofPath === null ? null : site.origin + ofPath,
    format,
    width,
    height,
    sizeBytes: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
  }));
}

/** Eight ways to name a picture, by turns, so that a page of any gallery has several of them. */
function mentionOf(index: number): number {
  return (index + Math.floor(index / 8)) % 8;
}

function mention(picture: Served, index: number, site: LocalSite): string {
  const { path, kind, width } = picture;
  const caption = `Picture ${index}`;
  if (kind !== 'honest') return `<img src="${path}" alt="${kind}">`;
  switch (mentionOf(index)) {
    case 1:
      return `<img srcset="/reduced/${index}.jpg ${Math.round(width / 2)}w, ${path} ${width}w" alt="${caption}">`;
    case 2:
      return `<picture><source srcset="${path} 2x" type="${picture.contentType}"><img src="${path}" alt="${caption}"></picture>`;
    case 3:
      return `<img src="${PIXEL}" data-src="${path}" class="lazy" alt="${caption}">`;
    case 4:
      return `<a href="${path}">${caption}</a>`;
    case 5:
      return `<meta property="og:image" content="${site.origin}${path}">`;
    case 6:
      return `<script type="application/ld+json">${JSON.stringify({
        '@context': 'https://schema.org',
        '@type': 'ImageObject',
        contentUrl: site.origin + path,
        license: 'https://creativecommons.org/licenses/by/4.0/',
        creator: { '@type': 'Person', name: 'A. Drawer' },
        caption,
      })}</script>`;
    default:
      return `<figure><img src="${path}#top" alt="${caption}"><figcaption>${caption}</figcaption></figure>`;
  }
}

function page(gallery: Gallery, site: LocalSite, number: number): string {
  const parts: string[] = [];
  // One page names its pictures relative to a base.
  if (number === 1) parts.push('<base href="/pictures/">');
  gallery.pictures.forEach((picture, index) => {
    if (index % gallery.pageCount !== number) return;
    const based = number === 1 && picture.path.startsWith('/pictures/') && ![5, 6].includes(mentionOf(index));
    parts.push(mention(based ? { ...picture, path: picture.path.slice('/pictures/'.length) } : picture, index, site));
  });
  const next = (number + 1) % gallery.pageCount;
  parts.push(`<a href="/page/${next}?utm_source=next#top">next</a> <a href="/">start</a>`);
  return parts.join('\n');
}

function indexPage(gallery: Gallery): string {
  const links = Array.from(
    { length: gallery.pageCount },
    (_, number) => `<a href="/page/${number}">page ${number}</a>`,
  );
  return `<h1>Gallery</h1>${links.join('\n')}<a href="/private/">private</a><a href="mailto:a@example.org">write</a>`;
}

function sitemap(gallery: Gallery, site: LocalSite): string {
  const pages = Array.from({ length: gallery.pageCount }, (_, number) => {
    const images = gallery.pictures
      .filter((_picture, index) => index % gallery.pageCount === number)
      .map(({ path }) => `<image:image><image:loc>${site.origin}${path}</image:loc></image:image>`);
    return `<url><loc>${site.origin}/page/${number}</loc>${images.join('')}</url>`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">${pages.join('\n')}</urlset>`;
}

/** `/`, `/page/N`, `/sitemap.xml`, `/robots.txt`, the pictures, `/urls.txt` and `/urls.csv` (lists of the honest ones). */
export function galleryHandler(gallery: Gallery, site: LocalSite): Handler {
  const byPath = new Map(gallery.pictures.map((picture) => [picture.path, picture]));
  const honest = gallery.pictures.filter(({ kind }) => kind === 'honest');
  return (_request, response, url) => {
    const path = url.pathname;
    const picture = byPath.get(path) ?? gallery.reduced.get(path);
    const pageNumber = /^\/page\/(\d+)$/.exec(path)?.[1];
    if (picture !== undefined) {
      send(response, 200, picture.contentType, picture.bytes, { etag: `"${picture.bytes.length}"` });
    } else if (path === '/') {
      sendHtml(response, indexPage(gallery));
    } else if (pageNumber !== undefined && Number(pageNumber) < gallery.pageCount) {
      sendHtml(response, page(gallery, site, Number(pageNumber)));
    } else if (path === '/robots.txt') {
      const robots = `User-agent: *\nDisallow: /private/\n\nSitemap: ${site.origin}/sitemap.xml\n`;
      send(response, 200, 'text/plain', robots);
    } else if (path === '/sitemap.xml') {
      send(response, 200, 'application/xml', sitemap(gallery, site));
    } else if (path === '/private/') {
      sendHtml(response, '<img src="/private/own.jpg">');
    } else if (path === '/urls.txt') {
      send(response, 200, 'text/plain', honest.map((each) => site.origin + each.path).join('\n'));
    } else if (path === '/urls.csv') {
      const rows = honest.map((each, index) => `${index},${site.origin}${each.path},"Picture ${index}"`);
      send(response, 200, 'text/csv', ['id,url,caption', ...rows].join('\n'));
    } else {
      sendNotFound(response);
    }
  };
}
