/** How search services are asked. What they answer is untrusted, and only workers read it. */

import { AppError } from '../../shared/errors.ts';
import type { SearchServiceId } from '../../workers/documents/search/types.ts';

interface SearchService {
  /** Where the service lives, without a path; settings may name a mirror instead. */
  readonly defaultBaseUrl: string;
  /** Milliseconds between two requests that the service asks for; requests go one at a time. */
  readonly minDelayMs: number;
  /**
   * The address of the first page.
   * @param options.baseUrl scheme, host and any path prefix of the service or a mirror
   * @param options.limit images wanted; a smaller first page is asked for when that is enough
   * @throws AppError `bad-request` when the query is empty or longer than the service takes
   */
  firstRequest(query: string, options: { readonly baseUrl: string; readonly limit?: number }): string;
}

const openverse: SearchService = {
  defaultBaseUrl: 'https://api.openverse.org',
  // 20 requests a minute without a key.
  minDelayMs: 3_000,

  firstRequest(query, { baseUrl, limit }) {
    const url = below(baseUrl, '/v1/images/');
    url.searchParams.set('q', checkedQuery(query, 'Openverse', 200));
    url.searchParams.set('page_size', pageSize(20, limit));
    url.searchParams.set('page', '1');
    return url.href;
  },
};

const wikimedia: SearchService = {
  defaultBaseUrl: 'https://commons.wikimedia.org',
  minDelayMs: 1_000,

  firstRequest(query, { baseUrl, limit }) {
    // CirrusSearch takes 300 characters, of which ` filetype:bitmap` is 16.
    const text = checkedQuery(query, 'Wikimedia Commons', 284);
    const url = below(baseUrl, '/w/api.php');
    // Up to 500 are given; 50 is kind.
    const size = pageSize(50, limit);
    const generator = /^category:/i.test(text)
      ? { generator: 'categorymembers', gcmtitle: text, gcmtype: 'file', gcmlimit: size }
      : { generator: 'search', gsrnamespace: '6', gsrsearch: `${text} filetype:bitmap`, gsrlimit: size };
    const parameters = {
      action: 'query',
      format: 'json',
      formatversion: '2',
      // Seconds of database lag from which on the service rather answers later than now.
      maxlag: '5',
      prop: 'imageinfo',
      iiprop: 'url|size|mime|sha1|user|timestamp|mediatype|extmetadata',
      iiurlwidth: '1280',
      ...generator,
    };
    for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
    return url.href;
  },
};

export const SEARCH_SERVICES: Readonly<Record<SearchServiceId, SearchService>> = { openverse, wikimedia };

function pageSize(most: number, limit: number | undefined): string {
  return String(Math.max(1, Math.min(most, limit ?? most)));
}

function checkedQuery(query: string, service: string, maxLength: number): string {
  const text = query.trim();
  if (text !== '' && text.length <= maxLength) return text;
  const got = text === '' ? 'nothing' : `${text.length} characters`;
  throw new AppError('bad-request', `Expected a query of 1 to ${maxLength} characters for ${service}, got ${got}.`);
}

/** An address below a base that may have a path of its own, with or without a final slash. */
function below(baseUrl: string, path: string): URL {
  return new URL(baseUrl.replace(/\/+$/, '') + path);
}
