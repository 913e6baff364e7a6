/** Stand-ins for the search services of Openverse and Wikimedia Commons, whose results are the gallery's pictures. */

import { send, sendNotFound } from './site-server.ts';
import type { Handler, PictureFact } from './types.ts';

const OPENVERSE_MAX_PAGE_SIZE = 20;
const WIKIMEDIA_MAX_LIMIT = 50;

function sendJson(response: Parameters<typeof send>[0], status: number, body: unknown): void {
  send(response, status, 'application/json', JSON.stringify(body));
}

/** `GET /v1/images/?q=&page=&page_size=`: at most 20 a page without a token, 401 above, 404 past the last page. */
function openverse(pictures: readonly PictureFact[], query: URLSearchParams): { status: number; body: unknown } {
  const page = Number(query.get('page') ?? '1');
  const pageSize = Number(query.get('page_size') ?? '20');
  if (pageSize > OPENVERSE_MAX_PAGE_SIZE) return { status: 401, body: { detail: 'page_size must be between 1 & 20' } };
  const pageCount = Math.ceil(pictures.length / pageSize);
  if (page < 1 || page > Math.max(1, pageCount)) return { status: 404, body: { detail: 'Invalid page.' } };
  const results = pictures.slice((page - 1) * pageSize, page * pageSize).map((picture, index) => {
    const number = (page - 1) * pageSize + index;
    return {
      id: `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`,
      title: `Picture ${number}`,
      indexed_on: '2026-01-01T00:00:00Z',
      foreign_landing_url: `${new URL(picture.url).origin}/page/0`,
      url: picture.url,
      creator: `Creator ${number % 5}`,
      creator_url: `https://example.org/creators/${number % 5}`,
      license: ['by', 'by-sa', 'cc0'][number % 3],
      license_version: number % 3 === 2 ? '1.0' : '4.0',
      license_url: [
        'https://creativecommons.org/licenses/by/4.0/',
        'https://creativecommons.org/licenses/by-sa/4.0/',
        'https://creativecommons.org/publicdomain/zero/1.0/',
      ][number % 3],
      provider: 'local',
      source: 'local',
      category: null,
      filesize: number % 2 === 0 ? picture.sizeBytes : null,
      filetype: picture.format,
      tags: [{ name: query.get('q') ?? '', accuracy: null, unstable__provider: 'local' }],
      attribution: `"Picture ${number}" by Creator ${number % 5}`,
      fields_matched: ['title'],
      mature: false,
      height: number % 2 === 0 ? picture.height : null,
      width: number % 2 === 0 ? picture.width : null,
      thumbnail: picture.url,
      detail_url: `${new URL(picture.url).origin}/detail/${number}`,
      related_url: `${new URL(picture.url).origin}/related/${number}`,
    };
  });
  return {
    status: 200,
    body: { result_count: pictures.length, page_count: pageCount, page_size: pageSize, page, results },
  };
}

/** `GET /w/api.php?action=query&generator=search&gsrsearch=&gsrlimit=&gsroffset=`, continued by `gsroffset`. */
function wikimedia(pictures: readonly PictureFact[], query: URLSearchParams): unknown {
  const limit = Math.min(WIKIMEDIA_MAX_LIMIT, Number(query.get('gsrlimit') ?? '10'));
  const offset = Number(query.get('gsroffset') ?? '0');
  const pages = pictures.slice(offset, offset + limit).map((picture, index) => {
    const number = offset + index;
    const value = (text: string): { value: string; source: string } => ({ value: text, source: 'commons-desc-page' });
    return {
      pageid: 1_000 + number,
      ns: 6,
      title: `File:Picture ${number}.jpg`,
      index: number + 1,
      imageinfo: [
        {
          url: picture.url,
          descriptionurl: `${new URL(picture.url).origin}/page/0`,
          descriptionshorturl: `${new URL(picture.url).origin}/page/0`,
          width: picture.width,
          height: picture.height,
          size: picture.sizeBytes,
          mime: `image/${picture.format}`,
          mediatype: 'BITMAP',
          sha1: picture.sha256.slice(0, 40),
          user: 'Drawer',
          timestamp: '2026-01-01T00:00:00Z',
          extmetadata: {
            LicenseShortName: value('CC BY-SA 4.0'),
            License: value('cc-by-sa-4.0'),
            LicenseUrl: value('https://creativecommons.org/licenses/by-sa/4.0'),
            UsageTerms: value('Creative Commons Attribution-Share Alike 4.0'),
            AttributionRequired: value('true'),
            Artist: value(`<a href="//example.org/wiki/User:Drawer" title="User:Drawer">Drawer &amp; Co</a>`),
            ImageDescription: value(`<p>Picture <b>${number}</b></p>`),
          },
        },
      ],
    };
  });
  if (pages.length === 0) return { batchcomplete: true };
  const next = offset + pages.length;
  return {
    batchcomplete: true,
    ...(next < pictures.length ? { continue: { gsroffset: next, continue: 'gsroffset||' } } : {}),
    query: { pages },
  };
}

/** A query `nothing` finds nothing; every other finds all honest pictures. */
export function apiHandler(pictures: readonly PictureFact[]): Handler {
  const honest = pictures.filter(({ kind }) => kind === 'honest');
  return (_request, response, url) => {
    const query = url.searchParams;
    const asked = query.get('q') ?? query.get('gsrsearch') ?? '';
    const found = asked.split(' ').includes('nothing') ? [] : honest;
    if (url.pathname === '/v1/images/') {
      const { status, body } = openverse(found, query);
      sendJson(response, status, body);
    } else if (url.pathname === '/w/api.php' && query.get('action') === 'query') {
      sendJson(response, 200, wikimedia(found, query));
    } else if (url.pathname === '/robots.txt') {
      send(response, 200, 'text/plain', 'User-agent: *\nAllow: /\n');
    } else {
      sendNotFound(response);
    }
  };
}
