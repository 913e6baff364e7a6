/** Sites that say no, each in its own way. Every one serves a page at `/` that names its pictures. */

import { send, sendHtml, sendNotFound } from './site-server.ts';
import type { Handler, SiteName } from './types.ts';

type ConsentSiteName = Extract<SiteName, 'robots-closed' | 'half-closed' | 'robots-5xx' | 'tagged' | 'tdm' | 'ai-txt'>;

/** Paths of pictures on each site, and whether consent allows them. Pages are allowed unless the site is closed. */
export const CONSENT_PICTURES: Readonly<Record<ConsentSiteName, Readonly<Record<string, boolean>>>> = {
  'robots-closed': { '/a.jpg': false },
  // Its page lies at `/closed/`, which robots.txt closes.
  'half-closed': { '/open/a.jpg': true },
  'robots-5xx': { '/a.jpg': false },
  tagged: {
    '/open.jpg': true,
    '/noai.jpg': false,
    '/noimageai.jpg': false,
    '/noindex.jpg': false,
    '/noimageindex.jpg': false,
    '/none.jpg': false,
    '/own-token.jpg': false,
    '/other-token.jpg': true,
    '/repeated.jpg': false,
    '/upper-case.jpg': false,
  },
  tdm: { '/reserved/a.jpg': false, '/free/a.jpg': true, '/header/a.jpg': false, '/lifted/a.jpg': true },
  'ai-txt': { '/a.jpg': false, '/a.png': true },
};

const TAGS: Readonly<Record<string, string | string[]>> = {
  '/noai.jpg': 'noai',
  '/noimageai.jpg': 'noimageai',
  '/noindex.jpg': 'noindex',
  '/noimageindex.jpg': 'noarchive, noimageindex',
  '/none.jpg': 'none',
  '/own-token.jpg': 'pixcrawler: noindex',
  '/other-token.jpg': 'otherbot: noindex',
  '/repeated.jpg': ['noarchive', 'noai'],
  '/upper-case.jpg': 'NOAI',
};

function page(name: ConsentSiteName): string {
  return Object.keys(CONSENT_PICTURES[name])
    .map((path) => `<img src="${path}" alt="${path}">`)
    .join('\n');
}

/** Answers for one of the sites. */
export function consentHandler(name: ConsentSiteName, jpegOf: (path: string) => Buffer, png: Buffer): Handler {
  return (_request, response, url) => {
    const path = url.pathname;
    if (path === (name === 'half-closed' ? '/closed/' : '/')) {
      sendHtml(response, page(name));
    } else if (path === '/robots.txt') {
      if (name === 'robots-5xx') send(response, 503, 'text/plain', 'down');
      else if (name === 'half-closed') send(response, 200, 'text/plain', 'User-agent: *\nDisallow: /closed/\n');
      else if (name === 'robots-closed') send(response, 200, 'text/plain', 'User-agent: *\nDisallow: /\n');
      else send(response, 200, 'text/plain', 'User-agent: *\nAllow: /\n');
    } else if (name === 'tdm' && path === '/.well-known/tdmrep.json') {
      const rules = [
        { location: '/lifted/', 'tdm-reservation': 1 },
        { location: '/reserved/*', 'tdm-reservation': 1, 'tdm-policy': 'https://example.org/policy.json' },
      ];
      send(response, 200, 'application/json', JSON.stringify(rules));
    } else if (name === 'ai-txt' && path === '/ai.txt') {
      send(response, 200, 'text/plain', 'User-Agent: *\nDisallow: *.jpg\nAllow: *.png\n');
    } else if (path in CONSENT_PICTURES[name]) {
      const tag = TAGS[path];
      const headers: Record<string, string | string[]> = {};
      if (name === 'tagged' && tag !== undefined) headers['x-robots-tag'] = tag;
      if (name === 'tdm' && path.startsWith('/header/')) headers['tdm-reservation'] = '1';
      if (name === 'tdm' && path.startsWith('/lifted/')) headers['tdm-reservation'] = '0';
      if (path.endsWith('.png')) send(response, 200, 'image/png', png, headers);
      else send(response, 200, 'image/jpeg', jpegOf(path), headers);
    } else {
      sendNotFound(response);
    }
  };
}
