/** A site without end: a calendar, nesting paths, session ids, a redirect maze; and 100 honest pictures in fixed places. */

import { send, sendHtml, sendNotFound } from './site-server.ts';
import type { Handler } from './types.ts';

export const TRAP_IMAGES = 100;
const IMAGES_PER_PAGE = 10;

/** Two clicks from `/`: `/album/0` to `/album/9` name ten pictures each. */
export function trapImagePaths(): string[] {
  return Array.from({ length: TRAP_IMAGES }, (_, index) => `/image/${index}.jpg`);
}

const TRAPS =
  '<a href="/calendar/2026/1">calendar</a><a href="/nest/">nest</a><a href="/shop?sid=0">shop</a><a href="/maze/0">maze</a>';

function albumLinks(): string {
  return Array.from(
    { length: TRAP_IMAGES / IMAGES_PER_PAGE },
    (_, index) => `<a href="/album/${index}">album</a>`,
  ).join('');
}

/** @param jpegOf the picture of an index below TRAP_IMAGES */
export function trapHandler(jpegOf: (index: number) => Buffer): Handler {
  return (_request, response, url) => {
    const [first = '', second = '', third = ''] = url.pathname.slice(1).split('/');
    const number = Number.parseInt(second, 10);
    switch (first) {
      case '':
        // The traps come first, so that a crawl which follows them to the end never gets to the albums.
        sendHtml(response, TRAPS + albumLinks());
        return;
      case 'robots.txt':
        send(response, 200, 'text/plain', 'User-agent: *\nDisallow:\n');
        return;
      case 'calendar': {
        const month = Number.parseInt(third, 10) || 1;
        const next = month === 12 ? `/calendar/${number + 1}/1` : `/calendar/${number}/${month + 1}`;
        const days = Array.from(
          { length: 28 },
          (_, day) => `<a href="/calendar/${number}/${month}/${day + 1}">${day + 1}</a>`,
        );
        sendHtml(response, `<a href="${next}">next month</a>${days.join('')}`);
        return;
      }
      case 'nest':
        sendHtml(response, '<a href="deeper/">deeper</a><a href="./again/../deeper/">the same</a>');
        return;
      case 'shop': {
        const session = Number(url.searchParams.get('sid') ?? '0');
        const next = (session * 1_103_515_245 + 12_345) % 2_147_483_648;
        sendHtml(response, `<a href="/shop?sid=${next}">go on</a><a href="/shop?sid=${next}&sort=up">sort</a>`);
        return;
      }
      case 'maze':
        response.writeHead(302, { location: `/maze/${number + 1}`, 'content-length': 0 });
        response.end();
        return;
      case 'album': {
        const from = number * IMAGES_PER_PAGE;
        const images = trapImagePaths().slice(from, from + IMAGES_PER_PAGE);
        sendHtml(response, TRAPS + images.map((path) => `<img src="${path}">`).join(''));
        return;
      }
      case 'image':
        if (number >= 0 && number < TRAP_IMAGES) send(response, 200, 'image/jpeg', jpegOf(number));
        else sendNotFound(response);
        return;
      default:
        sendNotFound(response);
    }
  };
}
