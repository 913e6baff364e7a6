/** What redirects lead to, as the servers of those sites see it: each hop is a request of its own site. */

import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { Arrivals, CLOCK_TOLERANCE_MS, expectGaps } from '../web/arrivals.ts';
import { draw, encode } from '../web/draw.ts';
import { monotonicMs, type SiteServer, send, sendHtml, sendNotFound, startSite } from '../web/site-server.ts';
import type { LoggedRequest } from '../web/types.ts';
import { CommandLine } from './command-line.ts';

const AWAY = 6;
const AT_HOME = 8;

let home: SiteServer;
let away: SiteServer;
const log: LoggedRequest[] = [];
const arrivals = new Arrivals();
let robots = '';
/** How many pictures that were led to are answered with 503 first. */
let busy = 0;
/** When the latest of them was answered. */
let busyAtMs = 0;
let inFlight = 0;
let mostInFlight = 0;

before(async () => {
  const pictures: Buffer[] = [];
  for (let index = 0; index < AWAY + AT_HOME; index++) {
    pictures.push((await encode(draw(900 + index, 240, 200), 'jpeg')).bytes);
  }
  const indexOf = (path: string): number => Number(/\/(\d+)\.jpg$/.exec(path)?.[1] ?? Number.NaN);
  away = await startSite('away', '127.0.4.3', log, () => (_request, response, url) => {
    arrivals.add(url.pathname);
    if (url.pathname === '/robots.txt') return send(response, 200, 'text/plain', robots);
    if (!url.pathname.startsWith('/picture/')) return sendNotFound(response);
    mostInFlight = Math.max(mostInFlight, ++inFlight);
    setTimeout(() => {
      inFlight--;
      if (busy-- > 0) {
        busyAtMs = monotonicMs();
        response.writeHead(503, { 'retry-after': '2', 'content-length': 0 });
        response.end();
      } else send(response, 200, 'image/jpeg', pictures[indexOf(url.pathname)]!);
    }, 40);
  });
  home = await startSite('home', '127.0.4.2', log, () => (_request, response, url) => {
    const index = indexOf(url.pathname);
    if (url.pathname === '/') {
      sendHtml(response, pictures.map((_bytes, number) => `<img src="/picture/${number}.jpg">`).join(''));
    } else if (index < AWAY) {
      response.writeHead(302, { location: away.site.origin + url.pathname, 'content-length': 0 });
      response.end();
    } else if (index < pictures.length) send(response, 200, 'image/jpeg', pictures[index]!);
    else sendNotFound(response);
  });
});

after(async () => {
  await home?.close();
  await away?.close();
  arrivals.stop();
});

beforeEach(() => {
  log.length = 0;
  arrivals.clear();
  robots = '';
  busy = 0;
  inFlight = 0;
  mostInFlight = 0;
});

async function crawl(dataset: string, ...words: string[]) {
  const fresh = await CommandLine.make();
  try {
    const hosts = ['--allow-host', home.site.host, '--allow-host', away.site.host];
    return await fresh.job('crawl', dataset, '--create', '--from', `${home.site.origin}/`, ...hosts, ...words);
  } finally {
    await fresh.remove();
  }
}

function picturesOf(site: string): LoggedRequest[] {
  return log.filter((request) => request.site === site && request.path.startsWith('/picture/'));
}

test('the bound on requests in flight holds for a site that redirects lead to', async () => {
  const job = await crawl('bound', '--delay-ms', '0');
  assert.deepEqual([job.status, job.counts.accepted], ['completed', AWAY + AT_HOME]);
  assert.equal(mostInFlight, 1);
  assert.deepEqual([picturesOf('home').length, picturesOf('away').length], [AWAY + AT_HOME, AWAY], 'each asked once');
});

test('Retry-After of such a site is waited by all that lead to it, and by nobody else', async () => {
  busy = 1;
  const job = await crawl('busy', '--delay-ms', '0');
  assert.deepEqual([job.status, job.counts.accepted, job.counts.failed], ['completed', AWAY + AT_HOME, 0]);
  const [, second] = picturesOf('away');
  assert.ok(second!.atMs - busyAtMs >= 2_000 - CLOCK_TOLERANCE_MS, 'left alone as long as it asked for');
  const meanwhile = picturesOf('home').filter(({ atMs }) => atMs < second!.atMs);
  assert.ok(meanwhile.length >= AWAY + AT_HOME, `${meanwhile.length} were had of the site that is well`);
});

test('its Crawl-delay is kept, and holds nothing else up', async () => {
  robots = 'User-agent: *\nCrawl-delay: 1\n';
  const job = await crawl('slow', '--delay-ms', '0');
  assert.deepEqual([job.status, job.counts.accepted], ['completed', AWAY + AT_HOME]);
  const starts = picturesOf('away').map(({ atMs }) => atMs);
  const pictures = arrivals.all.filter(({ path }) => path.startsWith('/picture/'));
  assert.equal(pictures.length, AWAY);
  expectGaps(pictures, 1_000);
  assert.ok(picturesOf('home').at(-1)!.atMs < starts[2]!, 'what waits takes nobody the place');
});
