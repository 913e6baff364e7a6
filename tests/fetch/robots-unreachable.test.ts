/** A site whose robots.txt answers with 5xx is closed (RFC 9309 section 2.3.1.4), asked of a real server by the crawl's own fetcher. */

import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { type ConsentKeeper, createConsentKeeper } from '../../core/consent/consent-keeper.ts';
import type { SiteConsentRecord } from '../../core/consent/site-record.ts';
import { textFetcher } from '../../core/crawl/crawl-job.ts';
import { createAddressGuard } from '../../core/fetch/address-guard.ts';
import { createFetcher, type Fetcher } from '../../core/fetch/fetcher.ts';
import { type SiteServer, send, startSite } from '../web/site-server.ts';
import type { LoggedRequest } from '../web/types.ts';
import { type LocalWeb, startWeb } from '../web/web.ts';

const RETRIES = 3;

let web: LocalWeb;
let changing: SiteServer;
let fetcher: Fetcher;
let stored: Map<string, SiteConsentRecord>;
let nowMs: number;
const log: LoggedRequest[] = [];
let status = 200;

before(async () => {
  web = await startWeb({ sites: ['robots-5xx'] });
  changing = await startSite('changing', '127.0.0.40', log, () => (_request, response, url) => {
    if (url.pathname !== '/robots.txt') send(response, 404, 'text/plain', '');
    else send(response, status, 'text/plain', 'User-agent: *\nDisallow: /closed/\n');
  });
  const guard = createAddressGuard({ allowHosts: [...web.allowHosts, changing.site.host] });
  fetcher = createFetcher({ userAgent: 'pixcrawler-test/1 (+https://example.org/)', guard });
});

beforeEach(() => {
  stored = new Map();
  nowMs = Date.now();
  status = 200;
  log.length = 0;
  web.clearRequests();
});

after(async () => {
  await fetcher?.close();
  await changing?.close();
  await web?.close();
});

/** As a crawl makes it, without gaps between requests and with a clock that the test moves. */
function keeper(): ConsentKeeper {
  const schedule = {
    reserve: (_site: string, at: number) => at,
    reservedAt: (_site: string, startMs: number) => startMs,
    sent: () => undefined,
  };
  return createConsentKeeper({
    fetchText: textFetcher(fetcher, schedule, new AbortController().signal),
    productToken: 'PixCrawler',
    store: { get: (site) => stored.get(site), put: (site, record) => void stored.set(site, record) },
    now: () => nowMs,
    retryDelaysMs: Array.from({ length: RETRIES }, () => 1_000),
  });
}

test('robots.txt answered with 503 closes a site, for now and then for good', async () => {
  const { origin } = web.site('robots-5xx');
  const consent = keeper();
  for (let attempt = 0; attempt < RETRIES; attempt++) {
    const { allowed, failure, reason, retryAtMs } = await consent.check(`${origin}/a.jpg`);
    assert.deepEqual([allowed, reason, failure, retryAtMs], [false, 'robots-unreachable', 'http-503', nowMs + 1_000]);
    // Nobody asks in between.
    await Promise.all([consent.check(`${origin}/a.jpg`), consent.check(`${origin}/`, 'page')]);
    nowMs += 1_000;
  }
  const { allowed, evidence, reason, retryAtMs } = await consent.check(`${origin}/a.jpg`);
  assert.deepEqual([allowed, reason, retryAtMs], [false, 'robots-unreachable', null]);
  assert.match(evidence, /robots\.txt.*503/);
  assert.equal((await consent.check(`${origin}/`, 'page')).allowed, false);
  assert.deepEqual(
    web.requests().map(({ path }) => path),
    Array.from({ length: RETRIES + 1 }, () => '/robots.txt'),
    'nothing else is asked of it',
  );
});

test('a site that was open before is held to its last copy while robots.txt fails', async () => {
  const { origin } = changing.site;
  const consent = keeper();
  assert.equal((await consent.check(`${origin}/a.jpg`)).allowed, true);
  status = 500;
  nowMs += 25 * 3_600_000;
  const verdicts = await Promise.all(
    ['/a.jpg', '/closed/a.jpg'].map(async (path) => (await consent.check(origin + path)).reason),
  );
  assert.deepEqual(verdicts, [null, 'robots-disallowed']);
  assert.equal(log.filter(({ path }) => path === '/robots.txt').length, 2);
  nowMs += 31 * 24 * 3_600_000;
  assert.equal((await consent.check(`${origin}/a.jpg`)).reason, 'robots-unreachable', 'a copy ages');
});

test('a site that cannot be connected to is closed, with what went wrong', async () => {
  const gone = await startSite(
    'gone',
    '127.0.0.41',
    log,
    () => (_request, response) => send(response, 200, 'text/plain', ''),
  );
  await gone.close();
  const guard = createAddressGuard({ allowHosts: [gone.site.host] });
  const own = createFetcher({ userAgent: 'pixcrawler-test/1', guard });
  const schedule = {
    reserve: (_site: string, at: number) => at,
    reservedAt: (_site: string, startMs: number) => startMs,
    sent: () => undefined,
  };
  const consent = createConsentKeeper({
    fetchText: textFetcher(own, schedule, new AbortController().signal),
    productToken: 'PixCrawler',
    store: { get: () => null, put: () => undefined },
    now: () => nowMs,
    retryDelaysMs: [],
  });
  const { allowed, failure, reason, retryAtMs } = await consent.check(`${gone.site.origin}/a.jpg`);
  await own.close();
  assert.deepEqual([allowed, reason, failure, retryAtMs], [false, 'robots-unreachable', 'connection-refused', null]);
});
